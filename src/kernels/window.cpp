/// Detrend, window and padding of one segment in a tile.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/window.cpp"
#include "kernels/window.h"
#include "hwy/foreach_target.h"  // first: includes this file once per target
#include "hwy/highway.h"
#include "kernels/dispatch.h"
#include "kernels/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace papilio::kernels::HWY_NAMESPACE {
namespace {

/// Pairwise sum of a stream of vectors of double: partial sums of equal weight meet like the digits
/// of a binary counter, so the rounding error grows with log(count) only.
class PairwiseSum {
 public:
  HWY_INLINE void add(Vector<double> v) {
    const Tag<double> d;
    for (std::uint64_t bits = blocks_; (bits & 1) != 0; bits >>= 1) {
      v = hn::Add(hn::Load(d, sums_[--depth_]), v);
    }
    hn::Store(v, d, sums_[depth_++]);
    ++blocks_;
  }

  HWY_INLINE Vector<double> total() const {
    const Tag<double> d;
    auto sum = hn::Zero(d);
    for (int i = depth_ - 1; i >= 0; --i) sum = hn::Add(hn::Load(d, sums_[i]), sum);
    return sum;
  }

 private:
  /// Plain memory: a member of vector type needs a constructor, which g++ makes for no ISA.
  alignas(64) double sums_[64][kLanes<double>];
  std::uint64_t blocks_ = 0;
  int depth_ = 0;
};

inline constexpr std::int64_t kSumBlock = 64;

/// A value to subtract before summing, as near to the signal as its offset: the median of the
/// first, the middle and the last sample, so that a click or a step at one of them does no harm.
template <typename T>
HWY_INLINE Vector<T> pivot_of(const T* in, std::int64_t count) {
  constexpr auto lanes = static_cast<std::int64_t>(kLanes<T>);
  const Tag<T> d;
  const auto a = hn::Load(d, in);
  const auto b = hn::Load(d, in + count / 2 * lanes);
  const auto c = hn::Load(d, in + (count - 1) * lanes);
  return hn::Max(hn::Min(a, b), hn::Min(hn::Max(a, b), c));
}

/// sum over i < count of in[i] - pivot, for the `count` <= kSumBlock elements at in.
template <typename T>
HWY_INLINE Vector<T> block_sum(const T* HWY_RESTRICT in, std::int64_t count, Vector<T> pivot) {
  constexpr auto lanes = static_cast<std::int64_t>(kLanes<T>);
  const Tag<T> d;
  auto a = hn::Zero(d), b = a, c = a, e = a;
  std::int64_t i = 0;
  for (; i + 4 <= count; i += 4) {
    const T* p = in + i * lanes;
    a = hn::Add(a, hn::Sub(hn::Load(d, p), pivot));
    b = hn::Add(b, hn::Sub(hn::Load(d, p + lanes), pivot));
    c = hn::Add(c, hn::Sub(hn::Load(d, p + 2 * lanes), pivot));
    e = hn::Add(e, hn::Sub(hn::Load(d, p + 3 * lanes), pivot));
  }
  for (; i < count; ++i) a = hn::Add(a, hn::Sub(hn::Load(d, in + i * lanes), pivot));
  return hn::Add(hn::Add(a, b), hn::Add(c, e));
}

/// The mean of each lane as an unevaluated sum high + low: what is lost by rounding it to T would
/// be a constant error of every sample, as large as the signal itself under a large enough offset.
/// Differences from the pivot are summed, blocks in T, their sums in double.
template <typename T>
void mean(const T* in, std::int64_t count, T* HWY_RESTRICT high, T* HWY_RESTRICT low) {
  constexpr auto lanes = static_cast<std::int64_t>(kLanes<T>);
  constexpr std::size_t groups = kLanes<T> / kLanes<double>;
  const Tag<double> d;
  alignas(64) T pivots[kLanes<T>];
  const auto pivot = pivot_of<T>(in, count);
  hn::Store(pivot, Tag<T>(), pivots);
  PairwiseSum sums[groups];
  for (std::int64_t i = 0; i < count; i += kSumBlock) {
    const std::int64_t block = kSumBlock < count - i ? kSumBlock : count - i;
    alignas(64) T sum[kLanes<T>];
    hn::Store(block_sum<T>(in + i * lanes, block, pivot), Tag<T>(), sum);
    for (std::size_t g = 0; g < groups; ++g) {
      sums[g].add(load_double<T>(sum + g * kLanes<double>));
    }
  }
  const auto n = hn::Set(d, static_cast<double>(count));
  for (std::size_t g = 0; g < groups; ++g) {
    const std::size_t lane = g * kLanes<double>;
    const auto base = load_double<T>(pivots + lane);
    const auto offset = hn::Div(sums[g].total(), n);
    const auto rounded = hn::Add(base, offset);
    const auto part = hn::Sub(rounded, base);  // what the addition lost: Knuth's two-sum
    const auto lost = hn::Add(hn::Sub(base, hn::Sub(rounded, part)), hn::Sub(offset, part));
    store_double<T>(rounded, high + lane);
    store_double<T>(hn::Add(hn::Sub(rounded, load_double<T>(high + lane)), lost), low + lane);
  }
}

template <typename T>
void window_constant(const T* in, const FrameShape<T>& shape, T* out) {
  constexpr auto lanes = static_cast<std::int64_t>(kLanes<T>);
  const Tag<T> d;
  alignas(64) T means[2 * kLanes<T>];
  mean<T>(in, shape.count, means, means + lanes);
  const auto high = hn::Load(d, means);
  const auto low = hn::Load(d, means + lanes);
  for (std::int64_t i = 0; i < shape.count; ++i) {
    auto x = hn::Sub(hn::Sub(hn::Load(d, in + i * lanes), high), low);
    if (shape.window != nullptr) x = hn::Mul(x, hn::Set(d, shape.window[i]));
    hn::Store(x, d, out + i * lanes);
  }
}

template <typename T>
void window_only(const T* in, const FrameShape<T>& shape, T* out) {
  constexpr auto lanes = static_cast<std::int64_t>(kLanes<T>);
  const Tag<T> d;
  for (std::int64_t i = 0; i < shape.count; ++i) {
    auto x = hn::Load(d, in + i * lanes);
    if (shape.window != nullptr) x = hn::Mul(x, hn::Set(d, shape.window[i]));
    hn::Store(x, d, out + i * lanes);
  }
}

/// Least squares about the middle of the segment, where level and slope are independent:
/// slope = sum t x / sum t^2 with t = i - (count - 1) / 2. In double also for float: a line much
/// larger than what it leaves over would otherwise hide it in its rounding errors.
template <typename T>
HWY_INLINE void window_linear_lanes(const T* in, const FrameShape<T>& shape, T* out) {
  constexpr auto lanes = static_cast<std::int64_t>(kLanes<T>);
  const Tag<double> d;
  const auto n = static_cast<double>(shape.count);
  const double middle = 0.5 * (n - 1);
  const auto pivot = load_double<T>(in);
  PairwiseSum levels;
  PairwiseSum slopes;
  for (std::int64_t i = 0; i < shape.count;) {
    auto level = hn::Zero(d);
    auto slope = hn::Zero(d);
    const std::int64_t end = i + kSumBlock < shape.count ? i + kSumBlock : shape.count;
    for (; i < end; ++i) {
      const auto x = hn::Sub(load_double<T>(in + i * lanes), pivot);
      level = hn::Add(level, x);
      slope = hn::MulAdd(hn::Set(d, static_cast<double>(i) - middle), x, slope);
    }
    levels.add(level);
    slopes.add(slope);
  }
  const double square = n * (n * n - 1) / 12;
  const auto level = hn::Div(levels.total(), hn::Set(d, n));
  // One sample has no slope: the sum is 0 and so is what it is divided by.
  const auto slope = hn::Div(slopes.total(), hn::Set(d, square > 0 ? square : 1.0));
  for (std::int64_t i = 0; i < shape.count; ++i) {
    const auto x = hn::Sub(hn::Sub(load_double<T>(in + i * lanes), pivot), level);
    auto y = hn::NegMulAdd(hn::Set(d, static_cast<double>(i) - middle), slope, x);
    if (shape.window != nullptr) y = hn::Mul(y, hn::Set(d, static_cast<double>(shape.window[i])));
    store_double<T>(y, out + i * lanes);
  }
}

template <typename T>
void window_linear(const T* in, const FrameShape<T>& shape, T* out) {
  for (std::size_t lane = 0; lane < kLanes<T>; lane += kLanes<double>) {
    window_linear_lanes<T>(in + lane, shape, out + lane);
  }
}

template <typename T>
void zero(T* out, std::int64_t elements) {
  const Tag<T> d;
  for (std::int64_t i = 0; i < elements; ++i) {
    hn::Store(hn::Zero(d), d, out + i * static_cast<std::int64_t>(kLanes<T>));
  }
}

template <typename T>
void frame(const T* in, const FrameShape<T>& shape, T* out) {
  constexpr auto lanes = static_cast<std::int64_t>(kLanes<T>);
  T* segment = out + shape.offset * lanes;
  if (shape.count > 0) {
    switch (shape.detrend) {
      case Detrend::none:
        window_only<T>(in, shape, segment);
        break;
      case Detrend::constant:
        window_constant<T>(in, shape, segment);
        break;
      case Detrend::linear:
        window_linear<T>(in, shape, segment);
        break;
    }
  }
  zero<T>(out, shape.offset);
  zero<T>(segment + shape.count * lanes, shape.n_fft - shape.offset - shape.count);
}

template <typename T>
void preemphasis(const T* in, std::int64_t count, T coefficient, T* out) {
  constexpr auto lanes = static_cast<std::int64_t>(kLanes<T>);
  const Tag<T> d;
  const auto c = hn::Set(d, coefficient);
  // From the end, so that in place no sample is overwritten before its successor has read it.
  for (std::int64_t i = count - 1; i >= 0; --i) {
    const auto before = hn::Load(d, in + (i > 0 ? i - 1 : 0) * lanes);
    hn::Store(hn::NegMulAdd(c, before, hn::Load(d, in + i * lanes)), d, out + i * lanes);
  }
}

template <typename T>
const WindowKernels<T>& window_table() {
  static constexpr WindowKernels<T> table{.frame = frame<T>, .preemphasis = preemphasis<T>};
  return table;
}

const WindowKernels<float>& window_f32() { return window_table<float>(); }
const WindowKernels<double>& window_f64() { return window_table<double>(); }

}  // namespace
}  // namespace papilio::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace papilio::kernels {

HWY_EXPORT(window_f32);
HWY_EXPORT(window_f64);

template <>
const WindowKernels<float>& window_kernels<float>(Isa isa) {
  return PAPILIO_FOR_ISA(window_f32, isa)();
}
template <>
const WindowKernels<double>& window_kernels<double>(Isa isa) {
  return PAPILIO_FOR_ISA(window_f64, isa)();
}

}  // namespace papilio::kernels
#endif  // HWY_ONCE
