// From spectra to features: banded filterbanks, logarithms, range clamps.
#pragma once

#include "codegen/device/ports.cuh"
#include "codegen/device/real_fft.cuh"

/// The sum of one band without its weights of zero, which make NaN of an infinite power that
/// belongs to other bands.
template <int Lanes, typename R, typename Get>
__device__ __forceinline__ R exact_band(int width, int bin, const R* weights, Get&& get) {
  R sum = R(0);
#pragma unroll 1
  for (int i = 0; i < width; ++i) {
    const R weight = read_only(weights + i * Lanes);
    if (weight != R(0)) sum += get(bin + i) * weight;
  }
  return sum;
}

/// put(band, value) for every band of a filterbank. A round is one band for each of Lanes threads,
/// of Widths[round] bins from first[round][lane] on; their weights are [round][bin][lane], zeros
/// where a band is narrower than its round.
template <int Bands, int Lanes, int... Widths, typename R, typename Team, typename Get,
          typename Put>
__device__ __forceinline__ void filterbank(const Team& team, const int* first, const R* weights,
                                           Get&& get, Put&& put) {
  constexpr int kRounds = sizeof...(Widths);
  constexpr int widths[] = {Widths...};
  constexpr int kAtOnce = 16;
  if (team.idle() || team.thread >= Lanes) return;
  R sums[kRounds] = {};
  weights += team.thread;
  const R* const begin = weights;
  R all = R(0);
  unrolled<kRounds>([&](auto round) {
    constexpr int width = widths[decltype(round)::value];
    const int bin = read_only(first + round.value * Lanes + team.thread);
#pragma unroll kAtOnce
    for (int i = 0; i < width; ++i) {
      sums[round.value] += get(bin + i) * read_only(weights + i * Lanes);
    }
    weights += width * Lanes;
    all += sums[round.value];
  });
  if (all != all) {
    weights = begin;
    unrolled<kRounds>([&](auto round) {
      constexpr int width = widths[decltype(round)::value];
      const int bin = read_only(first + round.value * Lanes + team.thread);
      sums[round.value] = exact_band<Lanes>(width, bin, weights, get);
      weights += width * Lanes;
    });
  }
  unrolled<kRounds>([&](auto round) {
    const int band = round.value * Lanes + team.thread;
    if (band < Bands) put(band, sums[round.value]);
  });
}

__device__ __forceinline__ float square_root(float x) { return sqrtf(x); }
__device__ __forceinline__ double square_root(double x) { return sqrt(x); }
/// Without squares that overflow or vanish.
__device__ __forceinline__ float magnitude(Cx<float> z) { return hypotf(z.re, z.im); }
__device__ __forceinline__ double magnitude(Cx<double> z) { return hypot(z.re, z.im); }
__device__ __forceinline__ float magnitude(float z) { return fabsf(z); }
__device__ __forceinline__ double magnitude(double z) { return fabs(z); }

/// log(max(x, floor)); NaN stays. In float by the machine's logarithm, which is wrong by 2^-22 of
/// the result or, near 1, by 2^-22.
__device__ __forceinline__ float log_e(float x, float floor) {
  return __log2f(x < floor ? floor : x) * 0x1.62e43p-1f;
}
__device__ __forceinline__ double log_e(double x, double floor) {
  return log(x < floor ? floor : x);
}
__device__ __forceinline__ float log_ten(float x, float floor) {
  return __log2f(x < floor ? floor : x) * 0x1.344136p-2f;
}
__device__ __forceinline__ double log_ten(double x, double floor) {
  return log10(x < floor ? floor : x);
}

/// The least and the largest of some values. Where one is NaN the largest is NaN.
template <typename R>
struct Extent {
  R least = infinite<R>();
  R most = -infinite<R>();
  __device__ __forceinline__ void take(R x) {
    least = x < least ? x : least;
    most = larger(most, x);
  }
  __device__ __forceinline__ Extent joined(Extent other) const {
    return {other.least < least ? other.least : least, larger(most, other.most)};
  }
};
template <typename R>
__device__ __forceinline__ Extent<R> of_lane(Extent<R> value, int lane) {
  return {of_lane(value.least, lane), of_lane(value.most, lane)};
}
template <typename R>
__device__ __forceinline__ Extent<R> from_lane(Extent<R> value, int mask, int width) {
  return {from_lane(value.least, mask, width), from_lane(value.most, mask, width)};
}

/// max(x, floor) where a NaN on either side stays.
template <typename R>
__device__ __forceinline__ R at_least(R x, R floor) {
  return x < floor || floor != floor ? floor : x;
}
