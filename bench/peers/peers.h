/// The other libraries of a bench, each at its best: bench/peers/README.md says how.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "feature_work.h"
#include "fft_work.h"
#include "race.h"

namespace papilio::bench {

/// The largest error of a row that counts as right for a peer; Papilio has its own, tighter bound.
inline constexpr double kPeerTolerance = 2e-6;

/// Reads FFTW's wisdom from `path` and keeps what is learnt there; "" keeps nothing.
void use_fftw_wisdom(const std::string& path);

/// fftw_many and fftw_single.
void add_fftw(FftProblem& problem, std::vector<Contender>& contenders);
/// mkl; nothing in builds without it.
void add_mkl(FftProblem& problem, std::vector<Contender>& contenders);
/// kissfft; nothing in builds without it.
void add_kissfft(FftProblem& problem, std::vector<Contender>& contenders);

/// `count` real transforms of n contiguous floats each, n a row; bins `bins_distance` apart.
class RealTransforms {
 public:
  virtual ~RealTransforms() = default;
  /// Interleaved bins of all rows.
  virtual void run(float* in, float* out) const = 0;
};
std::unique_ptr<RealTransforms> fftw_transforms(std::int64_t n, std::int64_t count,
                                                std::int64_t bins_distance);
/// Null in builds without MKL.
std::unique_ptr<RealTransforms> mkl_transforms(std::int64_t n, std::int64_t count,
                                               std::int64_t bins_distance);

/// Welch on FFTW and on MKL; for peaks, Papilio's own selection on MKL's (or FFTW's) PSD.
void add_pipelines(FeatureProblem& problem, std::vector<Contender>& contenders);

}  // namespace papilio::bench
