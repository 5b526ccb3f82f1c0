// A driver without a GPU: the functions of driver_calls.def on host memory, strict about what a
// real one would refuse (no current context, memory that is not allocated, too much shared memory).
// Its "machine code" is the word FAKE and the names of the kernels, e.g. "FAKE fill scale", or what
// emulator/fake_nvrtc.cpp makes: kernels that run on the host.
#include "fake_driver.h"

#include <dlfcn.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <sstream>
#include <type_traits>

#include "codegen/params.h"
#include "fake_graph.h"

namespace papilio::runtime::cuda {
struct CUctx_st {
  int device = 0;
};
struct CUfunc_st {
  std::string name;
  void* emulated = nullptr;
  void (*launch)(void*, const unsigned*, const unsigned*, void**) = nullptr;
  std::size_t dynamic_shared = 48 * 1024;
};
struct CUmod_st {
  std::map<std::string, CUfunc_st> functions;
  void* library = nullptr;  ///< of emulated kernels
};
struct CUstream_st {
  int unused = 0;
};
struct CUevent_st {
  int time = 0;
};
}  // namespace papilio::runtime::cuda

namespace {

using namespace papilio::runtime::cuda;  // NOLINT: the driver's names are those of its C API
using papilio::test::do_or_keep;
using papilio::test::FakeCuda;

constexpr auto kInvalidImage = static_cast<CUresult>(200);
constexpr auto kInvalidContext = static_cast<CUresult>(201);
constexpr auto kInvalidDevice = static_cast<CUresult>(101);
constexpr int kStaticShared = 1024;

FakeCuda state{papilio::test::kFakeMemory, {}, 0, {}, 0, 0, {}, 0, 0, 0, 0};
std::mutex mutex;
std::map<CUdeviceptr, std::size_t> blocks;
std::map<CUdeviceptr, std::size_t> locked;  // page-locked host memory
std::array<CUctx_st, 16> contexts;
thread_local std::vector<CUcontext> current;
int now = 0;  // ticks of a millisecond, one per event

int device_count() {
  const char* count = std::getenv("FAKE_CUDA_DEVICES");
  return count == nullptr ? 2 : std::atoi(count);
}

int shared_per_block() {
  const char* bytes = std::getenv("FAKE_CUDA_SHARED_PER_BLOCK");
  return bytes == nullptr ? papilio::test::kFakeSharedPerBlock : std::atoi(bytes);
}

CUresult enter(const std::string& call) {
  const std::lock_guard lock(mutex);
  ++state.calls[call];
  return state.failing_call == call ? static_cast<CUresult>(state.failure) : CUDA_SUCCESS;
}

CUresult enter_context(const std::string& call) {
  const CUresult result = enter(call);
  if (result != CUDA_SUCCESS) return result;
  return current.empty() ? kInvalidContext : CUDA_SUCCESS;
}

/// What a stream that is being captured refuses: allocating and waiting.
CUresult enter_uncaptured(const std::string& call) {
  const CUresult result = enter_context(call);
  if (result != CUDA_SUCCESS) return result;
  return papilio::test::capturing() ? papilio::test::kCaptureUnsupported : CUDA_SUCCESS;
}

bool holds(const std::map<CUdeviceptr, std::size_t>& ranges, CUdeviceptr begin, std::size_t bytes) {
  const auto after = ranges.upper_bound(begin);
  if (after == ranges.begin()) return false;
  const auto& [start, size] = *std::prev(after);
  return begin + bytes <= start + size;
}

bool allocated(CUdeviceptr begin, std::size_t bytes) {
  const std::lock_guard lock(mutex);
  return holds(blocks, begin, bytes);
}

std::byte* host(CUdeviceptr pointer) { return reinterpret_cast<std::byte*>(pointer); }

/// "EMULATED <bytes>" and a line's end, then a shared library.
void* load_emulated(const char* image) {
  const std::size_t size = std::strtoul(image + std::strlen("EMULATED "), nullptr, 10);
  const char* bytes = std::strchr(image, '\n') + 1;
  std::string file = "/tmp/papilio-emulated-XXXXXX";
  const int descriptor = mkstemp(file.data());
  const bool written = write(descriptor, bytes, size) == static_cast<ssize_t>(size);
  close(descriptor);
  void* const library = written ? dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL) : nullptr;
  unlink(file.c_str());
  return library;
}

