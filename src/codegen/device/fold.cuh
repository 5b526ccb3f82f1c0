// Folds over the frames of a row that more than one kernel works on: sums of groups of frames, and
// medians.
#pragma once

#include "codegen/device/features.cuh"

/// Sum of `groups` partial sums of one element, in their order, in double.
template <typename R>
__device__ __forceinline__ R total(const R* first, long long groups, long long stride) {
  double sum = 0.0;
  for (long long g = 0; g < groups; ++g) sum += double(first[g * stride]);
  return R(sum);
}
template <typename R>
__device__ __forceinline__ R largest(const R* first, long long groups, long long stride) {
  R most = first[0];
  for (long long g = 1; g < groups; ++g) most = larger(most, first[g * stride]);
  return most;
}

/// The value of rank `rank` (from 0) among `count` values that are not NaN, bit by bit from the
/// top: every bit costs one look at all values.
template <typename R>
__device__ __forceinline__ R ranked(const R* first, long long count, long long stride,
                                    long long rank) {
  using Key = decltype(ordered(R(0)));
  Key known = 0;
  for (int bit = int(sizeof(Key)) * 8 - 1; bit >= 0; --bit) {
    const Key mask = ~Key(0) << bit;
    long long below = 0;
    for (long long f = 0; f < count; ++f) {
      const R value = first[f * stride];
      if (value == value && (ordered(value) & mask) == known) ++below;
    }
    if (rank >= below) {
      rank -= below;
      known |= Key(1) << bit;
    }
  }
  return unordered(known, R(0));
}

/// Ratio of the median to the mean of n powers of Gaussian noise (scipy.signal's _median_bias).
__device__ __forceinline__ double median_bias(long long n) {
  double bias = 1.0;
  for (long long i = 1; i <= (n - 1) / 2; ++i) bias += 1.0 / (2.0 * i + 1.0) - 1.0 / (2.0 * i);
  return bias;
}

/// Median of one element over frames, without the bias; NaN frames are left out.
template <typename R>
__device__ __forceinline__ R median(const R* first, long long frames, long long stride,
                                    bool leave_out) {
  long long count = 0;
  for (long long f = 0; f < frames; ++f) count += first[f * stride] == first[f * stride] ? 1 : 0;
  if (count == 0 || (count < frames && !leave_out)) return not_a_number<R>();
  const R upper = ranked(first, frames, stride, count / 2);
  const R middle =
      count % 2 == 1 ? upper : R(0.5) * (ranked(first, frames, stride, count / 2 - 1) + upper);
  return R(double(middle) / median_bias(count));
}

/// Overwrites the results of a row that holds bad samples: NaN, top-k empty.
template <typename V, bool Top, typename Team>
__device__ __forceinline__ void blank_items(const Team& team, const OutPort& port, long long row,
                                            long long frames, int length) {
  for (long long frame = 0; frame < frames; ++frame) {
    const Out<V, false> out(port, row, frame, true);
    team.each(length, [&](int i) {
      if (Top && i % 4 == 0) {
        out.set(i, blanked(V{} - V{1}, false));
      } else {
        out.set(i, blanked(V{}, true));
      }
    });
  }
}
