/// Storing tiles: full L x L blocks are transposed in registers, a tail goes element by element.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/store.cpp"
#include "kernels/store.h"
#include "hwy/cache_control.h"
#include "hwy/foreach_target.h"  // first: includes this file once per target
#include "hwy/highway.h"
#include "kernels/dispatch.h"
#include "kernels/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace papilio::kernels::HWY_NAMESPACE {
namespace {

/// One block of L elements from the tile, transposed: v[l] holds L elements of lane l. Adds a sum
/// of x * 0, which is NaN for inf and NaN, to `bad`.
template <typename T>
HWY_INLINE void load_block(const T* HWY_RESTRICT in, Vector<T> (&v)[kLanes<T>], Vector<T>& bad) {
  const Tag<T> d;
  HWY_UNROLL(16)
  for (std::size_t i = 0; i < kLanes<T>; ++i) {
    v[i] = hn::Load(d, in + i * kLanes<T>);
  }
  bad = hn::Add(bad, sum_of_zeros<T>(v));
  transpose(d, v);
}

/// Rows that lie side by side (frames of one row in a [bands, frames] result).
template <typename T>
bool side_by_side(T* const* rows) {
  if (rows[0] == nullptr) return false;
  for (std::size_t lane = 1; lane < kLanes<T>; ++lane) {
    if (rows[lane] != rows[0] + lane) return false;
  }
  return true;
}

/// Elements [begin, count) one at a time.
template <typename T>
void store_elements(const T* in, std::int64_t begin, std::int64_t count, T* const* rows,
                    std::int64_t stride, Vector<T>& bad) {
  const Tag<T> d;
  for (std::int64_t e = begin; e < count; ++e) {
    const auto x = hn::Load(d, in + e * static_cast<std::int64_t>(kLanes<T>));
    bad = hn::MulAdd(x, hn::Zero(d), bad);
  }
  for (std::size_t lane = 0; lane < kLanes<T>; ++lane) {
    if (rows[lane] == nullptr) continue;
    const T* column = in + lane;
    for (std::int64_t e = begin; e < count; ++e) {
      rows[lane][e * stride] = column[e * static_cast<std::int64_t>(kLanes<T>)];
    }
  }
}

template <typename T>
std::uint64_t store_tile(const T* in, std::int64_t count, T* const* rows, std::int64_t stride,
                         std::int64_t ahead) {
  constexpr auto lanes = static_cast<std::int64_t>(kLanes<T>);
  const Tag<T> d;
  auto bad = hn::Zero(d);
  if (side_by_side(rows)) {
    for (std::int64_t e = 0; e < count; ++e) {
      const auto x = hn::Load(d, in + e * lanes);
      bad = hn::MulAdd(x, hn::Zero(d), bad);
      hn::StoreU(x, d, rows[0] + e * stride);
    }
    return lane_mask<T>(bad);
  }
  const std::int64_t full = stride == 1 ? count - count % lanes : 0;
  for (std::int64_t e = 0; e < full; e += lanes) {
    Vector<T> v[kLanes<T>];
    load_block<T>(in + e * lanes, v, bad);
    HWY_UNROLL(16)
    for (std::size_t lane = 0; lane < kLanes<T>; ++lane) {
      if (rows[lane] == nullptr) continue;
      hn::StoreU(v[lane], d, rows[lane] + e);
      hwy::Prefetch(rows[lane] + e + ahead);
    }
  }
  store_elements(in, full, count, rows, stride, bad);
  return lane_mask<T>(bad);
}

template <typename T>
std::uint64_t store_complex_tile(const T* re, const T* im, std::int64_t count, T* const* rows,
                                 std::int64_t stride) {
  constexpr auto lanes = static_cast<std::int64_t>(kLanes<T>);
  const Tag<T> d;
  auto bad = hn::Zero(d);
  const std::int64_t full = stride == 1 ? count - count % lanes : 0;
  for (std::int64_t e = 0; e < full; e += lanes) {
    Vector<T> vre[kLanes<T>];
    Vector<T> vim[kLanes<T>];
    load_block<T>(re + e * lanes, vre, bad);
    load_block<T>(im + e * lanes, vim, bad);
    HWY_UNROLL(16)
    for (std::size_t lane = 0; lane < kLanes<T>; ++lane) {
      if (rows[lane] != nullptr) hn::StoreInterleaved2(vre[lane], vim[lane], d, rows[lane] + 2 * e);
    }
  }
  T* imaginary[kLanes<T>];
  for (std::size_t lane = 0; lane < kLanes<T>; ++lane) {
    imaginary[lane] = rows[lane] == nullptr ? nullptr : rows[lane] + 1;
  }
  store_elements(re, full, count, rows, 2 * stride, bad);
  store_elements(im, full, count, imaginary, 2 * stride, bad);
  return lane_mask<T>(bad);
}

template <typename T>
const StoreKernels<T>& store_table() {
  static constexpr StoreKernels<T> table{.tile = store_tile<T>,
                                         .complex_tile = store_complex_tile<T>};
  return table;
}

const StoreKernels<float>& store_f32() { return store_table<float>(); }
const StoreKernels<double>& store_f64() { return store_table<double>(); }

}  // namespace
}  // namespace papilio::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace papilio::kernels {

HWY_EXPORT(store_f32);
HWY_EXPORT(store_f64);

template <>
const StoreKernels<float>& store_kernels<float>(Isa isa) {
  return PAPILIO_FOR_ISA(store_f32, isa)();
}
template <>
const StoreKernels<double>& store_kernels<double>(Isa isa) {
  return PAPILIO_FOR_ISA(store_f64, isa)();
}

}  // namespace papilio::kernels
#endif  // HWY_ONCE
