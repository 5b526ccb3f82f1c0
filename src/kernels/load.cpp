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

  /// At sample `first` of every lane.
  Cursors(const LaneSource& source, std::size_t byte_offset, std::int64_t first) {
    for (std::size_t lane = 0; lane < kLanes<T>; ++lane) {
      const bool present = source.base[lane] != nullptr;
      step[lane] = present ? source.stride : 0;
      at[lane] = present ? source.base[lane] + byte_offset + first * source.stride : kZeroSamples;
    }
  }

  /// Moves every lane on by one block of L samples, but never past the last one.
  void advance(std::int64_t left) {
    if (left <= static_cast<std::int64_t>(kLanes<T>)) return;
    for (std::size_t lane = 0; lane < kLanes<T>; ++lane) {
      at[lane] += step[lane] * static_cast<std::int64_t>(kLanes<T>);
    }
  }
};

/// Lanes whose samples lie side by side: one offset serves all; absent ones stay on the zeros.
template <typename T>
struct DenseLanes {
  const std::byte* base[kLanes<T>];
  std::int64_t moves[kLanes<T>];  // all ones, or 0
  bool aligned = true;

  DenseLanes(const LaneSource& source, std::size_t byte_offset, std::size_t size) {
    for (std::size_t lane = 0; lane < kLanes<T>; ++lane) {
      const bool present = source.base[lane] != nullptr;
      base[lane] = present ? source.base[lane] + byte_offset : kZeroSamples;
      moves[lane] = present ? -1 : 0;
      aligned &= reinterpret_cast<std::uintptr_t>(base[lane]) % size == 0;
    }
  }
  HWY_INLINE const std::byte* at(std::size_t lane, std::int64_t offset) const {
    return base[lane] + (offset & moves[lane]);
  }
  std::int64_t apart() const {
    if constexpr (kLanes<T> > 1) return base[1] - base[0];
    return 0;
  }
  /// All lanes are present and lie evenly apart.
  bool even() const {
    bool result = moves[0] != 0;
    for (std::size_t lane = 1; lane < kLanes<T>; ++lane) {
      result &= moves[lane] != 0 && base[lane] - base[lane - 1] == apart();
    }
    return result;
  }
};

/// The same where the lanes lie evenly apart, as consecutive rows and frames do: every address is
/// one of a few pointers plus a register, so that the loop spends its instructions on samples.
template <typename T>
struct EvenLanes {
  const std::byte* base;
  std::int64_t apart;

