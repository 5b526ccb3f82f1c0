// From spectra to features: banded filterbanks, logarithms, range clamps.
#pragma once

#include "codegen/device/ports.cuh"
#include "codegen/device/real_fft.cuh"

/// One row of a banded matrix: weights[offset ..] times bins [first, first + count).
struct Band {
  int first, count, offset, unused;
};

/// put(band, value) for every band of the filterbank. A thread sums four at once: one sum waits for
/// each of its loads.
template <typename R, typename Team, typename Get, typename Put>
__device__ __forceinline__ void filterbank(const Team& team, int bands, const Band* rows,
                                           const R* weights, Get&& get, Put&& put) {
  constexpr int kAtOnce = 4;
  if (team.idle()) return;
  for (int first = team.thread; first < bands; first += kAtOnce * Team::kSize) {
    Band band[kAtOnce];
    R sum[kAtOnce];
    int most = 0;
    unrolled<kAtOnce>([&](auto j) {
      const int b = first + j.value * Team::kSize;
      band[j.value] = b < bands ? rows[b] : Band{0, 0, 0, 0};
      most = band[j.value].count > most ? band[j.value].count : most;
      sum[j.value] = R(0);
    });
#pragma unroll 1
    for (int i = 0; i < most; ++i) {
      unrolled<kAtOnce>([&](auto j) {
        const Band& own = band[j.value];
        if (i < own.count) sum[j.value] += get(own.first + i) * read_only(weights + own.offset + i);
      });
    }
    unrolled<kAtOnce>([&](auto j) {
      const int b = first + j.value * Team::kSize;
      if (b < bands) put(b, sum[j.value]);
    });
  }
}

__device__ __forceinline__ float square_root(float x) { return sqrtf(x); }
__device__ __forceinline__ double square_root(double x) { return sqrt(x); }
/// Without squares that overflow or vanish.
__device__ __forceinline__ float magnitude(Cx<float> z) { return hypotf(z.re, z.im); }
__device__ __forceinline__ double magnitude(Cx<double> z) { return hypot(z.re, z.im); }
__device__ __forceinline__ float magnitude(float z) { return fabsf(z); }
__device__ __forceinline__ double magnitude(double z) { return fabs(z); }

/// log(max(x, floor)); NaN stays.
__device__ __forceinline__ float log_e(float x, float floor) { return logf(x < floor ? floor : x); }
__device__ __forceinline__ double log_e(double x, double floor) {
  return log(x < floor ? floor : x);
}
__device__ __forceinline__ float log_ten(float x, float floor) {
  return log10f(x < floor ? floor : x);
}
__device__ __forceinline__ double log_ten(double x, double floor) {
  return log10(x < floor ? floor : x);
}

/// max(x, floor) where a NaN on either side stays.
template <typename R>
__device__ __forceinline__ R at_least(R x, R floor) {
  return x < floor || floor != floor ? floor : x;
}
