/// Loading tiles: whole L x L blocks through registers where the source is contiguous, everything
/// else staged one lane at a time through a small block; both end in the same transpose.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/load.cpp"
#include "kernels/load.h"
#include "hwy/cache_control.h"
#include "hwy/foreach_target.h"  // first: includes this file once per target
#include "hwy/highway.h"
#include "kernels/dispatch.h"
#include "kernels/sample.h"
#include "kernels/tile-inl.h"

#ifndef PAPILIO_KERNELS_LOAD_CPP_
#define PAPILIO_KERNELS_LOAD_CPP_
namespace papilio::kernels {

/// A lane of zeros is read from here with stride 0: all-zero bits are 0 in every element type. Wide
/// enough for the widest register block of the widest type.
alignas(64) inline constexpr std::byte kZeroSamples[512] = {};

}  // namespace papilio::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace papilio::kernels::HWY_NAMESPACE {
namespace {

/// Cursors of the L lanes: absent lanes stay on the zeros, where a block is always readable.
template <typename T>
struct Cursors {
  const std::byte* at[kLanes<T>];
  std::int64_t step[kLanes<T>];

  Cursors(const LaneSource& source, std::size_t byte_offset) {
    for (std::size_t lane = 0; lane < kLanes<T>; ++lane) {
      const bool present = source.base[lane] != nullptr;
      at[lane] = present ? source.base[lane] + byte_offset : kZeroSamples;
      step[lane] = present ? source.stride : 0;
    }
  }

  /// Moves every lane on by one block of L samples, but never past the last one.
  void advance(std::int64_t left) {
    if (left <= static_cast<std::int64_t>(kLanes<T>)) return;
    for (std::size_t lane = 0; lane < kLanes<T>; ++lane) {
      at[lane] += step[lane] * static_cast<std::int64_t>(kLanes<T>);
    }
  }

  /// True when present lanes have dense samples of `size` bytes, all aligned to `size`.
  bool dense(std::int64_t stride, std::size_t size) const {
    if (stride != static_cast<std::int64_t>(size)) return false;
    std::uintptr_t bits = 0;
    for (const std::byte* address : at) bits |= reinterpret_cast<std::uintptr_t>(address);
    return bits % size == 0;
  }
};

/// L dense samples as a vector of T, for the types that convert in registers.
template <typename T, typename Source>
HWY_INLINE Vector<T> load_dense(const std::byte* address) {
  const Tag<T> d;
  const auto* samples = reinterpret_cast<const Source*>(address);
  if constexpr (std::is_same_v<T, Source>) {
    return hn::LoadU(d, samples);
  } else {
    static_assert(std::is_same_v<Source, std::int16_t>);
    const auto narrow = hn::LoadU(hn::Rebind<std::int16_t, Tag<T>>(), samples);
    const hn::Rebind<std::int32_t, Tag<T>> d32;
    if constexpr (std::is_same_v<T, float>) {
      return hn::ConvertTo(d, hn::PromoteTo(d32, narrow));
    } else {
      return hn::PromoteTo(d, hn::PromoteTo(d32, narrow));
    }
  }
}

/// `count` <= L samples of one lane into out[L], zeros after them.
template <typename T, typename Source>
HWY_INLINE void stage(const std::byte* address, std::int64_t step, std::int64_t count, T* out) {
  constexpr auto lanes = static_cast<std::int64_t>(kLanes<T>);
  if (count == lanes && step == static_cast<std::int64_t>(sizeof(Source))) {
    for (std::int64_t i = 0; i < lanes; ++i) {
      out[i] = read_sample<T, Source>(address + i * static_cast<std::int64_t>(sizeof(Source)));
    }
    return;
  }
  for (std::int64_t i = 0; i < count; ++i) out[i] = read_sample<T, Source>(address + i * step);
  for (std::int64_t i = count; i < lanes; ++i) out[i] = T(0);
}

/// Scales and stores `rows` tile elements, gathering x * 0 (NaN for inf and NaN) into `bad`.
template <typename T>
HWY_INLINE void finish_block(const Vector<T> (&v)[kLanes<T>], Vector<T> scale, std::int64_t rows,
                             Vector<T>& bad, T* HWY_RESTRICT out) {
  const Tag<T> d;
  const auto zero = hn::Zero(d);
  if (rows >= static_cast<std::int64_t>(kLanes<T>)) {
    HWY_UNROLL(16)
    for (std::size_t i = 0; i < kLanes<T>; ++i) {
      const auto x = hn::Mul(v[i], scale);
      bad = hn::MulAdd(x, zero, bad);
      hn::Store(x, d, out + i * kLanes<T>);
    }
    return;
  }
  for (std::int64_t i = 0; i < rows; ++i) {
    const auto x = hn::Mul(v[i], scale);
    bad = hn::MulAdd(x, zero, bad);
    hn::Store(x, d, out + i * static_cast<std::int64_t>(kLanes<T>));
  }
}

/// Lanes that lie side by side (columns of a C-ordered array) need no transpose at all.
template <typename T>
bool side_by_side(const LaneSource& source) {
  const std::byte* first = source.base[0];
  if (first == nullptr || reinterpret_cast<std::uintptr_t>(first) % sizeof(T) != 0) return false;
  if (source.stride % static_cast<std::int64_t>(sizeof(T)) != 0) return false;
  for (std::size_t lane = 1; lane < kLanes<T>; ++lane) {
    if (source.base[lane] != first + lane * sizeof(T)) return false;
  }
  return true;
}

template <typename T>
std::uint64_t load_columns(const LaneSource& source, std::int64_t count, T* HWY_RESTRICT out) {
  const Tag<T> d;
  const auto scale = hn::Set(d, static_cast<T>(source.scale));
  const auto zero = hn::Zero(d);
  auto bad = zero;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto* row = reinterpret_cast<const T*>(source.base[0] + i * source.stride);
    const auto x = hn::Mul(hn::LoadU(d, row), scale);
    bad = hn::MulAdd(x, zero, bad);
    hn::Store(x, d, out + i * static_cast<std::int64_t>(kLanes<T>));
  }
  return lane_mask<T>(bad);
}

