// Discrete Fourier transforms of a few points in registers whose inputs are multiplied with powers
// of a root of unity first.
#pragma once

#include "codegen/device/dft.cuh"

template <typename P>
__device__ __forceinline__ P read_only(const P* address) {
  return __ldg(address);
}
__device__ __forceinline__ Cx<float> read_only(const Cx<float>* address) {
  const float2 pair = __ldg(reinterpret_cast<const float2*>(address));
  return {pair.x, pair.y};
}
__device__ __forceinline__ Cx<double> read_only(const Cx<double>* address) {
  const double2 pair = __ldg(reinterpret_cast<const double2*>(address));
  return {pair.x, pair.y};
}

/// v[j] times w^j, where `roots` are w^j = exp(-2 pi i j k / Q Stride) at [j - 1][k], Stride to a
/// line: the powers 1, 4 and 16 are read, the others are products of at most five of them. In
/// double all are read.
template <int Stride, int Q, typename R>
__device__ __forceinline__ void twiddle(Cx<R> (&v)[Q], const Cx<R>* roots, int k) {
  Cx<R> power[Q];
  unrolled<Q - 1>([&](auto before) {
    constexpr int j = decltype(before)::value + 1;
    constexpr int top = j >= 16 ? 16 : j >= 8 ? 8 : j >= 4 ? 4 : j >= 2 ? 2 : 1;
    if constexpr (sizeof(R) == 8 || j == 1 || j == 4 || j == 16) {
      power[j] = read_only(roots + (j - 1) * Stride + k);
    } else if constexpr (j == top) {
      power[j] = power[j / 2] * power[j / 2];
    } else {
      power[j] = power[top] * power[j - top];
    }
    v[j] = v[j] * power[j];
  });
}

/// 2 a - b in one operation, which the compiler would make two of.
__device__ __forceinline__ float twice_minus(float a, float b) { return fmaf(2.0f, a, -b); }
__device__ __forceinline__ double twice_minus(double a, double b) { return fma(2.0, a, -b); }

/// a + t b and a - t b in six multiplications with addition; the difference is 2 a minus the sum.
template <typename R>
__device__ __forceinline__ void turned_butterfly(Cx<R> a, Cx<R> t, Cx<R> b, Cx<R>& sum,
                                                 Cx<R>& difference) {
  sum = {a.re + t.re * b.re - t.im * b.im, a.im + t.re * b.im + t.im * b.re};
  difference = {twice_minus(a.re, sum.re), twice_minus(a.im, sum.im)};
}

/// x[k] = sum_j w^j x[j] exp(-2 pi i j k / Q) for Q = 2^n; squares[s] = w^(2^s). A butterfly turns
/// by the twiddle and by its own root at once.
template <int Step, int Q, int Count, typename R>
__device__ __forceinline__ void turned_dft(Cx<R> (&x)[Q], const Cx<R> (&squares)[Count]) {
  if constexpr (Q > 1) {
    constexpr int kHalf = Q / 2;
    Cx<R> even[kHalf];
    Cx<R> odd[kHalf];
#pragma unroll
    for (int j = 0; j < kHalf; ++j) {
      even[j] = x[2 * j];
      odd[j] = x[2 * j + 1];
    }
    turned_dft<Step + 1>(even, squares);
    turned_dft<Step + 1>(odd, squares);
    unrolled<kHalf>([&](auto index) {
      constexpr int k = decltype(index)::value;
      constexpr bool second = 4 * k >= Q;  // a quarter of a turn more than an earlier one
      const Cx<R> turn = rotated<second ? k - Q / 4 : k, Q>(squares[Step]);
      turned_butterfly(even[k], second ? minus_i(turn) : turn, odd[k], x[k], x[k + kHalf]);
    });
  }
}

/// The twiddles of `twiddle`, then the transform.
template <int Stride, int Q, typename R>
__device__ __forceinline__ void twiddled_dft(Cx<R> (&v)[Q], const Cx<R>* roots, int k) {
  if constexpr ((Q & (Q - 1)) == 0) {
    constexpr int kSquares = Q == 2 ? 1 : Q == 4 ? 2 : Q == 8 ? 3 : Q == 16 ? 4 : 5;
    Cx<R> squares[kSquares];
    unrolled<kSquares>([&](auto step) {
      constexpr int s = decltype(step)::value;
      if constexpr (sizeof(R) == 8 || s % 2 == 0) {
        squares[s] = read_only(roots + ((1 << s) - 1) * Stride + k);
      } else {
        squares[s] = squares[s - 1] * squares[s - 1];
      }
    });
    turned_dft<0>(v, squares);
  } else {
    twiddle<Stride>(v, roots, k);
    Dft<Q>::run(v);
  }
}
