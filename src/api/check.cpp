// Checks of what callers hand over.
#include "api/check.h"

#include <cmath>

#include "base/text.h"
#include "papilio/error.h"

namespace papilio::api {
namespace {

constexpr int kMaxThreads = 4096;

}  // namespace

void check_execution(const Execution& execution, const std::string& tag) {
  if (execution.threads < 0 || execution.threads > kMaxThreads) {
    throw UserError(tag + " threads is " + std::to_string(execution.threads) +
                    "; give --threads from 1 to " + std::to_string(kMaxThreads) +
                    ", or 0 for all of the machine");
  }
  if (execution.max_memory < 0) {
    throw UserError(tag + " max_memory is " + std::to_string(execution.max_memory) +
                    " bytes; give a larger --max-memory, or 0 for half of what is free");
  }
}

void check_view(const base::TensorView& view, const std::string& tag) {
  std::int64_t count = 1;
  for (int axis = 0; axis < view.rank; ++axis) {
    const std::int64_t extent = view.shape[static_cast<std::size_t>(axis)];
    if (extent < 0) {
      throw UserError(tag + " a view has the negative extent " + std::to_string(extent));
    }
    if (__builtin_mul_overflow(count, extent, &count)) {
      throw UserError(tag + " a view has more elements than memory can hold");
    }
  }
  if (count > 0 && view.data == nullptr) {
    throw UserError(tag + " a view of " + std::to_string(count) + " elements has no data");
  }
  if (!std::isfinite(view.scale)) {
    throw UserError(tag + " a view's scale is " + base::to_text(view.scale) +
                    "; give a finite --scale");
  }
}

void check_scale(double scale, DType compute, const std::string& tag) {
  const double rounded =
      compute == DType::f32 ? static_cast<double>(static_cast<float>(scale)) : scale;
  if (std::isfinite(rounded) && (rounded != 0.0 || scale == 0.0)) return;
  throw UserError(tag + " a --scale of " + base::to_text(scale) + " is beyond " + name_of(compute) +
                  (compute == DType::f32 ? "; use --dtype f64" : ""));
}

}  // namespace papilio::api
