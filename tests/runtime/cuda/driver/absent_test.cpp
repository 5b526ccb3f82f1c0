// What is said where the driver, the devices or the compiler are missing. The driver is loaded once
// per process, so each case runs in a process of its own.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

#include "papilio/error.h"
#include "runtime/compile.h"
#include "runtime/cuda/driver/cufft.h"
#include "runtime/cuda/driver/driver.h"
#include "spectral/transform.h"

namespace papilio::test {
namespace {

using Environment = std::map<std::string, std::string>;

const Environment kNoDriver{{"PAPILIO_CUDA_DRIVER", "/nonexistent/libcuda.so"}};
const Environment kNotADriver{{"PAPILIO_CUDA_DRIVER", "libm.so.6"}};
const Environment kNoDevice{{"PAPILIO_CUDA_DRIVER", PAPILIO_FAKE_CUDA}, {"FAKE_CUDA_DEVICES", "0"}};
const Environment kOneDevice{{"PAPILIO_CUDA_DRIVER", PAPILIO_FAKE_CUDA},
                             {"FAKE_CUDA_DEVICES", "1"},
                             {"PAPILIO_NVRTC", "/nonexistent/libnvrtc.so"},
                             {"PAPILIO_CUFFT", "/nonexistent/libcufft.so"}};

void compile_for(const std::string& device) {
  runtime::compile(spectral::build_fft({.real = true}, 16, DType::f32), {device, std::nullopt});
}

// Ends the process with the DeviceError's message on stderr, or 1 without one.
[[noreturn]] void say(const Environment& environment, void (*action)()) {
  for (const auto& [name, value] : environment) setenv(name.c_str(), value.c_str(), 1);
  try {
    action();
  } catch (const DeviceError& error) {
    std::fputs(error.what(), stderr);
    std::exit(0);
  }
  std::exit(1);
}

void expect_says(const Environment& environment, void (*action)(), const char* words) {
  EXPECT_EXIT(say(environment, action), testing::ExitedWithCode(0), words);
}

TEST(CudaAbsent, NoDriver) {
  constexpr const char* kWords =
      "^\\[device\\] there is no CUDA driver here .*/nonexistent/libcuda.so.*; install NVIDIA's "
      "driver, or use --device cpu$";
  expect_says(
      kNoDriver, [] { compile_for("cuda"); }, kWords);
  expect_says(
      kNoDriver, [] { compile_for("cuda:9"); }, kWords);
  expect_says(
      kNoDriver, [] { runtime::cuda::driver(); }, kWords);
}

TEST(CudaAbsent, ALibraryThatIsNoDriver) {
  expect_says(
      kNotADriver, [] { compile_for("cuda"); }, "libm.so.6 has no cuInit; install NVIDIA");
}

TEST(CudaAbsent, NoDevice) {
  expect_says(
      kNoDevice, [] { compile_for("cuda"); },
      "finds no device to use: CUDA_ERROR_NO_DEVICE; see nvidia-smi .* --device cpu$");
}

TEST(CudaAbsent, NotThatDevice) {
  expect_says(
      kOneDevice, [] { compile_for("cuda:9"); },
      "there is no cuda:9; this machine has 1 device, cuda:0$");
}

TEST(CudaAbsent, NoCompiler) {
  expect_says(
      kOneDevice, [] { compile_for("cuda:0"); },
      "^\\[device\\] there is no NVRTC here .*/nonexistent/libnvrtc.so.*nvidia-cuda-nvrtc.*"
      "PAPILIO_NVRTC.*--device cpu$");
}

TEST(CudaAbsent, NoCufft) {
  expect_says(
      kOneDevice, [] { runtime::cuda::cufft_version(); },
      "^\\[device\\] there is no cuFFT here .*/nonexistent/libcufft.so.*PAPILIO_CUFFT");
}

TEST(CudaAbsent, IsNoErrorForWhoAsksFirst) {
  EXPECT_EXIT(
      {
        setenv("PAPILIO_CUDA_DRIVER", "/nonexistent/libcuda.so", 1);
        std::string why;
        const bool available = runtime::cuda::cuda_available(&why);
        std::fputs(why.c_str(), stderr);
        std::exit(available ? 1 : 0);
      },
      testing::ExitedWithCode(0), "no CUDA driver");
}

TEST(CudaAbsent, UnknownNamesAreTheUsersMistake) {
  try {
    compile_for("cuda:x");
    FAIL();
  } catch (const UserError& error) {
    EXPECT_NE(std::string(error.what()).find("cuda:x"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace papilio::test
