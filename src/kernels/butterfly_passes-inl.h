// Passes of learned butterflies (butterfly_kernels.h states the recurrence). Included once per
// instruction set.
#include <hwy/highway.h>

#include <cstddef>
#include <cstdint>

#include "kernels/butterfly_kernels.h"
#include "kernels/fft_codelets-inl.h"
#include "kernels/fft_shuffle-inl.h"

#if defined(PAPILIO_KERNELS_BUTTERFLY_PASSES_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef PAPILIO_KERNELS_BUTTERFLY_PASSES_INL_H
#undef PAPILIO_KERNELS_BUTTERFLY_PASSES_INL_H
#else
#define PAPILIO_KERNELS_BUTTERFLY_PASSES_INL_H
#endif

/// Of lambdas: they get this region's instruction set, and no call of their own.
#define PAPILIO_INLINE HWY_ATTR __attribute__((always_inline))

HWY_BEFORE_NAMESPACE();
namespace papilio::kernels::HWY_NAMESPACE {

/// Calls body(a, b, i) for the butterflies of stage `kStage` of `kStages`, i counting them.
template <int kStages, int kStage, class Body>
HWY_INLINE void for_butterflies(Body&& body) {
  constexpr int distance = 1 << (kStages - 1 - kStage);
  HWY_UNROLL(16)
  for (int i = 0; i < (1 << kStages) / 2; ++i) {
    const int a = i / distance * 2 * distance + i % distance;
    body(a, a + distance, i);
  }
}

constexpr int reversed(int value, int bits) {
  int result = 0;
  for (int bit = 0; bit < bits; ++bit) result |= (value >> bit & 1) << (bits - 1 - bit);
  return result;
}

/// T of a table per visit of a pass.
template <class D>
constexpr std::int64_t table_step(int stages) {
  return kLanes<D> * stages * (std::int64_t{1} << stages);
}

template <class D, class T = hn::TFromD<D>>
HWY_INLINE Cx<hn::Vec<D>> twiddle(D d, const T* HWY_RESTRICT table, int i) {
  return {hn::LoadU(d, table + 2 * i * kLanes<D>), hn::LoadU(d, table + (2 * i + 1) * kLanes<D>)};
}

/// a conj(w).
template <class V>
HWY_INLINE Cx<V> mul_conj(const Cx<V>& a, const Cx<V>& w) {
  return {hn::MulAdd(a.im, w.im, hn::Mul(a.re, w.re)),
          hn::NegMulAdd(a.re, w.im, hn::Mul(a.im, w.re))};
}

/// The stages from kStage on.
template <int kStages, int kStage = 0, class D, class T = hn::TFromD<D>, class V = hn::Vec<D>>
HWY_INLINE void run_stages(D d, const T* HWY_RESTRICT table, Cx<V>* x) {
  if constexpr (kStage < kStages) {
    for_butterflies<kStages, kStage>([&](int a, int b, int i) PAPILIO_INLINE {
      const Cx<V> t = mul(x[b], twiddle(d, table, i));
      x[b] = sub(x[a], t);
      x[a] = add(x[a], t);
    });
    run_stages<kStages, kStage + 1>(d, table + (kLanes<D> << kStages), x);
  }
}

/// The same, and what each twiddle multiplied goes to `kept`, by stage and butterfly.
template <int kStages, int kStage = 0, class D, class T = hn::TFromD<D>, class V = hn::Vec<D>>
HWY_INLINE void run_stages_keeping(D d, const T* HWY_RESTRICT table, Cx<V>* x,
                                   T* HWY_RESTRICT kept) {
  if constexpr (kStage < kStages) {
    for_butterflies<kStages, kStage>([&](int a, int b, int i) PAPILIO_INLINE {
      hn::Store(x[b].re, d, kept + 2 * i * kLanes<D>);
      hn::Store(x[b].im, d, kept + (2 * i + 1) * kLanes<D>);
      const Cx<V> t = mul(x[b], twiddle(d, table, i));
      x[b] = sub(x[a], t);
      x[a] = add(x[a], t);
    });
    constexpr std::int64_t step = kLanes<D> << kStages;
    run_stages_keeping<kStages, kStage + 1>(d, table + step, x, kept + step);
  }
}

/// The transposed stages, last one first; `table` is at that of the first stage.
template <int kStages, int kStage = kStages - 1, class D, class T = hn::TFromD<D>,
          class V = hn::Vec<D>>
HWY_INLINE void run_stages_transposed(D d, const T* HWY_RESTRICT table, Cx<V>* x) {
  if constexpr (kStage >= 0) {
    const T* HWY_RESTRICT own = table + kStage * (kLanes<D> << kStages);
    for_butterflies<kStages, kStage>([&](int a, int b, int i) PAPILIO_INLINE {
      const Cx<V> difference = sub(x[a], x[b]);
      x[a] = add(x[a], x[b]);
      x[b] = mul(difference, twiddle(d, own, i));
    });
    run_stages_transposed<kStages, kStage - 1>(d, table, x);
  }
}

/// Gradients g of the results become those of the elements; those of the twiddles are added.
template <int kStages, int kStage = kStages - 1, class D, class T = hn::TFromD<D>,
          class V = hn::Vec<D>>
HWY_INLINE void run_stages_backward(D d, const T* HWY_RESTRICT table, const T* HWY_RESTRICT kept,
                                    T* HWY_RESTRICT gradient, Cx<V>* g) {
  if constexpr (kStage >= 0) {
    constexpr std::int64_t at = kStage * (kLanes<D> << kStages);
    for_butterflies<kStages, kStage>([&](int a, int b, int i) PAPILIO_INLINE {
      const Cx<V> dt = sub(g[a], g[b]);
      g[a] = add(g[a], g[b]);
      const Cx<V> x = twiddle(d, kept + at, i), sum = twiddle(d, gradient + at, i);
      const V re = hn::MulAdd(dt.re, x.re, hn::MulAdd(dt.im, x.im, sum.re));
      const V im = hn::NegMulAdd(dt.re, x.im, hn::MulAdd(dt.im, x.re, sum.im));
      hn::StoreU(re, d, gradient + at + 2 * i * kLanes<D>);
      hn::StoreU(im, d, gradient + at + (2 * i + 1) * kLanes<D>);
      g[b] = mul_conj(dt, twiddle(d, table + at, i));
    });
    run_stages_backward<kStages, kStage - 1>(d, table, kept, gradient, g);
  }
}

/// Calls body(place of (k, p), place of (k + m c, p) for c = 0, table offset).
template <int kStages, class D, class Body>
HWY_INLINE void for_visits(const ButterflyShape& shape, const ButterflyCall& call, Body&& body) {
  Ahead ahead = call.ahead;
  std::int64_t at = 0;
  for (std::int64_t p = 0; p < shape.count; ++p) {
    for (std::int64_t k = 0; k < shape.span; k += kLanes<D>, at += table_step<D>(kStages)) {
      for (std::int64_t row = 0; row < call.rows; ++row) visit(ahead);
      body(p * shape.span + k, (p * shape.span << kStages) + k, at);
    }
  }
}

/// A value of which the compiler knows nothing. Left to itself it keeps the address of every vector
/// of a visit, dozens of them, in memory from one visit to the next.
template <class P>
HWY_INLINE P opaque(P value) {
  asm("" : "+r"(value));
  return value;
}

/// The same memory, or that of the row `row` T further on, from value `at` on.
template <Layout kLayout, class Side>
HWY_INLINE Side shifted(const Side& x, std::int64_t row, std::int64_t at = 0) {
  if constexpr (kLayout == Layout::split) return {opaque(x.re + row + at), opaque(x.im + row + at)};
  return {opaque(x.re + row + 2 * at), nullptr};
}

/// x[j] = element (k, p + j n / mR).
template <int kR, Layout kIn, class D, class T = hn::TFromD<D>, class V = hn::Vec<D>>
HWY_INLINE void load_inputs(D d, const Source<T>& src, std::int64_t step, Cx<V>* x) {
  HWY_UNROLL(16)
  for (int j = 0; j < kR; ++j) x[j] = load<kIn>(d, src, j * step);
}

template <int kR, class D, class T = hn::TFromD<D>, class V = hn::Vec<D>>
HWY_INLINE void store_inputs(D d, const Cx<V>* x, const Target<T>& dst, std::int64_t step) {
  HWY_UNROLL(16)
  for (int j = 0; j < kR; ++j) store<Layout::split>(d, x[j], x[j].re, dst, j * step);
}

/// The elements (k + m c, p) to their places, and back.
template <int kStages, Layout kOut, bool kStreamed, class D, class T = hn::TFromD<D>,
          class V = hn::Vec<D>>
HWY_INLINE void store_outputs(D d, const Cx<V>* x, const Target<T>& dst, std::int64_t step) {
  const V one = hn::Set(d, T(1));
  HWY_UNROLL(16)
  for (int c = 0; c < 1 << kStages; ++c) {
    store<kOut, kStreamed>(d, x[reversed(c, kStages)], one, dst, c * step);
  }
}

template <int kStages, Layout kIn, class D, class T = hn::TFromD<D>, class V = hn::Vec<D>>
HWY_INLINE void load_outputs(D d, const Source<T>& src, std::int64_t step, Cx<V>* x) {
  HWY_UNROLL(16)
  for (int c = 0; c < 1 << kStages; ++c) {
    x[reversed(c, kStages)] = load<kIn>(d, src, c * step);
  }
}

template <int kStages, Layout kOut, bool kStreamed, class D, class T = hn::TFromD<D>>
HWY_INLINE void visit_forward(const ButterflyShape& shape, const T* table,
                              const ButterflyCall& call, const Source<T>& src,
                              const Target<T>& dst) {
  const D d;
  const auto body = [&](std::int64_t in, std::int64_t out, std::int64_t at) PAPILIO_INLINE {
    const std::int64_t in_row = call.src_step, out_row = call.dst_step;
    Source<T> from = shifted<Layout::split>(src, 0, in);
    Target<T> to = shifted<kOut>(dst, 0, out);
    for (std::int64_t row = call.rows; row > 0; --row) {
      const std::int64_t in_step = opaque(shape.in_j), out_step = opaque(shape.span);
      Cx<hn::Vec<D>> x[1 << kStages];
      load_inputs<(1 << kStages), Layout::split>(d, from, in_step, x);
      run_stages<kStages>(d, table + at, x);
      store_outputs<kStages, kOut, kStreamed>(d, x, to, out_step);
      from = shifted<Layout::split>(from, in_row);
      to = shifted<kOut>(to, out_row);
    }
  };
  for_visits<kStages, D>(shape, call, body);
}

template <int kStages, Layout kOut, class D, class T = hn::TFromD<D>>
void wide_forward(const ButterflyShape& shape, const T* table, const ButterflyCall& call,
                  Source<T> src, Target<T> dst) {
  if constexpr (kOut != Layout::split) {
    if (call.streamed) {
      return visit_forward<kStages, kOut, true, D>(shape, table, call, src, dst);
    }
  }
  visit_forward<kStages, kOut, false, D>(shape, table, call, src, dst);
}

template <int kStages, Layout kIn, class D, class T = hn::TFromD<D>>
void wide_transposed(const ButterflyShape& shape, const T* table, const ButterflyCall& call,
                     Source<T> src, Target<T> dst) {
  const D d;
  const auto body = [&](std::int64_t in, std::int64_t out, std::int64_t at) PAPILIO_INLINE {
    const std::int64_t in_row = call.src_step, out_row = call.dst_step;
    Source<T> from = shifted<kIn>(src, 0, out);
    Target<T> to = shifted<Layout::split>(dst, 0, in);
    for (std::int64_t row = call.rows; row > 0; --row) {
      const std::int64_t in_step = opaque(shape.span), out_step = opaque(shape.in_j);
      Cx<hn::Vec<D>> x[1 << kStages];
      load_outputs<kStages, kIn>(d, from, in_step, x);
      run_stages_transposed<kStages>(d, table + at, x);
      store_inputs<(1 << kStages)>(d, x, to, out_step);
      from = shifted<kIn>(from, in_row);
      to = shifted<Layout::split>(to, out_row);
    }
  };
  for_visits<kStages, D>(shape, call, body);
}

template <int kStages, Layout kOut, class D, class T = hn::TFromD<D>>
void wide_gradient(const ButterflyShape& shape, const T* table, T* gradient,
                   const ButterflyCall& call, Source<T> src, Source<T> dy, std::int64_t dy_step,
                   Target<T> dx) {
  const D d;
  const auto body = [&](std::int64_t in, std::int64_t out, std::int64_t at) PAPILIO_INLINE {
    alignas(64) T kept[table_step<D>(kStages)];
    Source<T> from = shifted<Layout::split>(src, 0, in), back = shifted<kOut>(dy, 0, out);
    Target<T> to = shifted<Layout::split>(dx, 0, in);
    for (std::int64_t row = call.rows; row > 0; --row) {
      const std::int64_t in_step = opaque(shape.in_j), out_step = opaque(shape.span);
      Cx<hn::Vec<D>> x[1 << kStages];
      load_inputs<(1 << kStages), Layout::split>(d, from, in_step, x);
      run_stages_keeping<kStages>(d, table + at, x, kept);
      load_outputs<kStages, kOut>(d, back, out_step, x);
      run_stages_backward<kStages>(d, table + at, kept, gradient + at, x);
      store_inputs<(1 << kStages)>(d, x, to, in_step);
      from = shifted<Layout::split>(from, call.src_step);
      back = shifted<kOut>(back, dy_step);
      to = shifted<Layout::split>(to, call.dst_step);
    }
  };
  for_visits<kStages, D>(shape, call, body);
}

/// Where block i of a transposed square of a first pass lies: i counts p, and with two rows the
/// second half belongs to the second one.
template <int kRows, class D>
HWY_INLINE std::int64_t place_of(std::int64_t row, int i, int stages) {
  constexpr std::int64_t kOwn = kLanes<D> / kRows;
  return i / kOwn * row + (i % kOwn << stages);
}

/// Real or imaginary parts in vectors along p to R values side by side for each p, in the order of
/// c. One part after the other: both together would not stay in registers.
template <int kStages, int kRows, class D, class V, class Part, class T = hn::TFromD<D>>
HWY_INLINE void store_part_transposed(D d, Part&& part, std::int64_t row, T* HWY_RESTRICT dst) {
  constexpr int kV = static_cast<int>(kLanes<D>);
  for (int group = 0; group < 1 << kStages; group += kV) {
    V x[kV];
    HWY_UNROLL(16)
    for (int i = 0; i < kV; ++i) x[i] = part(reversed(group + i, kStages));
    transpose(d, x);
    HWY_UNROLL(16)
    for (int i = 0; i < kV; ++i) {
      hn::StoreU(x[i], d, dst + place_of<kRows, D>(row, i, kStages) + group);
    }
  }
}

template <int kStages, int kRows, class D, class T = hn::TFromD<D>, class V = hn::Vec<D>>
HWY_INLINE void store_transposed(D d, const Cx<V>* x, std::int64_t row, const Target<T>& dst) {
  const auto re = [x](int r) PAPILIO_INLINE { return x[r].re; };
  const auto im = [x](int r) PAPILIO_INLINE { return x[r].im; };
  store_part_transposed<kStages, kRows, D, V>(d, re, row, dst.re);
  store_part_transposed<kStages, kRows, D, V>(d, im, row, dst.im);
}

template <int kStages, int kRows, class D, class T = hn::TFromD<D>, class V = hn::Vec<D>>
HWY_INLINE void load_transposed(D d, const Source<T>& src, std::int64_t row, Cx<V>* x) {
  constexpr int kV = static_cast<int>(kLanes<D>);
  for (int group = 0; group < 1 << kStages; group += kV) {
    V re[kV], im[kV];
    HWY_UNROLL(16)
    for (int i = 0; i < kV; ++i) {
      const std::int64_t from = place_of<kRows, D>(row, i, kStages) + group;
      re[i] = hn::LoadU(d, src.re + from);
      im[i] = hn::LoadU(d, src.im + from);
    }
    transpose(d, re);
    transpose(d, im);
    HWY_UNROLL(16)
    for (int i = 0; i < kV; ++i) {
      const int r = reversed(group + i, kStages);
      x[r].re = re[i];
      x[r].im = im[i];
    }
  }
}

/// Pairs of one row, or of two rows half a vector each.
template <int kRows, bool kStreamed = false, class D, class T = hn::TFromD<D>, class V = hn::Vec<D>>
HWY_INLINE void store_pairs_beside(D d, const Cx<V>& x, const Target<T>& dst, std::int64_t row,
                                   std::int64_t at) {
  V low = x.re, high = x.im;
  interleave(d, low, high);
  T* HWY_RESTRICT first = dst.re + 2 * at;
  T* HWY_RESTRICT second = first + (kRows == 1 ? kLanes<D> : row);
  if constexpr (kStreamed) {
    hn::Stream(low, d, first);
    hn::Stream(high, d, second);
  } else {
    hn::StoreU(low, d, first);
    hn::StoreU(high, d, second);
  }
}

/// Pairs (k = 0, p + j n / R), j < R.
template <int kR, int kRows, class D, class T = hn::TFromD<D>, class V = hn::Vec<D>>
HWY_INLINE void load_pairs(D d, const Source<T>& src, std::int64_t row, std::int64_t step,
                           Cx<V>* x) {
  HWY_UNROLL(16)
  for (int j = 0; j < kR; ++j) {
    x[j] = load_beside<kRows, Layout::interleaved>(d, src, row, j * step);
  }
}

template <int kR, int kRows, bool kStreamed, class D, class T = hn::TFromD<D>, class V = hn::Vec<D>>
HWY_INLINE void store_pairs(D d, const Cx<V>* x, const Target<T>& dst, std::int64_t row,
                            std::int64_t step) {
  HWY_UNROLL(16)
  for (int j = 0; j < kR; ++j) {
    store_pairs_beside<kRows, kStreamed>(d, x[j], dst, row, j * step);
  }
}

/// Calls body(p, row, table offset) for blocks of V / kRows p and every kRows rows.
template <int kStages, int kRows, class D, class Body>
HWY_INLINE void for_first_visits(const ButterflyShape& shape, std::int64_t rows, Body&& body) {
  std::int64_t at = 0;
  for (std::int64_t p = 0; p < shape.count; p += kLanes<D> / kRows) {
    for (std::int64_t row = 0; row < rows; row += kRows) body(p, row, at);
    at += table_step<D>(kStages);
  }
}

template <int kStages, int kRows, class D, class T = hn::TFromD<D>>
void first_forward(const ButterflyShape& shape, const T* table, const ButterflyCall& call,
                   Source<T> src, Target<T> dst) {
  const D d;
  const auto body = [&](std::int64_t p, std::int64_t row, std::int64_t at) PAPILIO_INLINE {
    Cx<hn::Vec<D>> x[1 << kStages];
    const Source<T> from = shifted<Layout::interleaved>(src, row * call.src_step, p);
    load_pairs<(1 << kStages), kRows>(d, from, call.src_step, opaque(shape.in_j), x);
    run_stages<kStages>(d, table + at, x);
    const Target<T> to = shifted<Layout::split>(dst, row * call.dst_step, p << kStages);
    store_transposed<kStages, kRows>(d, x, call.dst_step, to);
  };
  for_first_visits<kStages, kRows, D>(shape, call.rows, body);
}

template <int kStages, int kRows, bool kStreamed, class D, class T = hn::TFromD<D>>
HWY_INLINE void visit_first_transposed(const ButterflyShape& shape, const T* table,
                                       const ButterflyCall& call, const Source<T>& src,
                                       const Target<T>& dst) {
  const D d;
  const auto body = [&](std::int64_t p, std::int64_t row, std::int64_t at) PAPILIO_INLINE {
    Cx<hn::Vec<D>> x[1 << kStages];
    const Source<T> from = shifted<Layout::split>(src, row * call.src_step, p << kStages);
    load_transposed<kStages, kRows>(d, from, call.src_step, x);
    run_stages_transposed<kStages>(d, table + at, x);
    const Target<T> to = shifted<Layout::interleaved>(dst, row * call.dst_step, p);
    store_pairs<(1 << kStages), kRows, kStreamed>(d, x, to, call.dst_step, opaque(shape.in_j));
  };
  for_first_visits<kStages, kRows, D>(shape, call.rows, body);
}

template <int kStages, int kRows, class D, class T = hn::TFromD<D>>
void first_transposed(const ButterflyShape& shape, const T* table, const ButterflyCall& call,
                      Source<T> src, Target<T> dst) {
  if (call.streamed) {
    return visit_first_transposed<kStages, kRows, true, D>(shape, table, call, src, dst);
  }
  visit_first_transposed<kStages, kRows, false, D>(shape, table, call, src, dst);
}

/// Without dx the compiler drops what only leads to it.
template <int kStages, int kRows, bool kWanted, class D, class T = hn::TFromD<D>>
HWY_INLINE void visit_first_gradient(const ButterflyShape& shape, const T* table, T* gradient,
                                     const ButterflyCall& call, const Source<T>& src,
                                     const Source<T>& dy, std::int64_t dy_step,
                                     const Target<T>& dx) {
  const D d;
  const auto body = [&](std::int64_t p, std::int64_t row, std::int64_t at) PAPILIO_INLINE {
    alignas(64) T kept[table_step<D>(kStages)];
    Cx<hn::Vec<D>> x[1 << kStages];
    const Source<T> from = shifted<Layout::interleaved>(src, row * call.src_step, p);
    load_pairs<(1 << kStages), kRows>(d, from, call.src_step, opaque(shape.in_j), x);
    run_stages_keeping<kStages>(d, table + at, x, kept);
    const Source<T> back = shifted<Layout::split>(dy, row * dy_step, p << kStages);
    load_transposed<kStages, kRows>(d, back, dy_step, x);
    run_stages_backward<kStages>(d, table + at, kept, gradient + at, x);
    if constexpr (kWanted) {
      const Target<T> to = shifted<Layout::interleaved>(dx, row * call.dst_step, p);
      store_pairs<(1 << kStages), kRows, false>(d, x, to, call.dst_step, opaque(shape.in_j));
    }
  };
  for_first_visits<kStages, kRows, D>(shape, call.rows, body);
}

template <int kStages, int kRows, class D, class T = hn::TFromD<D>>
void first_gradient(const ButterflyShape& shape, const T* table, T* gradient,
                    const ButterflyCall& call, Source<T> src, Source<T> dy, std::int64_t dy_step,
                    Target<T> dx) {
  const auto run = dx.re != nullptr ? &visit_first_gradient<kStages, kRows, true, D>
                                    : &visit_first_gradient<kStages, kRows, false, D>;
  run(shape, table, gradient, call, src, dy, dy_step, dx);
}

template <class D, int kStages, class T = hn::TFromD<D>>
constexpr void add_stages(ButterflyKernels<T>& table) {
  table.wide[kStages] = {
      {&wide_forward<kStages, Layout::split, D>, &wide_forward<kStages, Layout::interleaved, D>},
      {&wide_transposed<kStages, Layout::split, D>,
       &wide_transposed<kStages, Layout::interleaved, D>},
      {&wide_gradient<kStages, Layout::split, D>, &wide_gradient<kStages, Layout::interleaved, D>}};
  if constexpr ((1 << kStages) % kLanes<D> == 0) {
    table.first[kStages] = {&first_forward<kStages, 1, D>, &first_transposed<kStages, 1, D>,
                            &first_gradient<kStages, 1, D>};
    if constexpr (kLanes<D> > 1) {
      table.first_of_two[kStages] = {&first_forward<kStages, 2, D>,
                                     &first_transposed<kStages, 2, D>,
                                     &first_gradient<kStages, 2, D>};
    }
  }
}

template <class D, class T = hn::TFromD<D>>
constexpr ButterflyKernels<T> make_butterfly_kernels() {
  ButterflyKernels<T> table;
  table.lanes = kLanes<D>;
  add_stages<D, 1>(table);
  add_stages<D, 2>(table);
  add_stages<D, 3>(table);
  add_stages<D, 4>(table);
  return table;
}

}  // namespace papilio::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#undef PAPILIO_INLINE

#endif  // PAPILIO_KERNELS_BUTTERFLY_PASSES_INL_H
