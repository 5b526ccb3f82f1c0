// cuFFT, loaded once, and plans of rows.
#include "runtime/cuda/driver/cufft.h"

#include <array>

#include "papilio/error.h"
#include "runtime/cuda/driver/library.h"

namespace papilio::runtime::cuda {
namespace {

struct Cufft {
  int (*version)(int*) = nullptr;
  int (*plan_many)(int* plan, int rank, int* n, int* in_embed, int in_stride, int in_distance,
                   int* out_embed, int out_stride, int out_distance, int kind, int rows) = nullptr;
  int (*destroy)(int) = nullptr;
  int (*set_stream)(int, CUstream) = nullptr;
  int (*r2c)(int, void*, void*) = nullptr;
  int (*c2r)(int, void*, void*) = nullptr;
  int (*c2c)(int, void*, void*, int) = nullptr;
  int (*d2z)(int, void*, void*) = nullptr;
  int (*z2d)(int, void*, void*) = nullptr;
  int (*z2z)(int, void*, void*, int) = nullptr;
  std::string failure;  // "" when it is ready
};

Cufft load() {
  Cufft cufft;
  const std::array<std::string, 3> names{"libcufft.so.12", "libcufft.so.11", "libcufft.so"};
  SharedLibrary library(toolkit_candidates("PAPILIO_CUFFT", names));
  if (!library.loaded()) {
    cufft.failure = "[device] there is no cuFFT here (" + library.failure() +
                    "); install the CUDA toolkit or the Python package nvidia-cufft, and set "
                    "PAPILIO_CUFFT to its libcufft.so";
    return cufft;
  }
  library.get(cufft.version, "cufftGetVersion");
  library.get(cufft.plan_many, "cufftPlanMany");
  library.get(cufft.destroy, "cufftDestroy");
  library.get(cufft.set_stream, "cufftSetStream");
  library.get(cufft.r2c, "cufftExecR2C");
  library.get(cufft.c2r, "cufftExecC2R");
  library.get(cufft.c2c, "cufftExecC2C");
  library.get(cufft.d2z, "cufftExecD2Z");
  library.get(cufft.z2d, "cufftExecZ2D");
  library.get(cufft.z2z, "cufftExecZ2Z");
  if (!library.missing().empty()) {
    cufft.failure =
        "[device] this cuFFT has no " + library.missing() + "; install CUDA 12 or newer";
  }
  return cufft;
}

const Cufft& cufft() {
  static const Cufft& loaded = *new Cufft(load());
  if (!loaded.failure.empty()) throw DeviceError(loaded.failure);
  return loaded;
}

// cuFFT has no texts of its own for its numbers.
std::string text_of(int result) {
  constexpr std::array kNames{"CUFFT_SUCCESS",      "CUFFT_INVALID_PLAN",  "CUFFT_ALLOC_FAILED",
                              "CUFFT_INVALID_TYPE", "CUFFT_INVALID_VALUE", "CUFFT_INTERNAL_ERROR",
                              "CUFFT_EXEC_FAILED",  "CUFFT_SETUP_FAILED",  "CUFFT_INVALID_SIZE"};
  if (result >= 0 && result < static_cast<int>(kNames.size())) {
    return kNames[static_cast<std::size_t>(result)];
  }
  return "cufftResult " + std::to_string(result);
}

void check(int result, const std::string& call, const CufftShape& shape) {
  if (result == 0) return;
  throw DeviceError("[cuda] " + call + " failed: " + text_of(result) + "; " +
                    std::to_string(shape.rows) + " rows of " + std::to_string(shape.n) + " points");
}

// Elements of a dense row.
int in_elements(const CufftShape& shape) {
  const bool half = shape.kind == FftKind::c2r || shape.kind == FftKind::z2d;
  return half ? shape.n / 2 + 1 : shape.n;
}

int out_elements(const CufftShape& shape) {
  const bool half = shape.kind == FftKind::r2c || shape.kind == FftKind::d2z;
  return half ? shape.n / 2 + 1 : shape.n;
}

int execute(int plan, FftKind kind, void* in, void* out, int direction) {
  switch (kind) {
    case FftKind::r2c:
      return cufft().r2c(plan, in, out);
    case FftKind::c2r:
      return cufft().c2r(plan, in, out);
    case FftKind::c2c:
      return cufft().c2c(plan, in, out, direction);
    case FftKind::d2z:
      return cufft().d2z(plan, in, out);
    case FftKind::z2d:
      return cufft().z2d(plan, in, out);
    case FftKind::z2z:
      return cufft().z2z(plan, in, out, direction);
  }
  throw InternalError("[cuda] an unknown kind of transform");
}

}  // namespace

CufftPlan::CufftPlan(const Device& device, const CufftShape& shape)
    : device_(&device), shape_(shape) {
  const UseContext use(device);
  if (shape_.in_distance == 0) shape_.in_distance = in_elements(shape_);
  if (shape_.out_distance == 0) shape_.out_distance = out_elements(shape_);
  // Distances count only beside embedding sizes; of a single axis their values do not.
  int n = shape_.n;
  check(cufft().plan_many(&plan_, 1, &n, &n, 1, shape_.in_distance, &n, 1, shape_.out_distance,
                          static_cast<int>(shape_.kind), shape_.rows),
        "cufftPlanMany", shape_);
}

CufftPlan::~CufftPlan() {
  const UseContext use(*device_);
  cufft().destroy(plan_);
}

void CufftPlan::run(CUdeviceptr in, CUdeviceptr out, StreamHandle stream,
                    FftDirection direction) const {
  const UseContext use(*device_);
  check(cufft().set_stream(plan_, stream.raw), "cufftSetStream", shape_);
  const int result = execute(plan_, shape_.kind, reinterpret_cast<void*>(in),
                             reinterpret_cast<void*>(out), static_cast<int>(direction));
  check(result, "cufftExec", shape_);
}

std::string cufft_version() {
  int version = 0;
  check(cufft().version(&version), "cufftGetVersion", {});
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 100) + "." +
         std::to_string(version % 100);
}

bool cufft_available(std::string* why) {
  try {
    cufft();
    return true;
  } catch (const DeviceError& error) {
    if (why != nullptr) *why = error.what();
    return false;
  }
}

}  // namespace papilio::runtime::cuda