  HWY_INLINE const std::byte* at(std::size_t lane, std::int64_t offset) const {
    const std::byte* const four = base + offset + static_cast<std::int64_t>(lane / 4 * 4) * apart;
    return four + static_cast<std::int64_t>(lane % 4) * apart;
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

/// What becomes of a sample on its way into the tile; members that are not used cost nothing.
template <typename T, bool kScaled, bool kWindowed>
struct Finish {
  Vector<T> scale;
  const T* HWY_RESTRICT window;

  /// Tile elements [first, first + count) from v. Returns a sum of x * 0: NaN where an x is not
  /// finite.
  HWY_INLINE Vector<T> store(Vector<T> (&v)[kLanes<T>], std::int64_t first, std::int64_t count,
                             T* HWY_RESTRICT out) const {
    if (count >= static_cast<std::int64_t>(kLanes<T>)) return store_block(v, first, out);
    Vector<T> bad = hn::Zero(Tag<T>());
    for (std::int64_t i = 0; i < count; ++i) bad = store_one(v[i], first + i, bad, out);
    return bad;
  }

  /// The same for a whole block.
  HWY_INLINE Vector<T> store_block(Vector<T> (&v)[kLanes<T>], std::int64_t first,
                                   T* HWY_RESTRICT out) const {
    const Tag<T> d;
    if constexpr (kScaled) {
      HWY_UNROLL(16)
      for (std::size_t i = 0; i < kLanes<T>; ++i) v[i] = hn::Mul(v[i], scale);
    }
    const Vector<T> bad = sum_of_zeros<T>(v);
    T* HWY_RESTRICT to = out + first * static_cast<std::int64_t>(kLanes<T>);
    HWY_UNROLL(16)
    for (std::size_t i = 0; i < kLanes<T>; ++i) {
      if constexpr (kWindowed)
        v[i] = hn::Mul(v[i], hn::Set(d, window[first + static_cast<std::int64_t>(i)]));
      hn::Store(v[i], d, to + i * kLanes<T>);
    }
    return bad;
  }

  /// Returns bad + x * 0.
  HWY_INLINE Vector<T> store_one(Vector<T> x, std::int64_t element, Vector<T> bad,
                                 T* HWY_RESTRICT out) const {
    const Tag<T> d;
    if constexpr (kScaled) x = hn::Mul(x, scale);
    bad = hn::MulAdd(x, hn::Zero(d), bad);
    if constexpr (kWindowed) x = hn::Mul(x, hn::Set(d, window[element]));
    hn::Store(x, d, out + element * static_cast<std::int64_t>(kLanes<T>));
    return bad;
  }
};

/// body(finish) with what `source` asks for.
template <typename T, typename Body>
std::uint64_t with_finish(const LaneSource& source, Body&& body) {
  const Vector<T> scale = hn::Set(Tag<T>(), static_cast<T>(source.scale));
  const T* window = static_cast<const T*>(source.window);
  if (window != nullptr) {
    if (source.scale == 1.0) return body(Finish<T, false, true>{scale, window});
    return body(Finish<T, true, true>{scale, window});
  }
  if (source.scale == 1.0) return body(Finish<T, false, false>{scale, window});
  return body(Finish<T, true, false>{scale, window});
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

template <typename T, typename F>
std::uint64_t load_columns(const LaneSource& source, const F& finish, std::int64_t count,
                           T* HWY_RESTRICT out) {
  const Tag<T> d;
  Vector<T> bad = hn::Zero(d);
  for (std::int64_t i = 0; i < count; ++i) {
    const auto* row = reinterpret_cast<const T*>(source.base[0] + i * source.stride);
    bad = finish.store_one(hn::LoadU(d, row), i, bad, out);
  }
  return lane_mask<T>(bad);
}

/// Whole blocks of dense lanes; each asks for the same place `ahead` bytes further on.
template <typename T, typename Source, typename Lanes, typename F>
HWY_INLINE Vector<T> load_blocks(const Lanes& from, std::int64_t ahead, const F finish,
                                 std::int64_t blocks, T* HWY_RESTRICT out) {
  constexpr auto lanes = static_cast<std::int64_t>(kLanes<T>);
  Vector<T> bad = hn::Zero(Tag<T>());
  for (std::int64_t i = 0; i < blocks * lanes; i += lanes) {
    const std::int64_t offset = i * static_cast<std::int64_t>(sizeof(Source));
    Vector<T> v[kLanes<T>];
    HWY_UNROLL(16)
    for (std::size_t lane = 0; lane < kLanes<T>; ++lane) {
      const std::byte* const at = from.at(lane, offset);
      v[lane] = load_dense<T, Source>(at);
      hwy::Prefetch(at + ahead);
    }
    transpose(Tag<T>(), v);
    bad = hn::Add(bad, finish.store(v, i, lanes, out));
  }
  return bad;
}

template <typename T, typename Source, typename F>
std::uint64_t load_samples(const LaneSource& source, const F& finish, std::size_t byte_offset,
                           std::int64_t count, T* HWY_RESTRICT out) {
  constexpr auto lanes = static_cast<std::int64_t>(kLanes<T>);
  constexpr bool in_registers = std::is_same_v<T, Source> || std::is_same_v<Source, std::int16_t>;
  Vector<T> bad = hn::Zero(Tag<T>());
  std::int64_t i = 0;
  if constexpr (in_registers) {
    const DenseLanes<T> dense(source, byte_offset, sizeof(Source));
    if (dense.aligned && source.stride == static_cast<std::int64_t>(sizeof(Source))) {
      const std::int64_t blocks = count / lanes;
      if (dense.even()) {
        const EvenLanes<T> even{dense.base[0], dense.apart()};
        bad = load_blocks<T, Source>(even, source.ahead, finish, blocks, out);
      } else {
        bad = load_blocks<T, Source>(dense, source.ahead, finish, blocks, out);
      }
      i = blocks * lanes;
    }
  }
  Cursors<T> cursors(source, byte_offset, i);
  alignas(64) T block[kLanes<T> * kLanes<T>];
  for (; i < count; i += lanes) {
    const std::int64_t rows = count - i < lanes ? count - i : lanes;
    for (std::size_t lane = 0; lane < kLanes<T>; ++lane) {
      stage<T, Source>(cursors.at[lane], cursors.step[lane], rows, block + lane * kLanes<T>);
    }
    Vector<T> v[kLanes<T>];
    HWY_UNROLL(16)
    for (std::size_t lane = 0; lane < kLanes<T>; ++lane) {
      v[lane] = hn::Load(Tag<T>(), block + lane * kLanes<T>);
    }
    transpose(Tag<T>(), v);
    bad = hn::Add(bad, finish.store(v, i, rows, out));
    cursors.advance(count - i);
  }
  return lane_mask<T>(bad);
}

/// Dense interleaved pairs of T, deinterleaved in registers.
template <typename T, typename F>
std::uint64_t load_dense_pairs(const DenseLanes<T>& from, const F& finish, std::int64_t blocks,
                               T* HWY_RESTRICT re, T* HWY_RESTRICT im) {
  constexpr auto lanes = static_cast<std::int64_t>(kLanes<T>);
  const Tag<T> d;
  Vector<T> bad = hn::Zero(d);
  for (std::int64_t i = 0; i < blocks * lanes; i += lanes) {
    const std::int64_t offset = 2 * i * static_cast<std::int64_t>(sizeof(T));
    Vector<T> vre[kLanes<T>];
    Vector<T> vim[kLanes<T>];
    HWY_UNROLL(16)
    for (std::size_t lane = 0; lane < kLanes<T>; ++lane) {
      hn::LoadInterleaved2(d, reinterpret_cast<const T*>(from.at(lane, offset)), vre[lane],
                           vim[lane]);
    }
    transpose(Tag<T>(), vre);
    bad = hn::Add(bad, finish.store(vre, i, lanes, re));
    transpose(Tag<T>(), vim);
    bad = hn::Add(bad, finish.store(vim, i, lanes, im));
  }
  return lane_mask<T>(bad);
}

template <typename T>
std::uint64_t load_tile(const LaneSource& source, std::int64_t count, T* out) {
  return with_sample_type(source.dtype, [&]<typename Source>() {
    return with_finish<T>(source, [&](const auto& finish) {
      if constexpr (std::is_same_v<T, Source>) {
        if (side_by_side<T>(source)) return load_columns<T>(source, finish, count, out);
      }
      return load_samples<T, Source>(source, finish, 0, count, out);
    });
  });
}

/// Parts of `count` pairs, each as real samples.
template <typename T, typename Source>
std::uint64_t load_parts(const LaneSource& source, std::int64_t count, T* re, T* im) {
  return with_finish<T>(source, [&](const auto& finish) {
    return load_samples<T, Source>(source, finish, 0, count, re) |
           load_samples<T, Source>(source, finish, sizeof(Source), count, im);
  });
}

/// Dense pairs of T: full blocks in registers (whole vectors are read), the rest part by part.
template <typename T>
std::uint64_t load_pairs(const LaneSource& source, const DenseLanes<T>& from, std::int64_t count,
                         T* re, T* im) {
  constexpr auto lanes = static_cast<std::int64_t>(kLanes<T>);
  const std::int64_t done = count / lanes * lanes;
  const std::uint64_t bad = with_finish<T>(source, [&](const auto& finish) {
    return load_dense_pairs<T>(from, finish, done / lanes, re, im);
  });
  if (done == count) return bad;
  const std::byte* base[kLanes<T>];
  for (std::size_t lane = 0; lane < kLanes<T>; ++lane) {
    const std::byte* first = source.base[lane];
    base[lane] = first == nullptr ? nullptr : first + done * source.stride;
  }
  LaneSource rest = source;
  rest.base = base;
  if (source.window != nullptr) rest.window = static_cast<const T*>(source.window) + done;
  return bad | load_parts<T, T>(rest, count - done, re + done * lanes, im + done * lanes);
}

template <typename T>
std::uint64_t load_complex_tile(const LaneSource& source, std::int64_t count, T* re, T* im) {
  return with_sample_type(part_of(source.dtype), [&]<typename Source>() {
    if constexpr (std::is_same_v<T, Source>) {
      const DenseLanes<T> dense(source, 0, sizeof(T));
      const bool pairs = source.stride == static_cast<std::int64_t>(2 * sizeof(T));
      if (pairs && dense.aligned) return load_pairs<T>(source, dense, count, re, im);
    }
    return load_parts<T, Source>(source, count, re, im);
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
