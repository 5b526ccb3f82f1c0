// Small DFTs in registers: X[k] = sum_j x[j] exp(-2 pi i j k / R), in place, natural order.
// Included once per instruction set (Highway's toggle guard).
#include <hwy/highway.h>

#include <cstddef>

#if defined(PAPILIO_KERNELS_FFT_CODELETS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef PAPILIO_KERNELS_FFT_CODELETS_INL_H
#undef PAPILIO_KERNELS_FFT_CODELETS_INL_H
#else
#define PAPILIO_KERNELS_FFT_CODELETS_INL_H
#endif

HWY_BEFORE_NAMESPACE();
namespace papilio::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// A vector of complex values, split. Its constructors are written out because implicit ones do not
/// get the instruction set of this region, which g++ for arm64 refuses to inline.
template <class V>
struct Cx {
  HWY_INLINE Cx() {}
  HWY_INLINE Cx(V real, V imaginary) : re(real), im(imaginary) {}
  V re, im;
};

template <class V>
HWY_INLINE Cx<V> add(const Cx<V>& a, const Cx<V>& b) {
  return {hn::Add(a.re, b.re), hn::Add(a.im, b.im)};
}

template <class V>
HWY_INLINE Cx<V> sub(const Cx<V>& a, const Cx<V>& b) {
  return {hn::Sub(a.re, b.re), hn::Sub(a.im, b.im)};
}

template <class V>
HWY_INLINE Cx<V> mul(const Cx<V>& a, const Cx<V>& w) {
  return {hn::NegMulAdd(a.im, w.im, hn::Mul(a.re, w.re)),
          hn::MulAdd(a.im, w.re, hn::Mul(a.re, w.im))};
}

/// -i a.
template <class V>
HWY_INLINE Cx<V> minus_i(const Cx<V>& a) {
  return {a.im, hn::Neg(a.re)};
}

/// a + i b and a - i b, without forming i b.
template <class V>
HWY_INLINE Cx<V> add_i(const Cx<V>& a, const Cx<V>& b) {
  return {hn::Sub(a.re, b.im), hn::Add(a.im, b.re)};
}

template <class V>
HWY_INLINE Cx<V> sub_i(const Cx<V>& a, const Cx<V>& b) {
  return {hn::Add(a.re, b.im), hn::Sub(a.im, b.re)};
}

// cos and sin of pi/8, and of 1/5, 2/5 of a turn; sin of 1/3; sqrt(1/2).
inline constexpr long double kCos16 = 0.923879532511286756128183189396788933L;
inline constexpr long double kSin16 = 0.382683432365089771728459984030398866L;
inline constexpr long double kCos5a = 0.309016994374947424102293417182819059L;
inline constexpr long double kCos5b = -0.809016994374947424102293417182819059L;
inline constexpr long double kSin5a = 0.951056516295153572116439333379382143L;
inline constexpr long double kSin5b = 0.587785252292473129168705954639072769L;
inline constexpr long double kSin3 = 0.866025403784438646763723170752936183L;
inline constexpr long double kSqrtHalf = 0.707106781186547524400844362104849039L;

template <class D>
HWY_INLINE hn::Vec<D> constant(D d, long double value) {
  return hn::Set(d, static_cast<hn::TFromD<D>>(value));
}

