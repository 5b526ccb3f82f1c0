/// What tests on a GPU, or on the emulator, begin with.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "runtime/cuda/driver/driver.h"
#include "runtime/cuda/driver/memory.h"
#include "runtime/cuda/driver/nvrtc.h"
#include "runtime/support.h"
#include "spectral/welch.h"

namespace papilio::runtime::testing {

/// Skips where there is neither.
class OnGpu : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string why;
    if (!cuda::cuda_available(&why) || !cuda::nvrtc_available(&why)) GTEST_SKIP() << why;
  }
};

/// A copy of a host view in device memory.
class OnDevice {
 public:
  explicit OnDevice(const base::TensorView& host)
      : bytes_(static_cast<std::size_t>(host.count()) * size_of(host.dtype)),
        memory_(cuda::Device::get(), bytes_),
        view_(host) {
    view_.data = reinterpret_cast<void*>(memory_.data());
    view_.device = base::DeviceKind::cuda;
    const cuda::Stream stream(cuda::Device::get());
    cuda::copy_to_device(memory_.data(), host.data, bytes_, stream);
    stream.synchronize();
  }
  const base::TensorView& view() const { return view_; }
  void fetch(void* to, cuda::StreamHandle stream) const {
    cuda::copy_to_host(to, memory_.data(), bytes_, stream);
    stream.synchronize();
  }

 private:
  std::size_t bytes_;
  cuda::DeviceBuffer memory_;
  base::TensorView view_;
};

/// PSDs of segments of `nperseg`, rows of `samples`.
inline ir::Graph psd_graph(std::int64_t nperseg, std::int64_t samples) {
  WelchOptions options;
  options.nperseg = nperseg;
  return spectral::build_welch(spectral::fit_welch(options, samples), false, DType::f32);
}

inline std::vector<float> noise(std::int64_t count) {
  const std::vector<double> values = signal(1, count, 3);
  return {values.begin(), values.end()};
}

}  // namespace papilio::runtime::testing
