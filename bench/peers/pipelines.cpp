// Welch's PSD as a good programmer writes it on top of a batched real FFT: blocks of four rows, so
// that samples, bins and powers of a block stay in the first cache; loops that the compiler turns
// into full vectors; the scaling folded into the window.
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string>

#include "base/buffer.h"
#include "peers.h"
#include "selection.h"

namespace papilio::bench {
namespace {

constexpr std::int64_t kBlockRows = 4;

/// The PSD of four rows at a time.
class WelchPipeline {
 public:
  using Make = std::unique_ptr<RealTransforms> (*)(std::int64_t, std::int64_t, std::int64_t);

  WelchPipeline(const FeatureProblem& problem, Make make)
      : n_(problem.welch().nperseg),
        hop_(n_ - n_ / 2),
        segments_((problem.samples() - n_) / hop_ + 1),
        samples_(problem.samples()),
        detrend_(problem.welch().detrend == Detrend::constant),
        distance_(n_ / 2 + 8),  // rows of bins start on cache lines, not a power of two apart
        window_(static_cast<std::size_t>(n_)),
        frames_(static_cast<std::size_t>(kBlockRows * segments_ * n_)),
        bins_(static_cast<std::size_t>(kBlockRows * segments_ * distance_ * 2)),
        transforms_(make(n_, kBlockRows * segments_, distance_)) {
    if (n_ % 2 != 0) throw std::runtime_error("this pipeline is for even n");
    double power = 0.0;
    for (std::int64_t i = 0; i < n_; ++i) {
      const double w = hann(i);
      power += w * w;
    }
    const double factor = std::sqrt(2.0 / (power * static_cast<double>(segments_)));
    for (std::int64_t i = 0; i < n_; ++i) {
      window_.data()[i] = static_cast<float>(hann(i) * factor);
    }
  }

  std::int64_t bins() const { return n_ / 2 + 1; }

  /// [4, samples] -> [4, bins].
  void run(const float* rows, float* psd) const {
    for (std::int64_t row = 0; row < kBlockRows; ++row) {
      for (std::int64_t s = 0; s < segments_; ++s) {
        frame(rows + row * samples_ + s * hop_, frames_.data() + (row * segments_ + s) * n_);
      }
    }
    transforms_->run(frames_.data(), bins_.data());
    for (std::int64_t row = 0; row < kBlockRows; ++row) {
      powers(bins_.data() + row * segments_ * distance_ * 2, psd + row * bins());
    }
  }

 private:
  double hann(std::int64_t i) const {
    const double angle = 2.0 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(n_);
    return 0.5 - 0.5 * std::cos(angle);
  }

  void frame(const float* __restrict in, float* __restrict out) const {
    const float* __restrict window = window_.data();
    float mean = 0.0F;
    if (detrend_) {
      for (std::int64_t i = 0; i < n_; ++i) mean += in[i];
      mean /= static_cast<float>(n_);
    }
    for (std::int64_t i = 0; i < n_; ++i) out[i] = (in[i] - mean) * window[i];
  }

  void powers(const float* __restrict z, float* __restrict psd) const {
    const std::int64_t count = bins();
    for (std::int64_t k = 0; k < count; ++k) {
      psd[k] = z[2 * k] * z[2 * k] + z[2 * k + 1] * z[2 * k + 1];
    }
    for (std::int64_t s = 1; s < segments_; ++s) {
      const float* __restrict next = z + s * distance_ * 2;
      for (std::int64_t k = 0; k < count; ++k) {
        psd[k] += next[2 * k] * next[2 * k] + next[2 * k + 1] * next[2 * k + 1];
      }
    }
    psd[0] *= 0.5F;
    psd[count - 1] *= 0.5F;
  }

  std::int64_t n_;
  std::int64_t hop_;
  std::int64_t segments_;
  std::int64_t samples_;
  bool detrend_;
  std::int64_t distance_;
  base::Buffer<float> window_;
  mutable base::Buffer<float> frames_;
  mutable base::Buffer<float> bins_;
  std::unique_ptr<RealTransforms> transforms_;
};

/// Calls body(first row) for blocks of rows; the last one may overlap the one before it.
template <typename Body>
void for_blocks(std::int64_t rows, std::int64_t block, Body&& body) {
  if (rows < block) {
    throw std::runtime_error("this pipeline needs " + std::to_string(block) + " rows");
  }
  for (std::int64_t row = 0; row + block <= rows; row += block) body(row);
  if (rows % block != 0) body(rows - block);
}

std::function<void()> prepare_psd(FeatureProblem& problem, WelchPipeline::Make make) {
  const auto welch = std::make_shared<WelchPipeline>(problem, make);
  return [&problem, welch] {
    for_blocks(problem.rows(), kBlockRows, [&](std::int64_t row) {
      welch->run(problem.in() + row * problem.samples(),
                 problem.out() + row * problem.out_length());
    });
  };
}

std::function<void()> prepare_peaks(FeatureProblem& problem, WelchPipeline::Make make) {
  const auto welch = std::make_shared<WelchPipeline>(problem, make);
  const auto selection = std::make_shared<Selection>(problem);
  return [&problem, welch, selection] {
    for_blocks(problem.rows(), selection->rows(), [&](std::int64_t row) {
      for (std::int64_t i = 0; i < selection->rows(); i += kBlockRows) {
        welch->run(problem.in() + (row + i) * problem.samples(),
                   selection->power() + i * welch->bins());
      }
      selection->run(problem.out() + row * problem.out_length());
    });
  };
}

std::function<void()> prepare(FeatureProblem& problem, WelchPipeline::Make make) {
  return problem.definition().verb == "psd" ? prepare_psd(problem, make)
                                            : prepare_peaks(problem, make);
}

}  // namespace

void add_pipelines(FeatureProblem& problem, std::vector<Contender>& contenders) {
  const double tolerance = 2.0 * feature_tolerance(problem);
  const std::string suffix = problem.definition().verb == "psd" ? "" : "_select";
  contenders.push_back(
      {"fftw" + suffix, "", tolerance, [&problem] { return prepare(problem, fftw_transforms); }});
#ifdef PAPILIO_HAS_MKL
  contenders.push_back(
      {"mkl" + suffix, "", tolerance, [&problem] { return prepare(problem, mkl_transforms); }});
#endif
}

}  // namespace papilio::bench
