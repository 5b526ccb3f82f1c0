// Welch's PSD as a good programmer writes it on top of a batched real FFT: blocks of four rows, so
// that samples, bins and powers of a block stay in the first cache; loops that the compiler turns
// into full vectors; the scaling folded into the window.
#include <cmath>
#include <numbers>
#include <stdexcept>

#include "base/buffer.h"
#include "kernels/select.h"
#include "peers.h"

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
    if (problem.rows() < kBlockRows) throw std::runtime_error("this pipeline needs 4 rows");
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

/// Calls body(first row) for blocks of four rows; the last one may overlap the one before it.
template <typename Body>
void for_blocks(std::int64_t rows, Body&& body) {
  for (std::int64_t row = 0; row + kBlockRows <= rows; row += kBlockRows) body(row);
  if (rows % kBlockRows != 0) body(rows - kBlockRows);
}

std::function<void()> prepare_psd(FeatureProblem& problem, WelchPipeline::Make make) {
  const auto welch = std::make_shared<WelchPipeline>(problem, make);
  return [&problem, welch] {
    for_blocks(problem.rows(), [&](std::int64_t row) {
      welch->run(problem.in() + row * problem.samples(),
                 problem.out() + row * problem.out_length());
    });
  };
}

/// Papilio's own selection on each row of powers while it is in the cache.
struct Selection {
  kernels::SpectrumAxis axis;
  kernels::PeakConditions conditions;
  TopMode mode;
  base::Buffer<float> psd;
  base::Buffer<std::byte> scratch;

  explicit Selection(const FeatureProblem& problem)
      : axis{problem.welch().nperseg / 2 + 1,
             problem.welch().fs / static_cast<double>(problem.welch().nperseg), false, true, true},
        psd(static_cast<std::size_t>(kBlockRows * axis.bins)),
        scratch(kernels::select_scratch_bytes<float>(axis.bins)) {
    const auto& options = std::get<PeaksOptions>(problem.definition().options);
    mode = options.mode;
    if (options.height) conditions.height = *options.height;
    if (options.min_distance) {
      conditions.distance =
          static_cast<std::int64_t>(std::ceil(*options.min_distance / axis.bin_hz));
    }
  }

  void run(std::int64_t row, std::span<float> slots) {
    const std::span<const float> power(psd.data() + row * axis.bins,
                                       static_cast<std::size_t>(axis.bins));
    if (mode == TopMode::bins) {
      kernels::select_bins<float>(power, axis, 0, -1, slots, scratch.span());
    } else {
      kernels::select_peaks<float>(power, axis, conditions, slots, scratch.span());
    }
  }
};

std::function<void()> prepare_peaks(FeatureProblem& problem, WelchPipeline::Make make) {
  const auto welch = std::make_shared<WelchPipeline>(problem, make);
  const auto selection = std::make_shared<Selection>(problem);
  return [&problem, welch, selection] {
    const std::int64_t values = problem.out_length();
    for_blocks(problem.rows(), [&](std::int64_t row) {
      welch->run(problem.in() + row * problem.samples(), selection->psd.data());
      for (std::int64_t i = 0; i < kBlockRows; ++i) {
        selection->run(i, {problem.out() + (row + i) * values, static_cast<std::size_t>(values)});
      }
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
