// Loading machine code, and launches whose errors say what was launched.
#include "runtime/cuda/driver/module.h"

#include "papilio/error.h"
#include "runtime/cuda/driver/driver.h"

namespace papilio::runtime::cuda {
namespace {

// What every kernel may use without opting in.
constexpr int kSharedWithoutOptIn = 48 * 1024;

/// Graphs have known launches beside one another since CUDA 12.3.
bool starts_beside(const Device& device) {
  static const bool driver_can = driver_version() >= 12030;
  return driver_can && device.facts().compute_capability >= 90;
}

std::string text_of(Dim3 size) {
  return std::to_string(size.x) + " x " + std::to_string(size.y) + " x " + std::to_string(size.z);
}

int attribute(CUfunction function, CUfunction_attribute which, const std::string& kernel) {
  int value = 0;
  check(driver().cuFuncGetAttribute(&value, which, function), "cuFuncGetAttribute",
        "kernel " + kernel);
  return value;
}

}  // namespace

struct Kernel::Loaded {
  explicit Loaded(const Device& its_device) : device(its_device) {}
  ~Loaded() {
    const UseContext use(device);
    if (module != nullptr) driver().cuModuleUnload(module);
  }
  Loaded(const Loaded&) = delete;
  Loaded& operator=(const Loaded&) = delete;

  const Device& device;
  CUmodule module = nullptr;
};

Module::Module(const Device& device, std::string_view cubin) {
  const UseContext use(device);
  auto loaded = std::make_shared<Kernel::Loaded>(device);
  check(driver().cuModuleLoadData(&loaded->module, cubin.data()), "cuModuleLoadData",
        std::to_string(cubin.size()) + " bytes of code on " + device.facts().name);
  loaded_ = std::move(loaded);
}

// The dynamic shared memory is raised to what is left of a block's, once and for all launches: it
// is a limit only, and threads that launch with different sizes cannot lower it for each other.
Kernel::Kernel(std::shared_ptr<const Loaded> loaded, std::string name)
    : loaded_(std::move(loaded)), name_(std::move(name)) {
  const UseContext use(loaded_->device);
  const CUresult found = driver().cuModuleGetFunction(&function_, loaded_->module, name_.c_str());
  if (found == CUDA_ERROR_NOT_FOUND) {
    throw InternalError("[cuda] the compiled code holds no kernel called " + name_);
  }
  check(found, "cuModuleGetFunction", "kernel " + name_);
  facts_.registers = attribute(function_, CU_FUNC_ATTRIBUTE_NUM_REGS, name_);
  facts_.local_bytes = attribute(function_, CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES, name_);
  facts_.static_shared = attribute(function_, CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES, name_);
  facts_.max_threads = attribute(function_, CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK, name_);
  const auto limit =
      static_cast<int>(loaded_->device.facts().shared_per_block) - facts_.static_shared;
  if (limit <= kSharedWithoutOptIn) return;
  check(driver().cuFuncSetAttribute(function_, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
                                    limit),
        "cuFuncSetAttribute", "kernel " + name_ + ", " + std::to_string(limit) + " shared bytes");
}

void Kernel::launch(Dim3 grid, Dim3 block, std::size_t shared_bytes, StreamHandle stream,
                    std::span<const void* const> args, Start start) const {
  const UseContext use(loaded_->device);
  CUlaunchAttribute beside = {CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION, 0, {1}};
  const bool early = start == Start::beside && starts_beside(loaded_->device);
  const CUlaunchConfig config = {grid.x,
                                 grid.y,
                                 grid.z,
                                 block.x,
                                 block.y,
                                 block.z,
                                 static_cast<unsigned>(shared_bytes),
                                 stream.raw,
                                 &beside,
                                 early ? 1U : 0U};
  // The driver reads the values only; its signature is older than const.
  const CUresult result =
      driver().cuLaunchKernelEx(&config, function_, const_cast<void**>(args.data()), nullptr);
  if (result == CUDA_SUCCESS) return;
  check(result, "cuLaunchKernelEx",
        "kernel " + name_ + ", grid " + text_of(grid) + ", block " + text_of(block) + ", " +
            std::to_string(shared_bytes) + " dynamic and " + std::to_string(facts_.static_shared) +
            " static shared bytes, " + std::to_string(facts_.registers) + " registers, on " +
            loaded_->device.facts().name);
}

int Kernel::occupancy(int block_threads, std::size_t shared_bytes) const {
  const UseContext use(loaded_->device);
  int blocks = 0;
  check(driver().cuOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, function_, block_threads,
                                                             shared_bytes),
        "cuOccupancyMaxActiveBlocksPerMultiprocessor",
        "kernel " + name_ + ", " + std::to_string(block_threads) + " threads, " +
            std::to_string(shared_bytes) + " shared bytes");
  return blocks;
}

}  // namespace papilio::runtime::cuda
