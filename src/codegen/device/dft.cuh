// Discrete Fourier transforms of a few points in registers: radices 2, 3, 4 and 5 by hand, their
// products by Cooley and Tukey with roots of unity that the compiler knows.
#pragma once

#include "codegen/device/complex.cuh"

template <int I>
struct Index {
  static constexpr int value = I;
};

/// body(Index<0>), ..., body(Index<Count - 1>): loops whose counter is a constant.
template <int Count, int I = 0, typename Body>
__device__ __forceinline__ void unrolled(Body&& body) {
  if constexpr (I < Count) {
    body(Index<I>{});
    unrolled<Count, I + 1>(body);
  }
}

constexpr double kTwoPi = 6.283185307179586476925286766559;

/// Taylor series; |x| <= pi / 4, where 12 terms are more than double resolves.
constexpr double series(double x, bool sine) {
  double term = sine ? x : 1.0;
  double sum = term;
  for (int i = sine ? 2 : 1; i < 26; i += 2) {
    term *= -x * x / (i * (i + 1.0));
    sum += term;
  }
  return sum;
}
/// cos(2 pi k / n) and sin(2 pi k / n), the angle brought into an eighth of the circle in integers.
constexpr double cosine(long long k, long long n);
constexpr double sine(long long k, long long n) {
  k %= n;
  if (k < 0) k += n;
  if (2 * k > n) return -sine(n - k, n);
  if (4 * k > n) return sine(n - 2 * k, 2 * n);
  if (8 * k > n) return cosine(n - 4 * k, 4 * n);
  return series(kTwoPi * double(k) / double(n), true);
}
constexpr double cosine(long long k, long long n) {
  k %= n;
  if (k < 0) k += n;
  if (2 * k > n) return cosine(n - k, n);
  if (4 * k > n) return -cosine(n - 2 * k, 2 * n);
  if (8 * k > n) return sine(n - 4 * k, 4 * n);
  return series(kTwoPi * double(k) / double(n), false);
}

/// a exp(-2 pi i K / N).
template <int K, int N, typename R>
__device__ __forceinline__ Cx<R> rotated(Cx<R> a) {
  if constexpr (K % N == 0) {
    return a;
  } else if constexpr (4 * K % N == 0 && 4 * K / N % 4 == 1) {
    return minus_i(a);
  } else if constexpr (4 * K % N == 0 && 4 * K / N % 4 == 2) {
    return Cx<R>{-a.re, -a.im};
  } else if constexpr (4 * K % N == 0) {
    return Cx<R>{-a.im, a.re};
  } else {
    constexpr R re = R(cosine(K, N));
    constexpr R im = R(-sine(K, N));
    return a * Cx<R>{re, im};
  }
}

/// In place, in order: x[k] = sum_j x[j] exp(-2 pi i j k / R).
template <int R>
struct Dft;

template <>
struct Dft<1> {
  template <typename R>
  static __device__ __forceinline__ void run(Cx<R> (&)[1]) {}
};

template <>
struct Dft<2> {
  template <typename R>
  static __device__ __forceinline__ void run(Cx<R> (&x)[2]) {
    const Cx<R> difference = x[0] - x[1];
    x[0] = x[0] + x[1];
    x[1] = difference;
  }
};

template <>
struct Dft<3> {
  template <typename R>
  static __device__ __forceinline__ void run(Cx<R> (&x)[3]) {
    constexpr R half = R(0.5);
    constexpr R s = R(sine(1, 3));
    const Cx<R> sum = x[1] + x[2];
    const Cx<R> turned = minus_i(x[1] - x[2]) * s;
    const Cx<R> middle = x[0] - sum * half;
    x[0] = x[0] + sum;
    x[1] = middle + turned;
    x[2] = middle - turned;
  }
};

template <>
struct Dft<4> {
  template <typename R>
  static __device__ __forceinline__ void run(Cx<R> (&x)[4]) {
    const Cx<R> a = x[0] + x[2];
    const Cx<R> b = x[0] - x[2];
    const Cx<R> c = x[1] + x[3];
    const Cx<R> d = minus_i(x[1] - x[3]);
    x[0] = a + c;
    x[1] = b + d;
    x[2] = a - c;
    x[3] = b - d;
  }
};

template <>
struct Dft<5> {
  template <typename R>
  static __device__ __forceinline__ void run(Cx<R> (&x)[5]) {
    constexpr R c1 = R(cosine(1, 5));
    constexpr R c2 = R(cosine(2, 5));
    constexpr R s1 = R(sine(1, 5));
    constexpr R s2 = R(sine(2, 5));
    const Cx<R> a = x[1] + x[4];
    const Cx<R> b = x[2] + x[3];
    const Cx<R> c = minus_i(x[1] - x[4]);
    const Cx<R> d = minus_i(x[2] - x[3]);
    const Cx<R> p = x[0] + a * c1 + b * c2;
    const Cx<R> q = x[0] + a * c2 + b * c1;
    const Cx<R> u = c * s1 + d * s2;
    const Cx<R> v = c * s2 - d * s1;
    x[0] = x[0] + a + b;
    x[1] = p + u;
    x[2] = q + v;
    x[3] = q - v;
    x[4] = p - u;
  }
};

/// A x B points: B transforms of A points, roots, A transforms of B points.
template <int A, int B>
struct DftProduct {
  template <typename R>
  static __device__ __forceinline__ void run(Cx<R> (&x)[A * B]) {
    Cx<R> columns[B][A];
    unrolled<B>([&](auto b) {
#pragma unroll
      for (int a = 0; a < A; ++a) columns[b.value][a] = x[b.value + B * a];
      Dft<A>::run(columns[b.value]);
    });
    unrolled<A>([&](auto column) {
      constexpr int k = decltype(column)::value;
      Cx<R> row[B];
      unrolled<B>([&](auto b) {
        row[b.value] = rotated<k * decltype(b)::value, A * B>(columns[b.value][k]);
      });
      Dft<B>::run(row);
#pragma unroll
      for (int b = 0; b < B; ++b) x[k + A * b] = row[b];
    });
  }
};

template <>
struct Dft<6> : DftProduct<2, 3> {};
template <>
struct Dft<8> : DftProduct<2, 4> {};
template <>
struct Dft<9> : DftProduct<3, 3> {};
template <>
struct Dft<10> : DftProduct<2, 5> {};
template <>
struct Dft<12> : DftProduct<4, 3> {};
template <>
struct Dft<15> : DftProduct<3, 5> {};
template <>
struct Dft<16> : DftProduct<4, 4> {};
template <>
struct Dft<20> : DftProduct<4, 5> {};
template <>
struct Dft<25> : DftProduct<5, 5> {};
template <>
struct Dft<32> : DftProduct<4, 8> {};
