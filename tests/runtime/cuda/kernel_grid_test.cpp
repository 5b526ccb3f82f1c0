// Every kernel compiled for every chip with NVRTC alone, no GPU needed; without NVRTC it fails. Run
// by
// `./check --only kernels`, which brings NVRTC, and not by ctest.
#include "kernel_grid.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <string>

#include "base/threads.h"
#include "papilio/error.h"
#include "runtime/cuda/driver/kernel_cache.h"

namespace papilio::test {
namespace {

using namespace runtime::cuda;

constexpr std::array kChips{80, 90, 100};

struct Compiled {
  std::string name;
  int chip = 0;
  std::string cubin;
  std::string resources;  // as the assembler tells them
  std::string failure;
  double seconds = 0.0;
};

// "Used 40 registers, 16 bytes spill stores" out of the assembler's log.
std::string resources_of(const std::string& log) {
  static const std::regex kFacts("(Used [0-9]+ registers|[0-9]+ bytes spill (stores|loads))");
  std::string text;
  for (std::sregex_iterator at(log.begin(), log.end(), kFacts), end; at != end; ++at) {
    text += (text.empty() ? "" : ", ") + at->str();
  }
  return text;
}

Compiled compile(KernelText text, int chip) {
  const auto begin = std::chrono::steady_clock::now();
  Compiled result{text.name, chip, {}, {}, {}, 0.0};
  text.options.emplace_back("--ptxas-options=-v");
  std::string log;
  try {
    result.cubin = compile_cubin(text, chip, &log);
  } catch (const Error& error) {
    result.failure = error.what();
  }
  result.resources = resources_of(log);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return result;
}

TEST(KernelGrid, CompilesForEveryChip) {
  const auto begin = std::chrono::steady_clock::now();
  std::array<std::vector<KernelText>, kChips.size()> texts;
  for (std::size_t chip = 0; chip < kChips.size(); ++chip) texts[chip] = kernel_grid(kChips[chip]);
  std::vector<Compiled> results(texts[0].size() * kChips.size());
  const base::ThreadPool pool(0);
  pool.split(static_cast<std::int64_t>(results.size()), 1,
             [&](int, std::int64_t i, std::int64_t end) {
               for (; i < end; ++i) {
                 const auto index = static_cast<std::size_t>(i);
                 // Chips next to each other: the parts of the split get all kernels alike.
                 const std::size_t chip = index % kChips.size();
                 results[index] = compile(texts[chip][index / kChips.size()], kChips[chip]);
               }
             });
  for (const Compiled& result : results) {
    std::printf("%-40s sm_%d %6zu bytes %5.2f s  %s\n", result.name.c_str(), result.chip,
                result.cubin.size(), result.seconds, result.resources.c_str());
    EXPECT_EQ(result.failure, "");
    EXPECT_TRUE(
        result.cubin.starts_with("\x7f"
                                 "ELF"))
        << result.name;
    EXPECT_NE(result.resources, "") << result.name;
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  std::printf("%zu kernels for %zu chips with NVRTC %s on %d threads: %.1f s\n", texts[0].size(),
              kChips.size(), nvrtc_version().c_str(), pool.size(), seconds.count());
}

template <typename E>
std::string message_of(const KernelText& text, int chip) {
  try {
    compile_cubin(text, chip);
  } catch (const E& error) {
    return error.what();
  }
  ADD_FAILURE() << "it compiled";
  return {};
}

TEST(Nvrtc, AWrongTextIsOurDefectWithTheCompilersLog) {
  const KernelText wrong{
      "broken", "extern \"C\" __global__ void broken() {\n  y = 1;\n}\n", {}, {}};
  testing::internal::CaptureStderr();
  const std::string message = message_of<InternalError>(wrong, 90);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  for (const char* words : {"kernel broken", "sm_90", "broken.cu(2)", "\"y\" is undefined"}) {
    EXPECT_NE(message.find(words), std::string::npos) << message;
  }
  setenv("PAPILIO_TRACE", "passes,cuda", 1);
  testing::internal::CaptureStderr();
  message_of<InternalError>(wrong, 90);
  unsetenv("PAPILIO_TRACE");
  EXPECT_NE(testing::internal::GetCapturedStderr().find("2\t  y = 1;\n"), std::string::npos);
}

TEST(Nvrtc, AWrongOptionIsOurDefect) {
  KernelText text = kernel_grid().front();
  text.options.emplace_back("--no-such-option");
  EXPECT_NE(message_of<InternalError>(text, 90).find("no-such-option"), std::string::npos);
}

TEST(Nvrtc, AChipThatItDoesNotKnowIsTheMachines) {
  const std::string message = message_of<DeviceError>(kernel_grid().front(), 35);
  for (const char* words : {"sm_35", "80", "90", "100", "PAPILIO_NVRTC"}) {
    EXPECT_NE(message.find(words), std::string::npos) << message;
  }
}

TEST(Nvrtc, CompilesOnceForTheCache) {
  namespace fs = std::filesystem;
  const fs::path folder =
      fs::temp_directory_path() / ("papilio-kernels-" + std::to_string(getpid()));
  const KernelCache cache(folder.string());
  const KernelText text = kernel_grid().front();
  DeviceFacts device;
  device.compute_capability = 90;
  const std::string cubin = cached_cubin(text, device, cache);
  const std::string key = kernel_key(text, device, nvrtc_version());
  EXPECT_EQ(cache.find(key), cubin);
  cache.store(key, "kept");
  EXPECT_EQ(cached_cubin(text, device, cache), "kept");
  std::ofstream(folder / (key + ".cubin")) << "damaged";
  EXPECT_EQ(cached_cubin(text, device, cache), cubin);
  EXPECT_EQ(cache.find(key), cubin);
  fs::remove_all(folder);
}

}  // namespace
}  // namespace papilio::test
