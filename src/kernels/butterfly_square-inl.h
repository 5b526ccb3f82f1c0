// Learned butterflies of n = R^2 elements without a buffer: two rows of R side by side in the lanes
// of R vectors, log2 R stages, a transpose of registers, log2 R stages. The passes are those of
// butterfly_kernels.h at spans 1 and R, and so are the tables. Included once per instruction set.
#include <hwy/highway.h>

#include <cstdint>

#include "kernels/butterfly_kernels.h"
#include "kernels/butterfly_passes-inl.h"
#include "kernels/fft_shuffle-inl.h"

#if defined(PAPILIO_KERNELS_BUTTERFLY_SQUARE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef PAPILIO_KERNELS_BUTTERFLY_SQUARE_INL_H
#undef PAPILIO_KERNELS_BUTTERFLY_SQUARE_INL_H
#else
#define PAPILIO_KERNELS_BUTTERFLY_SQUARE_INL_H
#endif

HWY_BEFORE_NAMESPACE();
namespace papilio::kernels::HWY_NAMESPACE {

#if HWY_TARGET == HWY_AVX3

/// Registers in the order that stages leave them in to that of the stages after them, or back: the
/// element of register a and lane b goes to register b and lane a.
template <int kStages, bool kBack, class D, class V = hn::Vec<D>>
HWY_INLINE void turn_square(D d, Cx<V>* x) {
  constexpr int kR = 1 << kStages;
  V re[kR], im[kR];
  HWY_UNROLL(16)
  for (int i = 0; i < kR; ++i) {
    const int from = kBack ? i : reversed(i, kStages);
    re[i] = x[from].re;
    im[i] = x[from].im;
  }
  transpose_squares<kR>(d, re);
  transpose_squares<kR>(d, im);
  HWY_UNROLL(16)
  for (int i = 0; i < kR; ++i) {
    const int to = kBack ? reversed(i, kStages) : i;
    x[to].re = re[i];
    x[to].im = im[i];
  }
}

/// Asks for the pairs of two rows that a later visit reads or writes.
template <int kStages, class T>
HWY_INLINE void ask_for_rows(const T* rows, std::int64_t step, std::int64_t row,
                             std::int64_t count) {
  constexpr std::int64_t kAhead = 4, kSize = 2 << (2 * kStages);
  if (row + kAhead + 1 >= count) return;
  prefetch(rows + (row + kAhead) * step, kSize);
  prefetch(rows + (row + kAhead + 1) * step, kSize);
}

/// Register r holds the results c R + .., c being r read backwards.
template <int kStages, bool kStreamed, class D, class T = hn::TFromD<D>, class V = hn::Vec<D>>
HWY_INLINE void store_square(D d, const Cx<V>* x, const Target<T>& dst, std::int64_t row) {
  HWY_UNROLL(16)
  for (int r = 0; r < 1 << kStages; ++r) {
    store_pairs_beside<2, kStreamed>(d, x[r], dst, row, reversed(r, kStages) << kStages);
  }
}

template <int kStages, class D, class T = hn::TFromD<D>, class V = hn::Vec<D>>
HWY_INLINE void load_square(D d, const Source<T>& src, std::int64_t row, Cx<V>* x) {
  HWY_UNROLL(16)
  for (int r = 0; r < 1 << kStages; ++r) {
    const int at = reversed(r, kStages) << kStages;
    x[r] = load_beside<2, Layout::interleaved>(d, src, row, at);
  }
}

template <int kStages, bool kTransposed, bool kStreamed, class D, class T = hn::TFromD<D>>
HWY_INLINE void run_square(const T* table, const ButterflyCall& call, const Source<T>& src,
                           const Target<T>& dst) {
  const D d;
  constexpr int kR = 1 << kStages;
  const T* const second = table + table_step<D>(kStages);
  for (std::int64_t row = 0; row < call.rows; row += 2) {
    ask_for_rows<kStages>(src.re, call.src_step, row, call.rows);
    if (!kStreamed) ask_for_rows<kStages>(dst.re, call.dst_step, row, call.rows);
    const Source<T> from{src.re + row * call.src_step, nullptr};
    const Target<T> to{dst.re + row * call.dst_step, nullptr};
    Cx<hn::Vec<D>> x[kR];
    if constexpr (kTransposed) {
      load_square<kStages>(d, from, call.src_step, x);
      run_stages_transposed<kStages>(d, second, x);
      turn_square<kStages, true>(d, x);
      run_stages_transposed<kStages>(d, table, x);
      store_pairs<kR, 2, kStreamed>(d, x, to, call.dst_step, kR);
    } else {
      load_pairs<kR, 2>(d, from, call.src_step, kR, x);
      run_stages<kStages>(d, table, x);
      turn_square<kStages, false>(d, x);
      run_stages<kStages>(d, second, x);
      store_square<kStages, kStreamed>(d, x, to, call.dst_step);
    }
  }
}

template <int kStages, bool kTransposed, class D, class T = hn::TFromD<D>>
void square_butterflies(const T* table, const ButterflyCall& call, Source<T> src, Target<T> dst) {
  if (call.streamed) return run_square<kStages, kTransposed, true, D>(table, call, src, dst);
  run_square<kStages, kTransposed, false, D>(table, call, src, dst);
}

template <int kStages, class D, class T = hn::TFromD<D>>
void square_gradient(const T* table, T* gradient, const ButterflyCall& call, Source<T> src,
                     Source<T> dy, std::int64_t dy_step, Target<T> dx) {
  const D d;
  constexpr int kR = 1 << kStages;
  constexpr std::int64_t kStep = table_step<D>(kStages);
  alignas(64) T kept[2 * kStep];
  for (std::int64_t row = 0; row < call.rows; row += 2) {
    ask_for_rows<kStages>(src.re, call.src_step, row, call.rows);
    ask_for_rows<kStages>(dy.re, dy_step, row, call.rows);
    Cx<hn::Vec<D>> x[kR];
    load_pairs<kR, 2>(d, Source<T>{src.re + row * call.src_step, nullptr}, call.src_step, kR, x);
    run_stages_keeping<kStages>(d, table, x, kept);
    turn_square<kStages, false>(d, x);
    run_stages_keeping<kStages>(d, table + kStep, x, kept + kStep);
    load_square<kStages>(d, Source<T>{dy.re + row * dy_step, nullptr}, dy_step, x);
    run_stages_backward<kStages>(d, table + kStep, kept + kStep, gradient + kStep, x);
    turn_square<kStages, true>(d, x);
    run_stages_backward<kStages>(d, table, kept, gradient, x);
    if (dx.re == nullptr) continue;
    store_pairs<kR, 2, false>(d, x, Target<T>{dx.re + row * call.dst_step, nullptr}, call.dst_step,
                              kR);
  }
}

#endif  // HWY_TARGET == HWY_AVX3

/// Squares whose two rows fill a vector, where registers of two squares can be transposed.
template <class D, class T = hn::TFromD<D>>
constexpr void add_square(ButterflyKernels<T>& table) {
#if HWY_TARGET == HWY_AVX3
  if constexpr (kLanes<D> == 16) {
    table.square = {3, &square_butterflies<3, false, D>, &square_butterflies<3, true, D>,
                    &square_gradient<3, D>};
  }
#else
  (void)table;
#endif
}

}  // namespace papilio::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // PAPILIO_KERNELS_BUTTERFLY_SQUARE_INL_H