template <typename T, typename Source>
std::uint64_t load_samples(const LaneSource& source, std::size_t byte_offset, std::int64_t count,
                           T* HWY_RESTRICT out) {
  constexpr auto lanes = static_cast<std::int64_t>(kLanes<T>);
  constexpr bool in_registers = std::is_same_v<T, Source> || std::is_same_v<Source, std::int16_t>;
  const Tag<T> d;
  const auto scale = hn::Set(d, static_cast<T>(source.scale));
  auto bad = hn::Zero(d);
  Cursors<T> cursors(source, byte_offset);
  const bool dense = in_registers && cursors.dense(source.stride, sizeof(Source));
  alignas(64) T block[kLanes<T> * kLanes<T>];
  for (std::int64_t i = 0; i < count; i += lanes) {
    const std::int64_t rows = count - i < lanes ? count - i : lanes;
    Vector<T> v[kLanes<T>];
    bool loaded = false;
    if constexpr (in_registers) {
      if (dense && rows == lanes) {
        HWY_UNROLL(16)
        for (std::size_t lane = 0; lane < kLanes<T>; ++lane) {
          v[lane] = load_dense<T, Source>(cursors.at[lane]);
          hwy::Prefetch(cursors.at[lane] + source.ahead);
        }
        loaded = true;
      }
    }
    if (!loaded) {
      for (std::size_t lane = 0; lane < kLanes<T>; ++lane) {
        stage<T, Source>(cursors.at[lane], cursors.step[lane], rows, block + lane * kLanes<T>);
      }
      HWY_UNROLL(16)
      for (std::size_t lane = 0; lane < kLanes<T>; ++lane) {
        v[lane] = hn::Load(d, block + lane * kLanes<T>);
      }
    }
    transpose<T>(v);
    finish_block<T>(v, scale, rows, bad, out + i * lanes);
    cursors.advance(count - i);
  }
  return lane_mask<T>(bad);
}

/// Dense interleaved pairs of T, deinterleaved in registers.
template <typename T>
std::uint64_t load_dense_pairs(const LaneSource& source, std::int64_t blocks, T* HWY_RESTRICT re,
                               T* HWY_RESTRICT im) {
  constexpr auto lanes = static_cast<std::int64_t>(kLanes<T>);
  const Tag<T> d;
  const auto scale = hn::Set(d, static_cast<T>(source.scale));
  auto bad = hn::Zero(d);
  Cursors<T> cursors(source, 0);
  for (std::int64_t block = 0; block < blocks; ++block) {
    Vector<T> vre[kLanes<T>];
    Vector<T> vim[kLanes<T>];
    HWY_UNROLL(16)
    for (std::size_t lane = 0; lane < kLanes<T>; ++lane) {
      const auto* pairs = reinterpret_cast<const T*>(cursors.at[lane]);
      hn::LoadInterleaved2(d, pairs, vre[lane], vim[lane]);
    }
    transpose<T>(vre);
    finish_block<T>(vre, scale, lanes, bad, re + block * lanes * lanes);
    transpose<T>(vim);
    finish_block<T>(vim, scale, lanes, bad, im + block * lanes * lanes);
    cursors.advance((blocks - block) * lanes);
  }
  return lane_mask<T>(bad);
}

