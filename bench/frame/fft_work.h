/// The works fft_r2c, fft_c2c and fft_c2c_inverse: rows in, interleaved bins out, unscaled.
#pragma once

#include <complex>
#include <cstdint>
#include <string>
#include <vector>

#include "base/buffer.h"
#include "papilio/definition.h"
#include "race.h"
#include "settings.h"

namespace papilio::bench {

class FftProblem final : public Problem {
 public:
  FftProblem(const std::string& work, std::int64_t n, std::int64_t batch);

  std::int64_t n() const { return cell_.n; }
  std::int64_t rows() const { return cell_.batch; }
  bool real() const { return options_.real; }
  bool inverse() const { return options_.inverse; }
  const FftOptions& options() const { return options_; }
  /// Floats of an input row and of a result row.
  std::int64_t in_length() const { return in_length_; }
  std::int64_t out_length() const { return out_length_; }
  const float* in() const { return in_.data(); }
  float* out() { return out_.data(); }

  void spoil() override;
  double error() const override;

 private:
  FftOptions options_;
  std::int64_t in_length_;
  std::int64_t out_length_;
  base::Buffer<float> in_;
  base::Buffer<float> out_;
  std::vector<double> reference_;  ///< of the distinct rows
};

/// Papilio's exact transform, run one way.
Contender papilio_fft(FftProblem& problem, const Run& way);

/// Adds other contenders for a problem that outlives them.
using FftPeers = std::function<void(FftProblem&, std::vector<Contender>&)>;

/// The works, in order; the lengths that are run when none are given.
std::vector<std::string> fft_works();
std::vector<std::int64_t> fft_lengths();

/// The whole grid; a cell that fails loses only itself. Batch: 2^21 / n rows unless given.
std::vector<Outcome> bench_fft(const Settings& settings, const FftPeers& peers = {},
                               const Told& told = {});

/// Nanoseconds to make the plan of one real transform, the first of that length in this process
/// (work plan_r2c).
std::vector<Outcome> bench_fft_plans(const Settings& settings);

}  // namespace papilio::bench
