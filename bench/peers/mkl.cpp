// Intel MKL: one batch descriptor for all rows, one thread (the sequential layer is linked).
#include "peers.h"

#ifdef PAPILIO_HAS_MKL

#include <mkl_dfti.h>

#include <stdexcept>

namespace papilio::bench {
namespace {

using Descriptor = std::shared_ptr<DFTI_DESCRIPTOR>;

void expect(MKL_LONG status) {
  if (status != DFTI_NO_ERROR) throw std::runtime_error(DftiErrorMessage(status));
}

/// Distances in elements of the signal's rows and of the spectrum's.
Descriptor make(bool real, std::int64_t n, std::int64_t count, std::int64_t forward_distance,
                std::int64_t backward_distance) {
  DFTI_DESCRIPTOR_HANDLE handle = nullptr;
  expect(DftiCreateDescriptor(&handle, DFTI_SINGLE, real ? DFTI_REAL : DFTI_COMPLEX, 1,
                              static_cast<MKL_LONG>(n)));
  const Descriptor owner(handle, [](DFTI_DESCRIPTOR* d) { DftiFreeDescriptor(&d); });
  expect(DftiSetValue(handle, DFTI_PLACEMENT, DFTI_NOT_INPLACE));
  expect(DftiSetValue(handle, DFTI_NUMBER_OF_TRANSFORMS, static_cast<MKL_LONG>(count)));
  expect(DftiSetValue(handle, DFTI_FWD_DISTANCE, static_cast<MKL_LONG>(forward_distance)));
  expect(DftiSetValue(handle, DFTI_BWD_DISTANCE, static_cast<MKL_LONG>(backward_distance)));
  expect(DftiSetValue(handle, DFTI_THREAD_LIMIT, static_cast<MKL_LONG>(1)));
  if (real) expect(DftiSetValue(handle, DFTI_CONJUGATE_EVEN_STORAGE, DFTI_COMPLEX_COMPLEX));
  expect(DftiCommitDescriptor(handle));
  return owner;
}

std::function<void()> prepare(FftProblem& problem) {
  const Descriptor plan =
      make(problem.real(), problem.n(), problem.rows(), problem.n(), problem.out_length() / 2);
  return [&problem, plan] {
    auto* in = const_cast<float*>(problem.in());
    if (problem.inverse()) {
      DftiComputeBackward(plan.get(), in, problem.out());
    } else {
      DftiComputeForward(plan.get(), in, problem.out());
    }
  };
}

class MklTransforms final : public RealTransforms {
 public:
  MklTransforms(std::int64_t n, std::int64_t count, std::int64_t bins_distance)
      : plan_(make(true, n, count, n, bins_distance)) {}
  void run(float* in, float* out) const override { DftiComputeForward(plan_.get(), in, out); }

 private:
  Descriptor plan_;
};

}  // namespace

void add_mkl(FftProblem& problem, std::vector<Contender>& contenders) {
  contenders.push_back({"mkl", "", kPeerTolerance, [&problem] { return prepare(problem); }});
}

std::unique_ptr<RealTransforms> mkl_transforms(std::int64_t n, std::int64_t count,
                                               std::int64_t bins_distance) {
  return std::make_unique<MklTransforms>(n, count, bins_distance);
}

}  // namespace papilio::bench

#else

namespace papilio::bench {

void add_mkl(FftProblem&, std::vector<Contender>&) {}

std::unique_ptr<RealTransforms> mkl_transforms(std::int64_t, std::int64_t, std::int64_t) {
  return nullptr;
}

}  // namespace papilio::bench

#endif
