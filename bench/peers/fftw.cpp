// FFTW in float: PATIENT plans, of all rows at once and of single rows.
#include <fftw3.h>

#include <cstdio>
#include <stdexcept>

#include "base/buffer.h"
#include "peers.h"

namespace papilio::bench {
namespace {

// Of one plan. FFTW tries ESTIMATE, MEASURE and then PATIENT, and keeps the best found in time; on
// a quiet machine only the longest batches need as much.
constexpr double kPlanSeconds = 60.0;

std::string wisdom_path;

struct Free {
  void operator()(fftwf_plan plan) const { fftwf_destroy_plan(plan); }
};
using Plan = std::shared_ptr<std::remove_pointer_t<fftwf_plan>>;

Plan owned(fftwf_plan plan) {
  if (plan == nullptr) throw std::runtime_error("FFTW made no plan");
  if (!wisdom_path.empty()) fftwf_export_wisdom_to_filename(wisdom_path.c_str());
  return {plan, Free()};
}

fftwf_complex* bins(float* data) { return reinterpret_cast<fftwf_complex*>(data); }

/// A plan of `count` contiguous rows; planning overwrites memory, so it gets some of its own.
Plan make_plan(const FftProblem& problem, std::int64_t count, unsigned flags) {
  base::Buffer<float> in(static_cast<std::size_t>(count * problem.in_length()));
  base::Buffer<float> out(static_cast<std::size_t>(count * problem.out_length()));
  const int n = static_cast<int>(problem.n());
  const int rows = static_cast<int>(count);
  const int outputs = static_cast<int>(problem.out_length() / 2);
  if (problem.real()) {
    return owned(fftwf_plan_many_dft_r2c(1, &n, rows, in.data(), nullptr, 1, n, bins(out.data()),
                                         nullptr, 1, outputs, flags));
  }
  return owned(fftwf_plan_many_dft(1, &n, rows, bins(in.data()), nullptr, 1, n, bins(out.data()),
                                   nullptr, 1, outputs,
                                   problem.inverse() ? FFTW_BACKWARD : FFTW_FORWARD, flags));
}

void execute(fftwf_plan plan, bool real, const float* in, float* out) {
  auto* source = const_cast<float*>(in);  // FFTW keeps the input of such plans
  if (real) {
    fftwf_execute_dft_r2c(plan, source, bins(out));
  } else {
    fftwf_execute_dft(plan, bins(source), bins(out));
  }
}

std::function<void()> prepare_many(FftProblem& problem) {
  const Plan plan = make_plan(problem, problem.rows(), FFTW_PATIENT);
  return [&problem, plan] { execute(plan.get(), problem.real(), problem.in(), problem.out()); };
}

std::function<void()> prepare_single(FftProblem& problem) {
  // A plan for aligned rows where all of them are.
  const auto aligned = [](std::int64_t floats) { return floats % 16 == 0; };
  const bool all = aligned(problem.in_length()) && aligned(problem.out_length());
  const Plan plan =
      make_plan(problem, 1, FFTW_PATIENT | (all ? 0U : static_cast<unsigned>(FFTW_UNALIGNED)));
  return [&problem, plan] {
    for (std::int64_t row = 0; row < problem.rows(); ++row) {
      execute(plan.get(), problem.real(), problem.in() + row * problem.in_length(),
              problem.out() + row * problem.out_length());
    }
  };
}

class FftwTransforms final : public RealTransforms {
 public:
  FftwTransforms(std::int64_t n, std::int64_t count, std::int64_t bins_distance) {
    base::Buffer<float> in(static_cast<std::size_t>(count * n));
    base::Buffer<float> out(static_cast<std::size_t>(count * bins_distance * 2));
    const int size = static_cast<int>(n);
    plan_ = owned(fftwf_plan_many_dft_r2c(1, &size, static_cast<int>(count), in.data(), nullptr, 1,
                                          size, bins(out.data()), nullptr, 1,
                                          static_cast<int>(bins_distance), FFTW_PATIENT));
  }
  void run(float* in, float* out) const override {
    fftwf_execute_dft_r2c(plan_.get(), in, bins(out));
  }

 private:
  Plan plan_;
};

}  // namespace

void use_fftw_wisdom(const std::string& path) {
  fftwf_set_timelimit(kPlanSeconds);
  wisdom_path = path;
  if (!path.empty()) fftwf_import_wisdom_from_filename(path.c_str());
}

void add_fftw(FftProblem& problem, std::vector<Contender>& contenders) {
  contenders.push_back(
      {"fftw_many", "", kPeerTolerance, [&problem] { return prepare_many(problem); }});
  contenders.push_back(
      {"fftw_single", "", kPeerTolerance, [&problem] { return prepare_single(problem); }});
}

std::unique_ptr<RealTransforms> fftw_transforms(std::int64_t n, std::int64_t count,
                                                std::int64_t bins_distance) {
  return std::make_unique<FftwTransforms>(n, count, bins_distance);
}

}  // namespace papilio::bench
