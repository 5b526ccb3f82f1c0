/// Attributes of ops: plain structs, one per kind of op that has any.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "ir/type.h"

namespace papilio::ir {

struct NoAttrs {};

/// A stack of rows that the caller gives when the plan runs: [rows, samples].
struct InputAttrs {
  std::string name;
  bool complex = false;
  std::int64_t samples = 0;  ///< > 0: rows of exactly so many elements; 0: any length
};

/// Known numbers: a vector along the last axis (complex: re, im interleaved).
struct ConstAttrs {
  std::shared_ptr<const std::vector<double>> values;
  bool complex = false;
};

/// Numbers that training changes: a tensor of fixed shape that the caller gives when the plan runs
/// and that all rows share.
struct ParamAttrs {
  std::string name;
  std::vector<std::int64_t> shape;
  bool complex = false;
};

enum class PadMode : std::uint8_t {
  none,
  zeros,    ///< librosa `constant`
  reflect,  ///< numpy `reflect`: the edge sample is not repeated
  mirror,   ///< kaldi without snip-edges (numpy `symmetric`): the edge sample is repeated
};

struct FrameAttrs {
  FrameRule rule;
  PadMode pad = PadMode::none;
};

enum class Trend : std::uint8_t { constant, linear };

struct DetrendAttrs {
  Trend trend = Trend::constant;
};

/// y[0] = x[0] - c x[0], y[i] = x[i] - c x[i-1], inside each frame (kaldi).
struct PreemphasisAttrs {
  double coefficient = 0.97;
};

/// y = mul * x + add; complex x without an addend.
struct AffineAttrs {
  double mul = 1.0;
  double add = 0.0;
};

/// Zeros around the last axis: `before` in front, `size` in all.
struct PadAttrs {
  std::int64_t before = 0;
  std::int64_t size = 0;
};

/// Elements [begin, end) of the last axis.
struct SliceAttrs {
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

/// Transform length (rfft/fft/ifft: of the input's last axis; irfft: of the output's) and a factor
/// that multiplies the result (1 = unscaled).
struct FftAttrs {
  std::int64_t n = 0;
  double scale = 1.0;
};

/// A matrix [bands, bins] of which each row is one run of weights.
struct BandedMatrix {
  struct Band {
    std::int64_t first_bin = 0;
    std::int64_t count = 0;
    std::int64_t offset = 0;  ///< of its first weight in `weights`
    bool operator==(const Band&) const = default;
  };
  std::int64_t bins = 0;
  std::vector<Band> bands;
  std::vector<double> weights;
  bool operator==(const BandedMatrix&) const = default;
};

struct FilterbankAttrs {
  std::shared_ptr<const BandedMatrix> matrix;
};

enum class LogBase : std::uint8_t { e, ten };

/// log(max(x, floor)).
struct LogAttrs {
  LogBase base = LogBase::e;
  double floor = 0.0;
};

/// What the maximum of a range clamp is taken over.
enum class RangeMax : std::uint8_t { clip, frame, fixed };

/// y = max(x, maximum - range).
struct ClampRangeAttrs {
  double range = 0.0;
  RangeMax over = RangeMax::clip;
  double maximum = 0.0;  ///< RangeMax::fixed only
};

/// y = 1 where x > threshold, else 0.
struct StepAttrs {
  double threshold = 0.0;
};

/// Sums and their adjoint. A mean is divided by the number of values that were added; its adjoint
/// by the number of copies that are made of a value.
struct SumAttrs {
  bool mean = false;
};

/// The folds over frames by their weights: mean_frames, max_frames, median_frames.
enum class FrameFold : std::uint8_t { mean, max, median };

struct FoldAttrs {
  FrameFold fold = FrameFold::mean;
};

/// Top-k of a PSD: [.., bins] -> [.., k, 4], fields bin, power, frequency_hz, peak_power. The
/// conditions apply to Peaks only.
struct TopAttrs {
  std::int64_t k = 16;
  std::int64_t n_fft = 0;     ///< of the transform behind the bins
  double bin_hz = 1.0;        ///< fs / n_fft
  bool one_sided = true;      ///< false: FFT order, negative frequencies in the second half
  bool doubled = true;        ///< interior bins hold twice the two-sided power
  std::int64_t distance = 1;  ///< in bins
  double height = 0.0;        ///< conditions in the unit of the PSD; NaN: not asked for
  double threshold = 0.0;
  double prominence = 0.0;
  double fmin_hz = 0.0;  ///< candidates only; NaN: not asked for
  double fmax_hz = 0.0;
};

/// A choice of elements along the last axis. gather reads from `size` elements, y[i] = x[index[i]];
/// scatter, its adjoint, adds into `size` elements, y[index[i]] += x[i].
struct GatherAttrs {
  std::shared_ptr<const std::vector<std::int32_t>> index;
  std::int64_t size = 0;
};

/// A butterfly network or a run of its stages, y = A(p) x: optionally a permutation, then stages
/// [first, last) of mixed radices (transform/layout.h tells positions and strides), each a product
/// with blocks of r x r. Transposed: the transposed stages, last one first, then the permutation
/// undone. p is complex and holds, for these stages one after the other, the twiddles [n/r, r-1] or
/// the blocks [n/r, r, r] as transform/network.h lays them out. Nothing is scaled.
struct ButterflyAttrs {
  std::vector<int> radices;  ///< of the whole network, first stage first; their product is n
  int first = 0;
  int last = 0;
  bool block = false;    ///< blocks instead of twiddles
  bool inverse = false;  ///< +2 pi i in DFT_r (twiddles only)
  bool transposed = false;
  bool linear = false;  ///< twiddles only: w_0 = 0 instead of 1, so that y is linear in p
  /// Position i of the first stage reads x[(*permutation)[i]]; nullptr: in order.
  std::shared_ptr<const std::vector<std::int32_t>> permutation;
};

using Attrs = std::variant<NoAttrs, InputAttrs, ConstAttrs, ParamAttrs, FrameAttrs, DetrendAttrs,
                           PreemphasisAttrs, AffineAttrs, PadAttrs, SliceAttrs, FftAttrs,
                           FilterbankAttrs, LogAttrs, ClampRangeAttrs, TopAttrs, StepAttrs,
                           SumAttrs, FoldAttrs, GatherAttrs, ButterflyAttrs>;

}  // namespace papilio::ir
