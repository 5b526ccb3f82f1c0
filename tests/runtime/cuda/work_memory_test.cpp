// Work memory of runs on device memory: whose it is, and what is refused.
#include "runtime/cuda/work_memory.h"

#include <optional>

#include "runtime/cuda/driver/graph.h"
#include "runtime/cuda/fake.h"

namespace papilio::test {
namespace {

using namespace runtime::cuda;  // NOLINT
using runtime::RunOptions;

class CudaWorkMemory : public OnFakeCuda {
 protected:
  void SetUp() override {
    OnFakeCuda::SetUp();
    memory.emplace(*device);
    first.emplace(*device);
    second.emplace(*device);
  }
  void TearDown() override {
    memory.reset();
    first.reset();
    second.reset();
    OnFakeCuda::TearDown();
  }
  static RunOptions in(const Stream& stream) {
    RunOptions options;
    options.stream = stream.handle().raw;
    return options;
  }

  std::optional<WorkMemory> memory;
  std::optional<Stream> first, second;
};

TEST_F(CudaWorkMemory, EachStreamHasABlockOfItsOwn) {
  const CUdeviceptr block = memory->of(in(*first), 1000);
  const CUdeviceptr other = memory->of(in(*second), 1000);
  EXPECT_TRUE(other >= block + 1000 || block >= other + 1000);
  EXPECT_EQ(memory->of(in(*first), 400), block);
  EXPECT_EQ(fake().calls["cuMemAlloc"], 2);
  memory->of(in(*first), 100'000);
  EXPECT_EQ(memory->of(in(*second), 1000), other);
}

TEST_F(CudaWorkMemory, WhatIsGivenIsUsed) {
  const DeviceBuffer given(*device, 1016);
  RunOptions options = in(*first);
  options.work = reinterpret_cast<void*>(given.data());
  options.work_bytes = 1000;
  EXPECT_EQ(memory->of(options, 1000), given.data());
  EXPECT_EQ(fake().calls["cuMemAlloc"], 1);
  expect_words(message_of<UserError>([&] { memory->of(options, 1001); }),
               {"1001 bytes of work memory", "1000 were given"});
  options.work = reinterpret_cast<void*>(given.data() + 8);
  expect_words(message_of<UserError>([&] { memory->of(options, 1000); }),
               {"work memory begins at a multiple of 16 bytes"});
}

/// One handle, in every thread another stream: no block of ours is that of all of them.
TEST_F(CudaWorkMemory, ThePerThreadStreamGetsNone) {
  RunOptions options;
  options.stream = CU_STREAM_PER_THREAD;
  EXPECT_EQ(memory->of(options, 0), 0U);
  expect_words(message_of<UserError>([&] { memory->of(options, 1000); }),
               {"per-thread default stream", "1000 bytes of work memory", "GpuRun::work",
                "a stream of your own"});
  const DeviceBuffer given(*device, 1000);
  options.work = reinterpret_cast<void*>(given.data());
  options.work_bytes = 1000;
  EXPECT_EQ(memory->of(options, 1000), given.data());
}

TEST_F(CudaWorkMemory, AGraphDoesNotKeepOurs) {
  memory->of(in(*first), 1000);
  const CapturedWork captured(*first, [&] {
    expect_words(message_of<UserError>([&] { memory->of(in(*first), 1000); }),
                 {"captured", "1000 bytes of work memory", "GpuRun::work", "Plan::work_bytes"});
    EXPECT_EQ(memory->of(in(*first), 0), 0U);
    EXPECT_NO_THROW(memory->of(in(*second), 0));
  });
}

}  // namespace
}  // namespace papilio::test
