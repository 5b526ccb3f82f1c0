/// Top-K in lanes. A key is one double per lane whose bits are (power as f32, ~bin): positive
/// doubles are ordered as their bits, so that one max and one min compare by power and, among equal
/// powers, prefer the lower bin. The even and the odd lanes of a tile make two vectors of keys.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/select_lanes.cpp"
#include "kernels/select_lanes.h"
#include "hwy/foreach_target.h"  // first: includes this file once per target
#include "hwy/highway.h"
#include "kernels/dispatch.h"
#include "kernels/tile-inl.h"

#include "hwy/contrib/math/math-inl.h"  // after highway.h

#ifndef PAPILIO_KERNELS_SELECT_LANES_CPP_
#define PAPILIO_KERNELS_SELECT_LANES_CPP_
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>
#endif

HWY_BEFORE_NAMESPACE();
namespace papilio::kernels::HWY_NAMESPACE {
namespace {

#if HWY_TARGET == HWY_SCALAR

const SelectLaneKernels* select_lane_table() { return nullptr; }

#else

using F = Tag<float>;
using U = hn::RebindToUnsigned<F>;
using I = hn::RebindToSigned<F>;
using Key = hn::Repartition<double, F>;
using KeyBits = hn::RebindToUnsigned<Key>;
using VF = hn::Vec<F>;
using VU = hn::Vec<U>;
using VI = hn::Vec<I>;
using VK = hn::Vec<Key>;
using Mask = hn::Mask<F>;

constexpr auto kL = static_cast<std::int64_t>(kLanes<float>);
constexpr double kEmpty = -1.0;
constexpr int kSorted = static_cast<int>(kLaneSlots);
constexpr int kBlock = 8;

/// Keys of the odd (or even) lanes; `low` is the lower half of all keys. Powers below 0 stand for
/// empty.
template <bool odd>
HWY_INLINE VK key_of(VF power, VU low) {
  const KeyBits d;
  const VU bits = hn::BitCast(U(), power);
  if constexpr (odd) return hn::BitCast(Key(), hn::OddEven(bits, low));
  const auto shifted = hn::BitCast(U(), hn::ShiftLeft<32>(hn::BitCast(d, bits)));
  return hn::BitCast(Key(), hn::OddEven(shifted, low));
}

/// Powers and lower halves of all lanes, from the keys of both.
HWY_INLINE VF powers_of(VK odd, VK even) {
  const auto down = hn::ShiftRight<32>(hn::BitCast(KeyBits(), even));
  return hn::BitCast(F(), hn::OddEven(hn::BitCast(U(), odd), hn::BitCast(U(), down)));
}
HWY_INLINE VU lows_of(VK odd, VK even) {
  const auto up = hn::ShiftLeft<32>(hn::BitCast(KeyBits(), odd));
  return hn::OddEven(hn::BitCast(U(), up), hn::BitCast(U(), even));
}

/// a >= b afterwards.
HWY_INLINE void order(VK& a, VK& b) {
  const VK larger = hn::Max(a, b);
  b = hn::Min(a, b);
  a = larger;
}

/// Sorts 8 keys, largest first (the 19 comparisons of the optimal network).
HWY_INLINE void sort_block(VK* x) {
  constexpr std::pair<int, int> kNetwork[] = {
      {0, 2}, {1, 3}, {4, 6}, {5, 7}, {0, 4}, {1, 5}, {2, 6}, {3, 7}, {0, 1}, {2, 3},
      {4, 5}, {6, 7}, {2, 4}, {3, 5}, {1, 4}, {3, 6}, {1, 2}, {3, 4}, {5, 6}};
  HWY_UNROLL(19)
  for (const auto& [a, b] : kNetwork) order(x[a], x[b]);
}

/// The 16 largest of a sorted list and a sorted block: descending, then ascending, then cleaned.
HWY_INLINE void merge_block(VK* list, const VK* block) {
  HWY_UNROLL(8)
  for (int i = 0; i < kBlock; ++i) {
    list[kSorted - kBlock + i] = hn::Max(list[kSorted - kBlock + i], block[kBlock - 1 - i]);
  }
  HWY_UNROLL(4)
  for (int step = kSorted / 2; step > 0; step /= 2) {
    HWY_UNROLL(16)
    for (int i = 0; i < kSorted; ++i) {
      if ((i & step) == 0) order(list[i], list[i + step]);
    }
  }
}

/// Powers as keys hold them: zeros without a sign, which would be the key's, and below 0, which no
/// list takes in, what is no power (NaN).
HWY_INLINE VF takeable(VF power) {
  const F d;
  return hn::IfThenElse(hn::Ge(power, hn::Zero(d)), hn::Add(power, hn::Zero(d)), hn::Set(d, -1.0F));
}

/// The sorted list of one half of the lanes over `count` keys; make(i) gives key i.
template <typename Make>
HWY_INLINE void top_of(std::int64_t count, const Make& make, VK* list) {
  const VK empty = hn::Set(Key(), kEmpty);
  VK block[kBlock];
  HWY_UNROLL(16)
  for (int i = 0; i < kSorted; ++i) list[i] = empty;
  for (std::int64_t first = 0; first < count; first += kBlock) {
    if (count - first >= kBlock) {
      HWY_UNROLL(8)
      for (int i = 0; i < kBlock; ++i) block[i] = make(first + i);
    } else {
      HWY_UNROLL(8)
      for (int i = 0; i < kBlock; ++i) block[i] = first + i < count ? make(first + i) : empty;
    }
    sort_block(block);
    merge_block(list, block);
  }
}

/// The lists of both halves; make(i, std::bool_constant<odd>) gives key i.
template <typename Make>
HWY_INLINE void top_of_lanes(std::int64_t count, const Make& make, VK* odd, VK* even) {
  top_of(
      count, [&](std::int64_t i) HWY_ATTR { return make(i, std::true_type()); }, odd);
  top_of(
      count, [&](std::int64_t i) HWY_ATTR { return make(i, std::false_type()); }, even);
}

std::uint64_t bits_of(Mask mask) {
  std::uint8_t bytes[8] = {};
  hn::StoreMaskBits(F(), mask, bytes);
  std::uint64_t bits = 0;
  std::memcpy(&bits, bytes, sizeof(bits));
  return bits;
}

std::uint64_t overflowed(const float* power, std::int64_t bins) {
  const F d;
  const VF most = hn::Set(d, std::numeric_limits<float>::max());
  Mask finite = hn::Le(hn::Load(d, power), most);
  for (std::int64_t bin = 1; bin < bins; ++bin) {
    finite = hn::And(finite, hn::Le(hn::Load(d, power + bin * kL), most));
  }
  return bits_of(hn::Not(finite));
}

void store_slot(std::int64_t slot, VF bin, VF power, VF hz, VF peak, float* slots) {
  const F d;
  float* to = slots + slot * kSlotValues * kL;
  const Mask used = hn::Ge(power, hn::Zero(d));
  const VF nan = hn::Set(d, std::numeric_limits<float>::quiet_NaN());
  hn::Store(hn::IfThenElse(used, bin, hn::Set(d, -1.0F)), d, to);
  hn::Store(hn::IfThenElse(used, power, nan), d, to + kL);
  hn::Store(hn::IfThenElse(used, hz, nan), d, to + 2 * kL);
  hn::Store(hn::IfThenElse(used, peak, nan), d, to + 3 * kL);
}

/// Positions in ascending frequency, of bins.
HWY_INLINE VI positions_of(VI bin, const SpectrumAxis& axis) {
  if (!axis.two_sided) return bin;
  const I d;
  const auto half = static_cast<std::int32_t>(axis.bins / 2);
  const auto upper = static_cast<std::int32_t>((axis.bins + 1) / 2);
  const auto negative = hn::Gt(bin, hn::Set(d, upper - 1));
  return hn::Add(bin,
                 hn::IfThenElse(negative, hn::Set(d, half - static_cast<std::int32_t>(axis.bins)),
                                hn::Set(d, half)));
}

/// float(position * bin_hz), each product in double as a row's search forms it.
HWY_INLINE VF hz_of(hn::Vec<Key> low, hn::Vec<Key> high, const SpectrumAxis& axis) {
  const Key d;
  const hn::Half<F> half;
  const VK zero = hn::Set(d, static_cast<double>(axis.two_sided ? axis.bins / 2 : 0));
  const VK width = hn::Set(d, axis.bin_hz);
  return hn::Combine(F(), hn::DemoteTo(half, hn::Mul(hn::Sub(high, zero), width)),
                     hn::DemoteTo(half, hn::Mul(hn::Sub(low, zero), width)));
}

HWY_INLINE VK lower_double(VI v) { return hn::PromoteTo(Key(), hn::LowerHalf(hn::Half<I>(), v)); }
HWY_INLINE VK upper_double(VI v) { return hn::PromoteTo(Key(), hn::UpperHalf(hn::Half<I>(), v)); }
HWY_INLINE VK lower_double(VF v) { return hn::PromoteTo(Key(), hn::LowerHalf(hn::Half<F>(), v)); }
HWY_INLINE VK upper_double(VF v) { return hn::PromoteTo(Key(), hn::UpperHalf(hn::Half<F>(), v)); }

/// First position and number of the positions that conditions leave.
std::pair<std::int64_t, std::int64_t> range_of(const LaneSelection& s, std::int64_t margin) {
  const std::int64_t end = s.axis.bins - margin;
  const std::int64_t hi = s.conditions.hi < 0 ? end : std::min(s.conditions.hi, end);
  const std::int64_t lo = std::max<std::int64_t>(s.conditions.lo, margin);
  return {lo, std::max<std::int64_t>(hi - lo, 0)};
}

HWY_INLINE VU low_half(std::int64_t bin) { return hn::Set(U(), ~static_cast<std::uint32_t>(bin)); }

LaneOutcome top_bins(const float* power, const LaneSelection& s, float* slots) {
  const F d;
  const auto [lo, count] = range_of(s, 0);
  const auto make = [&, first = lo](std::int64_t i, auto half) HWY_ATTR {
    const std::int64_t bin = s.axis.bin_at(first + i);
    return key_of<half.value>(takeable(hn::Load(d, power + bin * kL)), low_half(bin));
  };
  VK odd[kSorted], even[kSorted];
  top_of_lanes(count, make, odd, even);
  for (std::int64_t slot = 0; slot < s.k; ++slot) {
    const VF x = powers_of(odd[slot], even[slot]);
    const VI found = hn::BitCast(I(), hn::Not(lows_of(odd[slot], even[slot])));
    const VI position = positions_of(found, s.axis);
    const VF hz = hz_of(lower_double(position), upper_double(position), s.axis);
    store_slot(slot, hn::ConvertTo(d, found), x, hz, x, slots);
  }
  return {0, overflowed(power, s.axis.bins)};
}

/// The tile in ascending frequency.
const float* ascending(const float* power, const SpectrumAxis& axis, float* scratch) {
  if (!axis.two_sided) return power;
  const float* negative = power + (axis.bins + 1) / 2 * kL;
  std::copy(power, negative, std::copy(negative, power + axis.bins * kL, scratch));
  return scratch;
}

/// Which positions are peaks, and which lanes have plateaus.
class PeakFinder {
 public:
  PeakFinder(const float* x, const PeakConditions& conditions) : x_(x) {
    auto height = static_cast<float>(conditions.height);
    if (static_cast<double>(height) < conditions.height) {
      height = std::nextafter(height, std::numeric_limits<float>::infinity());
    }
    height_ = hn::Set(F(), height);
  }