template <typename T>
std::uint64_t load_tile(const LaneSource& source, std::int64_t count, T* out) {
  return with_sample_type(source.dtype, [&]<typename Source>() {
    if constexpr (std::is_same_v<T, Source>) {
      if (side_by_side<T>(source)) return load_columns<T>(source, count, out);
    }
    return load_samples<T, Source>(source, 0, count, out);
  });
}

template <typename T>
std::uint64_t load_complex_tile(const LaneSource& source, std::int64_t count, T* re, T* im) {
  constexpr auto lanes = static_cast<std::int64_t>(kLanes<T>);
  return with_sample_type(part_of(source.dtype), [&]<typename Source>() {
    std::int64_t done = 0;
    std::uint64_t bad = 0;
    LaneSource rest = source;
    const std::byte* base[kLanes<T>];
    if constexpr (std::is_same_v<T, Source>) {
      // LoadInterleaved2 reads whole vectors, so only the full blocks go that way.
      const bool aligned = Cursors<T>(source, 0).dense(sizeof(T), sizeof(T));
      if (aligned && source.stride == static_cast<std::int64_t>(2 * sizeof(T))) {
        done = count - count % lanes;
        bad = load_dense_pairs<T>(source, done / lanes, re, im);
        for (std::size_t lane = 0; lane < kLanes<T>; ++lane) {
          const std::byte* first = source.base[lane];
          base[lane] = first == nullptr || done == count ? nullptr : first + done * source.stride;
        }
        rest.base = base;
      }
    }
    if (done < count) {
      bad |= load_samples<T, Source>(rest, 0, count - done, re + done * lanes);
      bad |= load_samples<T, Source>(rest, sizeof(Source), count - done, im + done * lanes);
    }
    return bad;
  });
}

template <typename T>
const LoadKernels<T>& load_table() {
  static constexpr LoadKernels<T> table{.tile = load_tile<T>, .complex_tile = load_complex_tile<T>};
  return table;
}

const LoadKernels<float>& load_f32() { return load_table<float>(); }
const LoadKernels<double>& load_f64() { return load_table<double>(); }

}  // namespace
}  // namespace papilio::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <cmath>

namespace papilio::kernels {

HWY_EXPORT(load_f32);
HWY_EXPORT(load_f64);

template <>
const LoadKernels<float>& load_kernels<float>(Isa isa) {
  return PAPILIO_FOR_ISA(load_f32, isa)();
}
template <>
const LoadKernels<double>& load_kernels<double>(Isa isa) {
  return PAPILIO_FOR_ISA(load_f64, isa)();
}

namespace {

template <typename T, typename Source>
std::int64_t first_nonfinite_of(const std::byte* base, std::int64_t stride, std::int64_t count,
                                int parts, T scale) {
  for (std::int64_t i = 0; i < count; ++i) {
    for (int part = 0; part < parts; ++part) {
      const std::byte* address = base + i * stride + part * static_cast<int>(sizeof(Source));
      if (!std::isfinite(read_sample<T, Source>(address) * scale)) return i;
    }
  }
  return -1;
}

}  // namespace

template <typename T>
std::int64_t first_nonfinite(const std::byte* base, DType dtype, std::int64_t stride,
                             std::int64_t count, double scale) {
  const int parts = is_complex(dtype) ? 2 : 1;
  return with_sample_type(part_of(dtype), [&]<typename Source>() {
    return first_nonfinite_of<T, Source>(base, stride, count, parts, static_cast<T>(scale));
  });
}

template std::int64_t first_nonfinite<float>(const std::byte*, DType, std::int64_t, std::int64_t,
                                             double);
template std::int64_t first_nonfinite<double>(const std::byte*, DType, std::int64_t, std::int64_t,
                                              double);

}  // namespace papilio::kernels
#endif  // HWY_ONCE
