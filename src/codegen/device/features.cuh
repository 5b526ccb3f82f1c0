// From spectra to features: banded filterbanks, logarithms, range clamps.
#pragma once

#include "fft.cuh"
#include "ports.cuh"

/// One row of a banded matrix: weights[offset ..] times bins [first, first + count).
struct Band {
  int first, count, offset, unused;
};

/// put(band, value) for every band of the filterbank.
template <typename R, typename Team, typename Get, typename Put>
__device__ __forceinline__ void filterbank(const Team& team, int bands, const Band* rows,
                                           const R* weights, Get&& get, Put&& put) {
  team.each(bands, [&](int b) {
    const Band band = rows[b];
    R sum = R(0);
    for (int i = 0; i < band.count; ++i) {
      sum += get(band.first + i) * read_only(weights + band.offset + i);
    }
    put(b, sum);
  });
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
__device__ __forceinline__ double log_e(double x, double floor) { return log(x < floor ? floor : x); }
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