  /// The power at a position that is a peak, below 0 elsewhere.
  HWY_INLINE VF at(std::int64_t position) const {
    const F d;
    const VF x = hn::Load(d, x_ + position * kL);
    const Mask rises = hn::Lt(hn::Load(d, x_ + (position - 1) * kL), x);
    const Mask falls = hn::Lt(hn::Load(d, x_ + (position + 1) * kL), x);
    const Mask peak = hn::And(hn::And(rises, falls), hn::Ge(x, height_));
    return hn::IfThenElse(peak, x, hn::Set(d, -1.0F));
  }

  /// Lanes in which a rise ends in equal powers: perhaps a peak, which no single position is.
  std::uint64_t plateaus(std::int64_t bins) const {
    const F d;
    Mask any = hn::MaskFromVec(hn::Zero(d));
    for (std::int64_t p = 1; p + 1 < bins; ++p) {
      const VF x = hn::Load(d, x_ + p * kL);
      const Mask rises = hn::Lt(hn::Load(d, x_ + (p - 1) * kL), x);
      const Mask flat = hn::Eq(hn::Load(d, x_ + (p + 1) * kL), x);
      any = hn::Or(any, hn::And(hn::And(rises, flat), hn::Ge(x, height_)));
    }
    return bits_of(any);
  }