/// a exp(-2 pi i K / 16).
template <int K, class D, class V = hn::Vec<D>>
HWY_INLINE Cx<V> rotate16(D d, const Cx<V>& a) {
  if constexpr (K == 0) {
    return a;
  } else if constexpr (K == 2) {
    const V r = constant(d, kSqrtHalf);
    return {hn::Mul(r, hn::Add(a.re, a.im)), hn::Mul(r, hn::Sub(a.im, a.re))};
  } else if constexpr (K == 4) {
    return minus_i(a);
  } else if constexpr (K == 6) {
    const V r = constant(d, kSqrtHalf), minus_r = constant(d, -kSqrtHalf);
    return {hn::Mul(r, hn::Sub(a.im, a.re)), hn::Mul(minus_r, hn::Add(a.re, a.im))};
  } else {
    static_assert(K == 1 || K == 3 || K == 9);
    constexpr long double c = K == 1 ? kCos16 : K == 3 ? kSin16 : -kCos16;
    constexpr long double s = K == 1 ? -kSin16 : K == 3 ? -kCos16 : kSin16;
    return mul(a, Cx<V>{constant(d, c), constant(d, s)});
  }
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE void dft2(D, Cx<V>& a, Cx<V>& b) {
  const Cx<V> t = a;
  a = add(t, b);
  b = sub(t, b);
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE void dft3(D d, Cx<V>& a, Cx<V>& b, Cx<V>& c) {
  const V half = constant(d, 0.5L), sine = constant(d, kSin3);
  const Cx<V> sum = add(b, c), diff = sub(b, c);
  const Cx<V> mid{hn::NegMulAdd(half, sum.re, a.re), hn::NegMulAdd(half, sum.im, a.im)};
  a = add(a, sum);
  b = {hn::MulAdd(sine, diff.im, mid.re), hn::NegMulAdd(sine, diff.re, mid.im)};
  c = {hn::NegMulAdd(sine, diff.im, mid.re), hn::MulAdd(sine, diff.re, mid.im)};
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE void dft4(D, Cx<V>& a, Cx<V>& b, Cx<V>& c, Cx<V>& e) {
  const Cx<V> even_sum = add(a, c), even_diff = sub(a, c);
  const Cx<V> odd_sum = add(b, e), odd_diff = sub(b, e);
  a = add(even_sum, odd_sum);
  b = sub_i(even_diff, odd_diff);
  c = sub(even_sum, odd_sum);
  e = add_i(even_diff, odd_diff);
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE void dft5(D d, Cx<V>* x) {
  const V c1 = constant(d, kCos5a), c2 = constant(d, kCos5b);
  const V s1 = constant(d, kSin5a), s2 = constant(d, kSin5b);
  const Cx<V> sum1 = add(x[1], x[4]), sum2 = add(x[2], x[3]);
  const Cx<V> diff1 = sub(x[1], x[4]), diff2 = sub(x[2], x[3]);
  const Cx<V> a{hn::MulAdd(c2, sum2.re, hn::MulAdd(c1, sum1.re, x[0].re)),
                hn::MulAdd(c2, sum2.im, hn::MulAdd(c1, sum1.im, x[0].im))};
  const Cx<V> b{hn::MulAdd(c1, sum2.re, hn::MulAdd(c2, sum1.re, x[0].re)),
                hn::MulAdd(c1, sum2.im, hn::MulAdd(c2, sum1.im, x[0].im))};
  const Cx<V> u{hn::MulAdd(s2, diff2.re, hn::Mul(s1, diff1.re)),
                hn::MulAdd(s2, diff2.im, hn::Mul(s1, diff1.im))};
  const Cx<V> v{hn::NegMulAdd(s1, diff2.re, hn::Mul(s2, diff1.re)),
                hn::NegMulAdd(s1, diff2.im, hn::Mul(s2, diff1.im))};
  x[0] = add(x[0], add(sum1, sum2));
  x[1] = sub_i(a, u);
  x[2] = sub_i(b, v);
  x[3] = add_i(b, v);
  x[4] = add_i(a, u);
}

/// 8 = 2 x 4.
template <class D, class V = hn::Vec<D>>
HWY_INLINE void dft8(D d, Cx<V>* x) {
  for (std::size_t j = 0; j < 4; ++j) dft2(d, x[j], x[j + 4]);
  x[5] = rotate16<2>(d, x[5]);
  x[6] = rotate16<4>(d, x[6]);
  x[7] = rotate16<6>(d, x[7]);
  dft4(d, x[0], x[1], x[2], x[3]);
  dft4(d, x[4], x[5], x[6], x[7]);
  const Cx<V> x1 = x[1], x2 = x[2], x3 = x[3];
  x[1] = x[4];
  x[2] = x1;
  x[3] = x[5];
  x[4] = x2;
  x[5] = x[6];
  x[6] = x3;
}

template <class V>
HWY_INLINE void exchange(Cx<V>& a, Cx<V>& b) {
  const Cx<V> t = a;
  a = b;
  b = t;
}

/// 16 = 4 x 4: columns, twiddles, rows, transpose (which costs nothing: it only names registers).
template <class D, class V = hn::Vec<D>>
HWY_INLINE void dft16(D d, Cx<V>* x) {
  for (std::size_t j = 0; j < 4; ++j) dft4(d, x[j], x[j + 4], x[j + 8], x[j + 12]);
  x[5] = rotate16<1>(d, x[5]);
  x[6] = rotate16<2>(d, x[6]);
  x[7] = rotate16<3>(d, x[7]);
  x[9] = rotate16<2>(d, x[9]);
  x[10] = rotate16<4>(d, x[10]);
  x[11] = rotate16<6>(d, x[11]);
  x[13] = rotate16<3>(d, x[13]);
  x[14] = rotate16<6>(d, x[14]);
  x[15] = rotate16<9>(d, x[15]);
  for (std::size_t k = 0; k < 16; k += 4) dft4(d, x[k], x[k + 1], x[k + 2], x[k + 3]);
  exchange(x[1], x[4]);
  exchange(x[2], x[8]);
  exchange(x[3], x[12]);
  exchange(x[6], x[9]);
  exchange(x[7], x[13]);
  exchange(x[11], x[14]);
}

template <int R, class D, class V = hn::Vec<D>>
HWY_INLINE void dft(D d, Cx<V>* x) {
  if constexpr (R == 2) {
    dft2(d, x[0], x[1]);
  } else if constexpr (R == 3) {
    dft3(d, x[0], x[1], x[2]);
  } else if constexpr (R == 4) {
    dft4(d, x[0], x[1], x[2], x[3]);
  } else if constexpr (R == 5) {
    dft5(d, x);
  } else if constexpr (R == 8) {
    dft8(d, x);
  } else {
    static_assert(R == 16);
    dft16(d, x);
  }
}

}  // namespace papilio::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // PAPILIO_KERNELS_FFT_CODELETS_INL_H
