// Buffers, copies, streams and events, on the fake driver, which refuses calls without a context.
#include "runtime/cuda/driver/memory.h"

#include <numeric>
#include <vector>

#include "runtime/cuda/driver/driver.h"
#include "runtime/cuda/fake.h"

namespace papilio::test {
namespace {

using namespace runtime::cuda;

class CudaMemory : public OnFakeCuda {};

TEST_F(CudaMemory, GoesToTheDeviceAndBack) {
  std::vector<int> sent(1000);
  std::iota(sent.begin(), sent.end(), 7);
  const std::size_t bytes = sent.size() * sizeof(int);
  const Stream stream(*device);
  const DeviceBuffer first(*device, bytes);
  const DeviceBuffer second(*device, bytes);
  PinnedBuffer received(*device, bytes);
  clear(second.data(), bytes, stream);
  copy_to_device(first.data(), sent.data(), bytes, stream);
  copy_on_device(second.data(), first.data(), bytes / 2, stream);
  copy_to_host(received.data(), second.data(), bytes, stream);
  stream.synchronize();
  const auto* values = reinterpret_cast<const int*>(received.data());
  EXPECT_EQ(values[499], sent[499]);
  EXPECT_EQ(values[500], 0);
  EXPECT_EQ(fake().bytes_to_device, bytes);
  EXPECT_EQ(fake().bytes_to_host, bytes);
}

TEST_F(CudaMemory, GrowsAndNeverShrinks) {
  DeviceBuffer buffer(*device);
  EXPECT_EQ(buffer.size(), 0U);
  EXPECT_EQ(fake().calls["cuMemAlloc"], 0);
  buffer.reserve(100);
  buffer.reserve(50);
  EXPECT_EQ(buffer.size(), 100U);
  EXPECT_EQ(fake().calls["cuMemAlloc"], 1);
  buffer.reserve(101);
  EXPECT_EQ(buffer.size(), 101U);
  EXPECT_EQ(fake().live_blocks, 1);
}

TEST_F(CudaMemory, GrowsWhereOldAndNewWouldNotFitTogether) {
  DeviceBuffer buffer(*device, kFakeMemory / 2);
  buffer.reserve(kFakeMemory);
  EXPECT_EQ(buffer.size(), kFakeMemory);
}

/// A fault of a kernel stays with the context: it shows up wherever the device is asked next.
TEST_F(CudaMemory, GrowingTellsWhatHasFailedBefore) {
  DeviceBuffer buffer(*device, 10);
  PinnedBuffer pinned(*device, 10);
  const CUdeviceptr lost = buffer.data();
  fake().failure = 700;
  fake().failing_call = "cuMemFree";
  expect_words(message_of<DeviceError>([&] { buffer.reserve(20); }),
               {"cuMemFree", "700", "cuda:0"});
  EXPECT_EQ(buffer.size(), 0U);
  fake().failing_call = "cuMemFreeHost";
  std::byte* const lost_host = pinned.data();
  expect_words(message_of<DeviceError>([&] { pinned.reserve(20); }), {"cuMemFreeHost", "700"});
  fake().failing_call = "";
  EXPECT_NO_THROW(buffer.reserve(20));
  EXPECT_NO_THROW(pinned.reserve(20));
  const UseContext use(*device);
  driver().cuMemFree(lost);
  driver().cuMemFreeHost(lost_host);
}

TEST_F(CudaMemory, MovesWithItsOwner) {
  DeviceBuffer first(*device, 10);
  const CUdeviceptr data = first.data();
  DeviceBuffer second(std::move(first));
  EXPECT_EQ(second.data(), data);
  DeviceBuffer third(*device, 20);
  third = std::move(second);
  EXPECT_EQ(third.data(), data);
  PinnedBuffer pinned(*device, 10);
  const PinnedBuffer other(std::move(pinned));
  EXPECT_NE(other.data(), nullptr);
}

TEST_F(CudaMemory, TooLittleSaysHowMuchThereWas) {
  fake().free_bytes = 300'000'000;
  DeviceBuffer buffer(*device);
  expect_words(
      message_of<DeviceError>([&] { buffer.reserve(400'000'000); }),
      {"[cuda] out of memory on cuda:0", "400 MB asked", "300 MB free", "of 1.1 GB", "fewer rows"});
  EXPECT_EQ(buffer.size(), 0U);
  buffer.reserve(1000);
  EXPECT_EQ(buffer.size(), 1000U);
}

TEST_F(CudaMemory, TooLittlePageLockedMemory) {
  fake().failing_call = "cuMemHostAlloc";
  fake().failure = CUDA_ERROR_OUT_OF_MEMORY;
  expect_words(message_of<DeviceError>([&] { PinnedBuffer(*device, 5'000'000); }),
               {"page-locked", "5.0 MB"});
}

TEST_F(CudaMemory, AFailedCopySaysHowMuchItWas) {
  const DeviceBuffer buffer(*device, 10);
  const std::vector<char> bytes(4000);
  expect_words(message_of<DeviceError>([&] {
                 copy_to_device(buffer.data(), bytes.data(), 4000, {device, nullptr});
               }),
               {"cuMemcpyHtoDAsync", "CUDA_ERROR_INVALID_VALUE", "4.0 kB", "cuda:0"});
  copy_to_device(buffer.data(), bytes.data(), 0, {device, nullptr});
}

TEST_F(CudaMemory, ErrorsOfKernelsShowUpWhenTheStreamIsWaitedFor) {
  const Stream stream(*device);
  fake().failing_call = "cuStreamSynchronize";
  fake().failure = 700;
  expect_words(message_of<DeviceError>([&] { stream.synchronize(); }),
               {"cuStreamSynchronize", "700", "Fake GPU 0"});
}

TEST_F(CudaMemory, EventsMarkAndMeasure) {
  const Stream first(*device);
  Stream second(*device);
  const Event begin(*device, Event::Use::timing);
  Event end(*device, Event::Use::timing);
  begin.record(first);
  begin.hold(second);
  end.record(second);
  end.synchronize();
  EXPECT_TRUE(end.done());
  EXPECT_NEAR(Event::seconds(begin, end), 1e-3, 1e-9);
  EXPECT_EQ(fake().calls["cuStreamWaitEvent"], 1);
  fake().failing_call = "cuEventQuery";
  fake().failure = CUDA_ERROR_NOT_READY;
  EXPECT_FALSE(end.done());
  const Event moved(std::move(end));
  const Stream other(std::move(second));
  EXPECT_NE(other.handle().raw, nullptr);
}

}  // namespace
}  // namespace papilio::test