 private:
  const float* x_;
  VF height_;
};

/// Lower (or upper) half of the lanes: position and power of the parabola's vertex, in double.
struct Vertex {
  VK position, power;
};
HWY_INLINE Vertex vertex_of(VK position, VK before, VK at, VK after) {
  const Key d;
  const VK zero = hn::Zero(d);
  const VK infinity = hn::Set(d, std::numeric_limits<double>::infinity());
  const auto inside = hn::And(hn::And(hn::And(hn::Gt(before, zero), hn::Gt(after, zero)),
                                      hn::And(hn::Gt(at, before), hn::Gt(at, after))),
                              hn::Lt(at, infinity));
  const VK half = hn::Set(d, 0.5), safe = hn::IfThenElse(inside, at, hn::Set(d, 1.0));
  const VK left = hn::Log(d, hn::Div(hn::IfThenElse(inside, before, half), safe));
  const VK right = hn::Log(d, hn::Div(hn::IfThenElse(inside, after, half), safe));
  const VK sum = hn::Add(left, right), difference = hn::Sub(left, right);
  // Powers one ulp apart may have equal logs: no parabola then.
  const auto curved = hn::And(inside, hn::Lt(sum, zero));
  const VK shift = hn::Mul(half, hn::Div(difference, hn::IfThenElse(curved, sum, half)));
  const VK rise = hn::Mul(hn::Mul(hn::Set(d, -0.25), difference), shift);
  return {hn::IfThenElse(curved, hn::Add(position, shift), position),
          hn::IfThenElse(curved, hn::Mul(at, hn::Exp(d, rise)), at)};
}

/// Writes a slot of peaks: `position` of each lane, of power below 0 where there is none.
void store_peak(std::int64_t slot, VI position, VF power, const float* x, const LaneSelection& s,
                float* slots) {
  const F d;
  const I di;
  const SpectrumAxis& axis = s.axis;
  const Mask used = hn::Ge(power, hn::Zero(d));
  position = hn::IfThenElse(hn::RebindMask(di, used), position, hn::Set(di, 1));
  const VI index =
      hn::Add(hn::Mul(position, hn::Set(di, static_cast<std::int32_t>(kL))), hn::Iota(di, 0));
  const VI step = hn::Set(di, static_cast<std::int32_t>(kL));
  VF before = hn::GatherIndex(d, x, hn::Sub(index, step));
  VF after = hn::GatherIndex(d, x, hn::Add(index, step));
  if (axis.doubled && !axis.two_sided) {
    // DC and Nyquist are not doubled: compared with doubled powers, they count twice.
    const VF two = hn::Set(d, 2.0F);
    const auto dc = hn::Eq(position, hn::Set(di, 1));
    before = hn::IfThenElse(hn::RebindMask(d, dc), hn::Mul(before, two), before);
    if (axis.has_nyquist) {
      const auto nyquist = hn::Eq(position, hn::Set(di, static_cast<std::int32_t>(axis.bins - 2)));
      after = hn::IfThenElse(hn::RebindMask(d, nyquist), hn::Mul(after, two), after);
    }
  }
  const Vertex low = vertex_of(lower_double(position), lower_double(before), lower_double(power),
                               lower_double(after));
  const Vertex high = vertex_of(upper_double(position), upper_double(before), upper_double(power),
                                upper_double(after));
  VI bin = position;
  if (axis.two_sided) {
    const auto half = static_cast<std::int32_t>(axis.bins / 2);
    const auto negative = hn::Lt(position, hn::Set(di, half));
    const auto all = static_cast<std::int32_t>(axis.bins);
    bin = hn::Add(position, hn::IfThenElse(negative, hn::Set(di, all - half), hn::Set(di, -half)));
  }
  const hn::Half<F> half_of;
  const VF peak =
      hn::Combine(d, hn::DemoteTo(half_of, high.power), hn::DemoteTo(half_of, low.power));
  store_slot(slot, hn::ConvertTo(d, bin), power, hz_of(low.position, high.position, axis), peak,
             slots);
}

/// Peaks that stand for themselves: one pass, two positions per key, since of two neighbours one at
/// most is a peak.
void free_peaks(const float* x, const PeakFinder& finder, const LaneSelection& s, float* slots) {
  const auto [lo, count] = range_of(s, 1);
  const std::int64_t pairs = (count + 1) / 2;
  const std::int64_t end = lo + count;
  // The key's lower half prefers the lower BIN of equal powers.
  const auto low_of = [&](std::int64_t p) HWY_ATTR { return low_half(s.axis.bin_at(p)); };
  const auto make = [&](std::int64_t i, auto half) HWY_ATTR {
    const std::int64_t p = lo + 2 * i;
    const VK first = key_of<half.value>(finder.at(p), low_of(p));
    if (p + 1 >= end) return first;
    return hn::Max(first, key_of<half.value>(finder.at(p + 1), low_of(p + 1)));
  };
  VK odd[kSorted], even[kSorted];
  top_of_lanes(pairs, make, odd, even);
  for (std::int64_t slot = 0; slot < s.k; ++slot) {
    const VI bin = hn::BitCast(I(), hn::Not(lows_of(odd[slot], even[slot])));
    store_peak(slot, positions_of(bin, s.axis), powers_of(odd[slot], even[slot]), x, s, slots);
  }
}

/// Peaks at least `distance` apart: the highest, then the highest of those far enough from it, and
/// so on, each time over all pairs. Of equal powers the later is taken first, as scipy does; lanes
/// in which that matters are told.
std::uint64_t distant_peaks(const float* x, const PeakFinder& finder, const LaneSelection& s,
                            float* slots, float* scratch) {
  const F d;
  const I di;
  const auto [lo, count] = range_of(s, 1);
  const std::int64_t pairs = (count + 1) / 2;
  float* powers = scratch;
  auto* positions = reinterpret_cast<std::int32_t*>(scratch + pairs * kL);
  VF best = hn::Set(d, -1.0F);
  VI found = hn::Set(di, 1);
  const auto keep_larger = [&](VF power, VI position) HWY_ATTR {
    const Mask larger = hn::Ge(power, best);
    best = hn::Max(power, best);
    found = hn::IfThenElse(hn::RebindMask(di, larger), position, found);
  };
  for (std::int64_t i = 0; i < pairs; ++i) {
    const std::int64_t p = lo + 2 * i;
    const VF first = finder.at(p);
    const VF second = p + 1 < lo + count ? finder.at(p + 1) : first;
    const VI at = hn::Set(di, static_cast<std::int32_t>(p));
    const Mask later = hn::Gt(second, first);
    const VI position = hn::IfThenElse(hn::RebindMask(di, later), hn::Add(at, hn::Set(di, 1)), at);
    const VF power = hn::Max(first, second);
    hn::Store(power, d, powers + i * kL);
    hn::Store(position, di, positions + i * kL);
    keep_larger(power, position);
  }
  const VI reach = hn::Set(di, static_cast<std::int32_t>(s.conditions.distance));
  Mask ties = hn::MaskFromVec(hn::Zero(d));
  for (std::int64_t slot = 0; slot < s.k; ++slot) {
    store_peak(slot, found, best, x, s, slots);
    const VF taken = best;
    const VI where = found;
    best = hn::Set(d, -1.0F);
    for (std::int64_t i = 0; i < pairs; ++i) {
      const VI position = hn::Load(di, positions + i * kL);
      const auto near = hn::Lt(hn::Abs(hn::Sub(position, where)), reach);
      const VF power =
          hn::IfThenElse(hn::RebindMask(d, near), hn::Set(d, -1.0F), hn::Load(d, powers + i * kL));
      hn::Store(power, d, powers + i * kL);
      keep_larger(power, position);
    }
    ties = hn::Or(ties, hn::And(hn::Eq(best, taken), hn::Ge(best, hn::Zero(d))));
  }
  return bits_of(ties);
}

LaneOutcome top_peaks(const float* power, const LaneSelection& s, float* slots, float* scratch) {
  const float* x = ascending(power, s.axis, scratch);
  if (x == scratch) scratch += s.axis.bins * kL;
  const PeakFinder finder(x, s.conditions);
  LaneOutcome outcome{finder.plateaus(s.axis.bins), overflowed(power, s.axis.bins)};
  if (s.conditions.distance > 1) {
    outcome.undecided |= distant_peaks(x, finder, s, slots, scratch);
  } else {
    free_peaks(x, finder, s, slots);
  }
  return outcome;
}

const SelectLaneKernels* select_lane_table() {
  static constexpr SelectLaneKernels table{.bins = top_bins, .peaks = top_peaks};
  return &table;
}

#endif  // HWY_TARGET != HWY_SCALAR

}  // namespace
}  // namespace papilio::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace papilio::kernels {

HWY_EXPORT(select_lane_table);

const SelectLaneKernels* select_lane_kernels(Isa isa) {
  return PAPILIO_FOR_ISA(select_lane_table, isa)();
}

bool selects_bins_in_lanes(const LaneSelection& s) {
  return s.k <= kLaneSlots && s.axis.bins > 0 && s.axis.bins < (std::int64_t{1} << 24);
}

bool selects_peaks_in_lanes(const LaneSelection& s) {
  const PeakConditions& c = s.conditions;
  return selects_bins_in_lanes(s) && c.threshold <= 0 && c.prominence <= 0;
}

}  // namespace papilio::kernels
#endif  // HWY_ONCE
