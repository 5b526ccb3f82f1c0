// Devices: what they are, that there is one object of each, and names that are not there.
#include "runtime/cuda/driver/device.h"

#include <thread>
#include <vector>

#include "runtime/compile.h"
#include "runtime/cuda/driver/driver.h"
#include "runtime/cuda/fake.h"

namespace papilio::test {
namespace {

using namespace runtime::cuda;

class CudaDevice : public OnFakeCuda {};

TEST_F(CudaDevice, TellsWhatItIs) {
  const DeviceFacts& facts = Device::get(1).facts();
  EXPECT_EQ(facts.ordinal, 1);
  EXPECT_EQ(facts.name, "Fake GPU 1");
  EXPECT_EQ(facts.compute_capability, 90);
  EXPECT_EQ(facts.multiprocessors, 132);
  EXPECT_EQ(facts.memory_bytes, kFakeMemory);
  EXPECT_EQ(facts.l2_bytes, 50 << 20);
  EXPECT_EQ(facts.shared_per_block, kFakeSharedPerBlock);
  EXPECT_EQ(facts.shared_per_multiprocessor, 228 * 1024);
  EXPECT_EQ(facts.registers_per_multiprocessor, 65536);
  EXPECT_EQ(facts.threads_per_multiprocessor, 2048);
  EXPECT_EQ(facts.warp_size, 32);
  EXPECT_EQ(facts.driver_version, 13000);
  EXPECT_EQ(cuda_version_text(facts.driver_version), "13.0");
  EXPECT_EQ(cuda_version_text(12080), "12.8");
  fake().free_bytes = 12345;
  EXPECT_EQ(Device::get(1).free_memory(), 12345);
}

TEST_F(CudaDevice, IsOneObjectForAllThreads) {
  std::vector<const Device*> seen(8);
  std::vector<std::thread> threads;
  for (auto& mine : seen) threads.emplace_back([&mine] { mine = &Device::get(1); });
  for (auto& thread : threads) thread.join();
  for (const Device* mine : seen) EXPECT_EQ(mine, &Device::get(1));
  EXPECT_NE(&Device::get(0), &Device::get(1));
}

TEST_F(CudaDevice, ContextIsPushedOncePerThreadAndPopped) {
  const auto pushes = [] { return fake().calls["cuCtxPushCurrent"]; };
  {
    const UseContext outer(*device);
    EXPECT_EQ(pushes(), 1);
    const UseContext inner(*device);
    EXPECT_EQ(pushes(), 1);
    const UseContext other(Device::get(1));
    EXPECT_EQ(pushes(), 2);
  }
  EXPECT_EQ(fake().calls["cuCtxPopCurrent"], 2);
  CUcontext current = nullptr;
  driver().cuCtxGetCurrent(&current);
  EXPECT_EQ(current, nullptr);
}

TEST_F(CudaDevice, ThatIsNotThereIsRefusedWithTheirNumber) {
  expect_words(message_of<DeviceError>([] { Device::get(9); }),
               {"[device]", "cuda:9", "2 devices", "cuda:0 to cuda:1"});
}

TEST_F(CudaDevice, NamesOfUsers) {
  EXPECT_EQ(ordinal_of("cuda"), 0);
  EXPECT_EQ(ordinal_of("cuda:0"), 0);
  EXPECT_EQ(ordinal_of("cuda:12"), 12);
  for (const char* name : {"cpu", "cuda:", "cuda:x", "cuda:1x", "cuda:-1", "cuda0", ""}) {
    EXPECT_EQ(ordinal_of(name), std::nullopt) << name;
  }
  EXPECT_TRUE(runtime::is_device_name("cuda:3"));
  EXPECT_TRUE(runtime::is_device_name("cpu"));
  EXPECT_FALSE(runtime::is_device_name("cuda:x"));
}

TEST_F(CudaDevice, ErrorsNameCallReasonAndDetail) {
  expect_words(message_of<DeviceError>(
                   [] { check(CUDA_ERROR_INVALID_VALUE, "cuFunny", "kernel welch, 3 rows"); }),
               {"[cuda] cuFunny failed", "CUDA_ERROR_INVALID_VALUE", "invalid argument",
                "kernel welch, 3 rows"});
  expect_words(message_of<DeviceError>([] { check(static_cast<CUresult>(12345), "cuFunny"); }),
               {"error 12345"});
}

}  // namespace
}  // namespace papilio::test
