// kissfft in float, row by row: it has no other way.
#include "peers.h"

#ifdef PAPILIO_HAS_KISSFFT

#include <kiss_fft.h>
#include <kiss_fftr.h>

#include <cstdlib>
#include <stdexcept>

namespace papilio::bench {
namespace {

template <typename T>
std::shared_ptr<T> owned(T* plan) {
  if (plan == nullptr) throw std::runtime_error("kissfft made no plan");
  return {plan, [](T* p) { std::free(p); }};
}

std::function<void()> prepare_real(FftProblem& problem) {
  const auto plan = owned(kiss_fftr_alloc(static_cast<int>(problem.n()), 0, nullptr, nullptr));
  return [&problem, plan] {
    for (std::int64_t row = 0; row < problem.rows(); ++row) {
      kiss_fftr(plan.get(), problem.in() + row * problem.in_length(),
                reinterpret_cast<kiss_fft_cpx*>(problem.out() + row * problem.out_length()));
    }
  };
}

std::function<void()> prepare_complex(FftProblem& problem) {
  const auto plan = owned(
      kiss_fft_alloc(static_cast<int>(problem.n()), problem.inverse() ? 1 : 0, nullptr, nullptr));
  return [&problem, plan] {
    for (std::int64_t row = 0; row < problem.rows(); ++row) {
      kiss_fft(plan.get(),
               reinterpret_cast<const kiss_fft_cpx*>(problem.in() + row * problem.in_length()),
               reinterpret_cast<kiss_fft_cpx*>(problem.out() + row * problem.out_length()));
    }
  };
}

}  // namespace

void add_kissfft(FftProblem& problem, std::vector<Contender>& contenders) {
  if (problem.real() && problem.n() % 2 != 0) return;  // it has none of odd length
  contenders.push_back({"kissfft", "", kPeerTolerance, [&problem] {
                          return problem.real() ? prepare_real(problem) : prepare_complex(problem);
                        }});
}

}  // namespace papilio::bench

#else

namespace papilio::bench {

void add_kissfft(FftProblem&, std::vector<Contender>&) {}

}  // namespace papilio::bench

#endif
