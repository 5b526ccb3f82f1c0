// Complex numbers in registers, and the operations on them that kernels are written with. Every
// function takes real values too, so that one text serves both.
#pragma once

/// The same value, of which the compiler knows nothing: what follows from it is neither moved out
/// of a loop nor taken apart, where that costs registers for every element.
template <typename V>
__device__ __forceinline__ V settled(V value) {
#ifdef __CUDA_ARCH__
  asm volatile("" : "+r"(value));
#endif
  return value;
}
/// The same for an address in device memory.
template <typename V>
__device__ __forceinline__ V* settled(V* address) {
#ifdef __CUDA_ARCH__
  asm volatile("" : "+l"(address));
  __builtin_assume(__isGlobal(address));
#endif
  return address;
}

/// What the compiler may rely on.
__device__ __forceinline__ void assume(bool fact) {
#ifdef __CUDA_ARCH__
  __builtin_assume(fact);
#endif
}

template <typename R>
struct alignas(2 * sizeof(R)) Cx {
  R re, im;
};

template <typename R>
__device__ __forceinline__ Cx<R> operator+(Cx<R> a, Cx<R> b) {
  return {a.re + b.re, a.im + b.im};
}
template <typename R>
__device__ __forceinline__ Cx<R> operator-(Cx<R> a, Cx<R> b) {
  return {a.re - b.re, a.im - b.im};
}
template <typename R>
__device__ __forceinline__ Cx<R> operator*(Cx<R> a, Cx<R> b) {
  return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}
template <typename R>
__device__ __forceinline__ Cx<R> operator*(Cx<R> a, R b) {
  return {a.re * b, a.im * b};
}
template <typename R>
__device__ __forceinline__ Cx<R> operator*(R a, Cx<R> b) {
  return b * a;
}

__device__ __forceinline__ double widened(float x) { return double(x); }
__device__ __forceinline__ double widened(double x) { return x; }
template <typename R>
__device__ __forceinline__ Cx<double> widened(Cx<R> x) {
  return {double(x.re), double(x.im)};
}
template <typename R>
__device__ __forceinline__ R narrowed(double x) {
  return R(x);
}
template <typename R>
__device__ __forceinline__ Cx<R> narrowed(Cx<double> x) {
  return {R(x.re), R(x.im)};
}

/// The index of two neighbours, 2 half and 2 half + 1, which a function of an index that takes it
/// gives at once.
struct Twin {
  int half;
};
/// Their values, under elementwise operations.
template <typename R>
struct alignas(2 * sizeof(R)) Two {
  R a, b;
};
template <typename R>
__device__ __forceinline__ Two<R> operator+(Two<R> x, Two<R> y) {
  return {x.a + y.a, x.b + y.b};
}
template <typename R>
__device__ __forceinline__ Two<R> operator*(Two<R> x, Two<R> y) {
  return {x.a * y.a, x.b * y.b};
}
template <typename R>
__device__ __forceinline__ Two<R> operator+(Two<R> x, R y) {
  return {x.a + y, x.b + y};
}
template <typename R>
__device__ __forceinline__ Two<R> operator*(Two<R> x, R y) {
  return {x.a * y, x.b * y};
}

template <typename R>
__device__ __forceinline__ Cx<R> conj(Cx<R> a) {
  return {a.re, -a.im};
}
/// re and im exchanged: the inverse transform is the forward one between two such exchanges.
template <typename R>
__device__ __forceinline__ Cx<R> swapped(Cx<R> a) {
  return {a.im, a.re};
}
/// -i a.
template <typename R>
__device__ __forceinline__ Cx<R> minus_i(Cx<R> a) {
  return {a.im, -a.re};
}

__device__ __forceinline__ float real_part(float a) { return a; }
__device__ __forceinline__ double real_part(double a) { return a; }
template <typename R>
__device__ __forceinline__ R real_part(Cx<R> a) {
  return a.re;
}

__device__ __forceinline__ float power(float a) { return a * a; }
__device__ __forceinline__ double power(double a) { return a * a; }
template <typename R>
__device__ __forceinline__ R power(Cx<R> a) {
  return a.re * a.re + a.im * a.im;
}

/// sum + |a|^2.
template <typename R>
__device__ __forceinline__ R plus_power(R sum, Cx<R> a) {
  return sum + a.re * a.re + a.im * a.im;
}

/// True for what is neither NaN nor infinite.
template <typename R>
__device__ __forceinline__ bool finite(R a) {
  return a - a == R(0);
}
template <typename R>
__device__ __forceinline__ bool finite(Cx<R> a) {
  return finite(a.re) && finite(a.im);
}

__device__ __forceinline__ Cx<float> as_complex(float a) { return {a, 0.0f}; }
__device__ __forceinline__ Cx<double> as_complex(double a) { return {a, 0.0}; }
template <typename R>
__device__ __forceinline__ Cx<R> as_complex(Cx<R> a) {
  return a;
}

/// `a`, or NaN where the row holds bad samples.
__device__ __forceinline__ float blanked(float a, bool blank) {
  return blank ? __uint_as_float(0x7fc00000u) : a;
}
__device__ __forceinline__ double blanked(double a, bool blank) {
  return blank ? double(__uint_as_float(0x7fc00000u)) : a;
}
template <typename R>
__device__ __forceinline__ Cx<R> blanked(Cx<R> a, bool blank) {
  return {blanked(a.re, blank), blanked(a.im, blank)};
}