// The one kernel of FAKE code that does something: fill(x, n, value).
void run_fill(void** args) {
  auto* x = reinterpret_cast<float*>(*static_cast<CUdeviceptr*>(args[0]));
  const int n = *static_cast<int*>(args[1]);
  for (int i = 0; i < n; ++i) x[i] = *static_cast<float*>(args[2]);
}

}  // namespace

#define ENTER(name) \
  if (const CUresult refused = enter(#name); refused != CUDA_SUCCESS) return refused
#define ENTER_CONTEXT(name) \
  if (const CUresult refused = enter_context(#name); refused != CUDA_SUCCESS) return refused

#define ENTER_UNCAPTURED(name) \
  if (const CUresult refused = enter_uncaptured(#name); refused != CUDA_SUCCESS) return refused

#pragma GCC visibility push(default)
extern "C" {

FakeCuda* fake_cuda() { return &state; }

CUresult cuInit(unsigned) {
  ENTER(cuInit);
  return device_count() > 0 ? CUDA_SUCCESS : CUDA_ERROR_NO_DEVICE;
}
CUresult cuDriverGetVersion(int* version) {
  *version = 13000;
  return CUDA_SUCCESS;
}
CUresult cuGetErrorName(CUresult error, const char** name) {
  *name = nullptr;
  if (error == CUDA_ERROR_INVALID_VALUE) *name = "CUDA_ERROR_INVALID_VALUE";
  if (error == CUDA_ERROR_NO_DEVICE) *name = "CUDA_ERROR_NO_DEVICE";
  if (error == kInvalidContext) *name = "CUDA_ERROR_INVALID_CONTEXT";
  return *name == nullptr ? CUDA_ERROR_INVALID_VALUE : CUDA_SUCCESS;
}
CUresult cuGetErrorString(CUresult error, const char** text) {
  *text = error == CUDA_ERROR_INVALID_VALUE ? "invalid argument" : nullptr;
  return CUDA_SUCCESS;
}

CUresult cuDeviceGetCount(int* count) {
  ENTER(cuDeviceGetCount);
  *count = device_count();
  return CUDA_SUCCESS;
}
CUresult cuDeviceGet(CUdevice* device, int ordinal) {
  ENTER(cuDeviceGet);
  if (ordinal < 0 || ordinal >= device_count()) return kInvalidDevice;
  *device = ordinal;
  return CUDA_SUCCESS;
}
CUresult cuDeviceGetName(char* name, int size, CUdevice device) {
  std::strncpy(name, ("Fake GPU " + std::to_string(device)).c_str(),
               static_cast<std::size_t>(size));
  return CUDA_SUCCESS;
}
CUresult cuDeviceGetAttribute(int* value, CUdevice_attribute attribute, CUdevice) {
  ENTER(cuDeviceGetAttribute);
  static const std::map<int, int> kValues{
      {CU_DEVICE_ATTRIBUTE_WARP_SIZE, 32},
      {CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, 132},
      {CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE, 50 << 20},
      {CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR, 2048},
      {CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, 9},
      {CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, 0},
      {CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR, 228 * 1024},
      {CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_MULTIPROCESSOR, 65536},
      {CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN, shared_per_block()},
  };
  *value = kValues.at(attribute);
  return CUDA_SUCCESS;
}
CUresult cuDeviceTotalMem_v2(std::size_t* bytes, CUdevice) {
  *bytes = papilio::test::kFakeMemory;
  return CUDA_SUCCESS;
}
CUresult cuDevicePrimaryCtxRetain(CUcontext* context, CUdevice device) {
  ENTER(cuDevicePrimaryCtxRetain);
  *context = &contexts.at(static_cast<std::size_t>(device));
  (*context)->device = device;
  return CUDA_SUCCESS;
}

CUresult cuCtxGetCurrent(CUcontext* context) {
  *context = current.empty() ? nullptr : current.back();
  return CUDA_SUCCESS;
}
CUresult cuCtxPushCurrent_v2(CUcontext context) {
  ENTER(cuCtxPushCurrent);
  current.push_back(context);
  return CUDA_SUCCESS;
}
CUresult cuCtxPopCurrent_v2(CUcontext* context) {
  ENTER_CONTEXT(cuCtxPopCurrent);
  *context = current.back();
  current.pop_back();
  return CUDA_SUCCESS;
}

CUresult cuMemGetInfo_v2(std::size_t* free, std::size_t* total) {
  ENTER_CONTEXT(cuMemGetInfo);
  *free = state.free_bytes;
  *total = papilio::test::kFakeMemory;
  return CUDA_SUCCESS;
}
CUresult cuMemAlloc_v2(CUdeviceptr* pointer, std::size_t bytes) {
  ENTER_UNCAPTURED(cuMemAlloc);
  const std::lock_guard lock(mutex);
  if (bytes == 0) return CUDA_ERROR_INVALID_VALUE;
  if (bytes > state.free_bytes) return CUDA_ERROR_OUT_OF_MEMORY;
  *pointer = reinterpret_cast<CUdeviceptr>(std::malloc(bytes));
  blocks[*pointer] = bytes;
  state.free_bytes -= bytes;
  ++state.live_blocks;
  return CUDA_SUCCESS;
}
CUresult cuMemFree_v2(CUdeviceptr pointer) {
  ENTER_UNCAPTURED(cuMemFree);
  const std::lock_guard lock(mutex);
  const auto block = blocks.find(pointer);
  if (block == blocks.end()) return CUDA_ERROR_INVALID_VALUE;
  state.free_bytes += block->second;
  blocks.erase(block);
  std::free(host(pointer));
  --state.live_blocks;
  return CUDA_SUCCESS;
}
CUresult cuMemHostAlloc(void** pointer, std::size_t bytes, unsigned) {
  ENTER_UNCAPTURED(cuMemHostAlloc);
  const std::lock_guard lock(mutex);
  *pointer = std::malloc(bytes);
  locked[reinterpret_cast<CUdeviceptr>(*pointer)] = bytes;
  ++state.live_blocks;
  return CUDA_SUCCESS;
}
CUresult cuMemFreeHost(void* pointer) {
  ENTER_UNCAPTURED(cuMemFreeHost);
  const std::lock_guard lock(mutex);
  locked.erase(reinterpret_cast<CUdeviceptr>(pointer));
  std::free(pointer);
  --state.live_blocks;
  return CUDA_SUCCESS;
}
CUresult cuPointerGetAttributes(unsigned count, CUpointer_attribute* attributes, void** values,
                                CUdeviceptr pointer) {
  ENTER_CONTEXT(cuPointerGetAttributes);
  if (count != 2 || attributes[0] != CU_POINTER_ATTRIBUTE_MEMORY_TYPE ||
      attributes[1] != CU_POINTER_ATTRIBUTE_DEVICE_POINTER)
    return CUDA_ERROR_INVALID_VALUE;
  const std::lock_guard lock(mutex);
  CUmemorytype type{};
  if (holds(blocks, pointer, 1)) type = CU_MEMORYTYPE_DEVICE;
  if (holds(locked, pointer, 1)) type = CU_MEMORYTYPE_HOST;
  *static_cast<CUmemorytype*>(values[0]) = type;
  *static_cast<CUdeviceptr*>(values[1]) = type == CUmemorytype{} ? 0 : pointer;
  return CUDA_SUCCESS;
}
CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void* from, std::size_t bytes, CUstream) {
  ENTER_CONTEXT(cuMemcpyHtoDAsync);
  if (!allocated(to, bytes)) return CUDA_ERROR_INVALID_VALUE;
  return do_or_keep([=] {
    std::memcpy(host(to), from, bytes);
    state.bytes_to_device += bytes;
    return CUDA_SUCCESS;
  });
}
CUresult cuMemcpyDtoHAsync_v2(void* to, CUdeviceptr from, std::size_t bytes, CUstream) {
  ENTER_CONTEXT(cuMemcpyDtoHAsync);
  if (!allocated(from, bytes)) return CUDA_ERROR_INVALID_VALUE;
  return do_or_keep([=] {
    std::memcpy(to, host(from), bytes);
    state.bytes_to_host += bytes;
    return CUDA_SUCCESS;
  });
}
CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, std::size_t bytes, CUstream) {
  ENTER_CONTEXT(cuMemcpyDtoDAsync);
  if (!allocated(to, bytes) || !allocated(from, bytes)) return CUDA_ERROR_INVALID_VALUE;
  return do_or_keep([=] {
    std::memcpy(host(to), host(from), bytes);
    return CUDA_SUCCESS;
  });
}
CUresult cuMemsetD8Async(CUdeviceptr to, unsigned char value, std::size_t bytes, CUstream) {
  ENTER_CONTEXT(cuMemsetD8Async);
  if (!allocated(to, bytes)) return CUDA_ERROR_INVALID_VALUE;
  return do_or_keep([=] {
    std::memset(host(to), value, bytes);
    return CUDA_SUCCESS;
  });
}

CUresult cuStreamCreate(CUstream* stream, unsigned) {
  ENTER_CONTEXT(cuStreamCreate);
  *stream = new CUstream_st;
  ++state.live_streams;
  return CUDA_SUCCESS;
}
CUresult cuStreamDestroy_v2(CUstream stream) {
  ENTER_CONTEXT(cuStreamDestroy);
  delete stream;
  --state.live_streams;
  return CUDA_SUCCESS;
}
CUresult cuStreamSynchronize(CUstream) {
  ENTER_UNCAPTURED(cuStreamSynchronize);
  return CUDA_SUCCESS;
}
CUresult cuStreamWaitEvent(CUstream, CUevent, unsigned) {
  ENTER_CONTEXT(cuStreamWaitEvent);
  return CUDA_SUCCESS;
}
CUresult cuEventCreate(CUevent* event, unsigned) {
  ENTER_CONTEXT(cuEventCreate);
  *event = new CUevent_st;
  ++state.live_events;
  return CUDA_SUCCESS;
}
CUresult cuEventDestroy_v2(CUevent event) {
  ENTER_CONTEXT(cuEventDestroy);
  delete event;
  --state.live_events;
  return CUDA_SUCCESS;
}
CUresult cuEventRecord(CUevent event, CUstream) {
  ENTER_CONTEXT(cuEventRecord);
  event->time = ++now;
  return CUDA_SUCCESS;
}
CUresult cuEventQuery(CUevent) {
  ENTER_CONTEXT(cuEventQuery);
  return CUDA_SUCCESS;
}
CUresult cuEventSynchronize(CUevent) {
  ENTER_UNCAPTURED(cuEventSynchronize);
  return CUDA_SUCCESS;
}
CUresult cuEventElapsedTime(float* milliseconds, CUevent begin, CUevent end) {
  ENTER_CONTEXT(cuEventElapsedTime);
  *milliseconds = static_cast<float>(end->time - begin->time);
  return CUDA_SUCCESS;
}

CUresult cuModuleLoadData(CUmodule* module, const void* image) {
  ENTER_UNCAPTURED(cuModuleLoadData);
  if (std::strncmp(static_cast<const char*>(image), "EMULATED ", 9) == 0) {
    void* const library = load_emulated(static_cast<const char*>(image));
    if (library == nullptr) return kInvalidImage;
    *module = new CUmod_st;
    (*module)->library = library;
    ++state.live_modules;
    return CUDA_SUCCESS;
  }
  std::istringstream words(static_cast<const char*>(image));
  std::string word;
  if (!(words >> word) || word != "FAKE") return kInvalidImage;
  *module = new CUmod_st;
  while (words >> word) (*module)->functions[word].name = word;
  ++state.live_modules;
  return CUDA_SUCCESS;
}
CUresult cuModuleUnload(CUmodule module) {
  ENTER_CONTEXT(cuModuleUnload);
  if (module->library != nullptr) dlclose(module->library);
  delete module;
  --state.live_modules;
  return CUDA_SUCCESS;
}
CUresult cuModuleGetFunction(CUfunction* function, CUmodule module, const char* name) {
  ENTER_CONTEXT(cuModuleGetFunction);
  if (module->library != nullptr && dlsym(module->library, name) != nullptr) {
    CUfunc_st& added = module->functions[name];
    added.name = name;
    added.emulated = dlsym(module->library, name);
    added.launch =
        reinterpret_cast<decltype(added.launch)>(dlsym(module->library, "emulate_launch"));
  }
  const auto found = module->functions.find(name);
  if (found == module->functions.end()) return CUDA_ERROR_NOT_FOUND;
  *function = &found->second;
  return CUDA_SUCCESS;
}
CUresult cuFuncGetAttribute(int* value, CUfunction_attribute attribute, CUfunction) {
  ENTER_CONTEXT(cuFuncGetAttribute);
  static const std::map<int, int> kValues{{CU_FUNC_ATTRIBUTE_NUM_REGS, 40},
                                          {CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES, 16},
                                          {CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES, kStaticShared},
                                          {CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK, 1024}};
  *value = kValues.at(attribute);
  return CUDA_SUCCESS;
}
CUresult cuFuncSetAttribute(CUfunction function, CUfunction_attribute attribute, int value) {
  ENTER_CONTEXT(cuFuncSetAttribute);
  if (attribute != CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES ||
      value + kStaticShared > shared_per_block()) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  function->dynamic_shared = static_cast<std::size_t>(value);
  return CUDA_SUCCESS;
}
CUresult cuOccupancyMaxActiveBlocksPerMultiprocessor(int* count, CUfunction, int threads,
                                                     std::size_t shared_bytes) {
  ENTER_CONTEXT(cuOccupancyMaxActiveBlocksPerMultiprocessor);
  const auto by_shared = static_cast<int>(228 * 1024 / (shared_bytes + kStaticShared));
  *count = std::min(2048 / threads, by_shared);
  return CUDA_SUCCESS;
}
CUresult cuLaunchKernelEx(const CUlaunchConfig* config, CUfunction function, void** args, void**) {
  ENTER_CONTEXT(cuLaunchKernelEx);
  const std::array<unsigned, 3> grid{config->gridDimX, config->gridDimY, config->gridDimZ};
  const std::array<unsigned, 3> block{config->blockDimX, config->blockDimY, config->blockDimZ};
  if (grid[0] == 0 || block[0] * block[1] * block[2] > 1024) return CUDA_ERROR_INVALID_VALUE;
  if (config->sharedMemBytes > function->dynamic_shared) return CUDA_ERROR_INVALID_VALUE;
  state.launches.push_back({function->name, grid, block, config->sharedMemBytes, config->hStream,
                            config->numAttrs == 1});
  if (function->emulated == nullptr) {
    if (function->name == "fill") run_fill(args);
    return CUDA_SUCCESS;
  }
  // A launch takes its parameters when it is queued: one, in every kernel that is emulated.
  auto params = *static_cast<const papilio::codegen::Params*>(args[0]);
  return do_or_keep([=]() mutable {
    std::array<void*, 1> arguments{&params};
    function->launch(function->emulated, grid.data(), block.data(), arguments.data());
    return CUDA_SUCCESS;
  });
}

// Those of fake_graph.cpp.
CUresult cuStreamBeginCapture_v2(CUstream, CUstreamCaptureMode);
CUresult cuStreamEndCapture(CUstream, CUgraph*);
CUresult cuStreamIsCapturing(CUstream, CUstreamCaptureStatus*);
CUresult cuGraphInstantiateWithFlags(CUgraphExec*, CUgraph, unsigned long long);
CUresult cuGraphLaunch(CUgraphExec, CUstream);
CUresult cuGraphExecDestroy(CUgraphExec);
CUresult cuGraphDestroy(CUgraph);

}  // extern "C"
#pragma GCC visibility pop

// Every function of the table, with its types.
#define CALL(name, symbol, ...) \
  static_assert(std::is_same_v<decltype(&symbol), CUresult (*)(__VA_ARGS__)>, #symbol);
#include "runtime/cuda/driver/driver_calls.def"
#undef CALL
