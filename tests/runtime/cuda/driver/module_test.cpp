// Modules and launches: what is passed on, and what errors say.
#include "runtime/cuda/driver/module.h"

#include <optional>
#include <vector>

#include "runtime/cuda/driver/memory.h"
#include "runtime/cuda/fake.h"

namespace papilio::test {
namespace {

using namespace runtime::cuda;

class CudaModule : public OnFakeCuda {};

TEST_F(CudaModule, RunsAKernelWithItsArguments) {
  const Kernel fill = Module(*device, "FAKE fill scale").kernel("fill");
  const Stream stream(*device);
  const DeviceBuffer x(*device, 8 * sizeof(float));
  clear(x.data(), x.size(), stream);
  fill.launch({2, 3, 1}, {32}, 100, stream, arguments(x.data(), 5, 2.5F));
  std::vector<float> values(8);
  copy_to_host(values.data(), x.data(), x.size(), stream);
  EXPECT_EQ(values, (std::vector<float>{2.5F, 2.5F, 2.5F, 2.5F, 2.5F, 0, 0, 0}));
  ASSERT_EQ(fake().launches.size(), 1U);
  const FakeLaunch& launch = fake().launches[0];
  EXPECT_EQ(launch.kernel, "fill");
  EXPECT_EQ(launch.grid, (std::array<unsigned, 3>{2, 3, 1}));
  EXPECT_EQ(launch.block, (std::array<unsigned, 3>{32, 1, 1}));
  EXPECT_EQ(launch.shared_bytes, 100U);
  EXPECT_EQ(launch.stream, stream.handle().raw);
}

TEST_F(CudaModule, ComesUpBesideTheKernelBeforeItWhereItMay) {
  const Kernel fill = Module(*device, "FAKE fill").kernel("fill");
  const Stream stream(*device);
  const DeviceBuffer x(*device, 8 * sizeof(float));
  for (const Start start : {Start::after, Start::beside}) {
    fill.launch({1}, {32}, 0, stream, arguments(x.data(), 5, 2.5F), start);
    EXPECT_EQ(fake().launches.back().beside, start == Start::beside);
  }
}

TEST_F(CudaModule, KnowsWhatTheCompilerMade) {
  const Module module(*device, "FAKE scale");
  const Kernel scale = module.kernel("scale");
  EXPECT_EQ(scale.name(), "scale");
  EXPECT_EQ(scale.facts().registers, 40);
  EXPECT_EQ(scale.facts().local_bytes, 16);
  EXPECT_EQ(scale.facts().static_shared, 1024);
  EXPECT_EQ(scale.facts().max_threads, 1024);
  EXPECT_EQ(scale.occupancy(256, 0), 8);
  EXPECT_EQ(scale.occupancy(256, 100 * 1024), 2);
}

TEST_F(CudaModule, SharedMemoryMayBeAllThatTheDeviceHas) {
  const Kernel scale = Module(*device, "FAKE scale").kernel("scale");
  const auto most = static_cast<std::size_t>(kFakeSharedPerBlock - scale.facts().static_shared);
  scale.launch({1}, {32}, most, {device, nullptr}, {});
  expect_words(message_of<DeviceError>([&] {
                 scale.launch({4, 5, 6}, {32, 2}, most + 1, {device, nullptr}, {});
               }),
               {"cuLaunchKernelEx", "CUDA_ERROR_INVALID_VALUE", "kernel scale", "grid 4 x 5 x 6",
                "block 32 x 2 x 1", "231425 dynamic", "1024 static", "40 registers", "Fake GPU 0"});
}

TEST_F(CudaModule, StaysLoadedAsLongAsItsKernels) {
  std::optional<Kernel> kernel;
  {
    const Module module(*device, "FAKE scale");
    kernel = module.kernel("scale");
  }
  EXPECT_EQ(fake().live_modules, 1);
  kernel->launch({1}, {32}, 0, {device, nullptr}, {});
  kernel.reset();
  EXPECT_EQ(fake().live_modules, 0);
}

TEST_F(CudaModule, WhatIsNotThere) {
  const Module module(*device, "FAKE scale");
  expect_words(message_of<InternalError>([&] { module.kernel("scael"); }), {"scael"});
  expect_words(message_of<DeviceError>([&] { Module(*device, "no code"); }),
               {"cuModuleLoadData", "error 200", "7 bytes", "Fake GPU 0"});
}

}  // namespace
}  // namespace papilio::test
