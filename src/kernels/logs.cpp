/// Natural and decimal logarithm after FreeBSD's msun (e_log.c, e_log10.c and their float forms):
/// x = 2^k (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)), ln(1 + f) = f - f^2/2 + s (f^2/2 + R(s^2)),
/// s = f / (2 + f). ln 2 and 1 / ln 10 are split in two, so that k ln 2 is exact in its upper part.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/logs.cpp"
#include "kernels/logs.h"
#include "hwy/foreach_target.h"  // first: includes this file once per target
#include "hwy/highway.h"
#include "kernels/dispatch.h"
#include "kernels/tile-inl.h"

#ifndef PAPILIO_KERNELS_LOGS_CPP_
#define PAPILIO_KERNELS_LOGS_CPP_
#include <limits>
#include <type_traits>

namespace papilio::kernels {

template <typename T>
struct LogConstants;

template <>
struct LogConstants<float> {
  using Bits = std::uint32_t;
  static constexpr Bits kHalfRoot = 0x3F3504F3;  // sqrt(1/2)
  static constexpr Bits kOne = 0x3F800000;
  static constexpr Bits kMantissa = 0x007FFFFF;
  static constexpr Bits kUpperHalf = 0xFFFFF000;
  static constexpr int kMantissaBits = 23;
  static constexpr float kSubnormalScale = 0x1p25F;
  static constexpr float kSubnormalShift = 25;
  static constexpr float kLn2High = 6.9313812256e-01F;
  static constexpr float kLn2Low = 9.0580006145e-06F;
  static constexpr float kInverseLn10High = 4.3432617188e-01F;
  static constexpr float kInverseLn10Low = -3.1689971365e-05F;
  static constexpr float kLog2High = 3.0102920532e-01F;
  static constexpr float kLog2Low = 7.9034151668e-07F;
};

template <>
struct LogConstants<double> {
  using Bits = std::uint64_t;
  static constexpr Bits kHalfRoot = 0x3FE6A09E667F3BCD;
  static constexpr Bits kOne = 0x3FF0000000000000;
  static constexpr Bits kMantissa = 0x000FFFFFFFFFFFFF;
  static constexpr Bits kUpperHalf = 0xFFFFFFFF00000000;
  static constexpr int kMantissaBits = 52;
  static constexpr double kSubnormalScale = 0x1p54;
  static constexpr double kSubnormalShift = 54;
  static constexpr double kLn2High = 6.93147180369123816490e-01;
  static constexpr double kLn2Low = 1.90821492927058770002e-10;
  static constexpr double kInverseLn10High = 4.34294481878168880939e-01;
  static constexpr double kInverseLn10Low = 2.50829467116452752298e-11;
  static constexpr double kLog2High = 3.01029995663611771306e-01;
  static constexpr double kLog2Low = 3.69423907715893078616e-13;
};

}  // namespace papilio::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace papilio::kernels::HWY_NAMESPACE {
namespace {

/// R(s^2): minimax on |f| < sqrt(2) - 1.
HWY_INLINE Vector<float> log_polynomial(Tag<float> d, Vector<float> z) {
  const auto w = hn::Mul(z, z);
  const auto odd = hn::MulAdd(w, hn::Set(d, 0.24279078841F), hn::Set(d, 0.40000972152F));
  const auto even = hn::MulAdd(w, hn::Set(d, 0.28498786688F), hn::Set(d, 0.66666662693F));
  return hn::MulAdd(w, odd, hn::Mul(z, even));
}

HWY_INLINE Vector<double> log_polynomial(Tag<double> d, Vector<double> z) {
  const auto w = hn::Mul(z, z);
  auto odd =
      hn::MulAdd(w, hn::Set(d, 1.531383769920937332e-01), hn::Set(d, 2.222219843214978396e-01));
  odd = hn::MulAdd(w, odd, hn::Set(d, 3.999999999940941908e-01));
  auto even =
      hn::MulAdd(w, hn::Set(d, 1.479819860511658591e-01), hn::Set(d, 1.818357216161805012e-01));
  even = hn::MulAdd(w, even, hn::Set(d, 2.857142874366239149e-01));
  even = hn::MulAdd(w, even, hn::Set(d, 6.666666666666735130e-01));
  return hn::MulAdd(w, odd, hn::Mul(z, even));
}

/// A biased exponent field as a floating-point number. A field is a small non-negative integer;
/// set as the mantissa of 2^52 it converts without 64-bit conversions, which few ISAs have.
HWY_INLINE Vector<float> field_to_float(Tag<float> d, hn::Vec<hn::RebindToUnsigned<Tag<float>>> v) {
  return hn::ConvertTo(d, hn::BitCast(hn::RebindToSigned<Tag<float>>(), v));
}
HWY_INLINE Vector<double> field_to_float(Tag<double> d,
                                         hn::Vec<hn::RebindToUnsigned<Tag<double>>> v) {
  const hn::RebindToUnsigned<Tag<double>> du;
  const auto magic = hn::Set(d, 0x1p52);
  return hn::Sub(hn::BitCast(d, hn::Or(v, hn::BitCast(du, magic))), magic);
}

/// x = 2^k (1 + f) for positive normal and subnormal x.
template <typename T>
HWY_INLINE void split(Vector<T> x, Vector<T>& k, Vector<T>& f) {
  using C = LogConstants<T>;
  const Tag<T> d;
  const hn::RebindToUnsigned<Tag<T>> du;
  const auto subnormal = hn::Lt(x, hn::Set(d, std::numeric_limits<T>::min()));
  const auto normal = hn::IfThenElse(subnormal, hn::Mul(x, hn::Set(d, C::kSubnormalScale)), x);
  const auto bits = hn::Add(hn::BitCast(du, normal), hn::Set(du, C::kOne - C::kHalfRoot));
  const auto field = hn::ShiftRight<C::kMantissaBits>(bits);
  const auto bias = hn::Set(d, static_cast<T>(C::kOne >> C::kMantissaBits));
  const auto shift = hn::IfThenElseZero(subnormal, hn::Set(d, C::kSubnormalShift));
  k = hn::Sub(hn::Sub(field_to_float(d, field), bias), shift);
  const auto mantissa = hn::And(bits, hn::Set(du, C::kMantissa));
  const auto reduced = hn::BitCast(d, hn::Add(mantissa, hn::Set(du, C::kHalfRoot)));
  f = hn::Sub(reduced, hn::Set(d, T(1)));
}

/// Puts the values of arguments outside (0, inf) in place.
template <typename T>
HWY_INLINE Vector<T> special(Vector<T> x, Vector<T> y) {
  const Tag<T> d;
  const auto infinity = hn::Set(d, std::numeric_limits<T>::infinity());
  const auto nan = hn::Set(d, std::numeric_limits<T>::quiet_NaN());
  y = hn::IfThenElse(hn::Lt(x, infinity), y, hn::Add(x, infinity));  // inf and NaN
  y = hn::IfThenElse(hn::Lt(x, hn::Zero(d)), nan, y);
  return hn::IfThenElse(hn::Eq(x, hn::Zero(d)), hn::Neg(infinity), y);
}

template <typename T>
HWY_INLINE Vector<T> ln(Vector<T> x) {
  using C = LogConstants<T>;
  const Tag<T> d;
  Vector<T> k, f;
  split<T>(x, k, f);
  const auto s = hn::Div(f, hn::Add(hn::Set(d, T(2)), f));
  const auto half = hn::Mul(hn::Set(d, T(0.5)), hn::Mul(f, f));
  const auto tail = hn::Mul(s, hn::Add(half, log_polynomial(d, hn::Mul(s, s))));
  const auto low = hn::Sub(hn::MulAdd(k, hn::Set(d, C::kLn2Low), tail), half);
  return special<T>(x, hn::MulAdd(k, hn::Set(d, C::kLn2High), hn::Add(low, f)));
}

template <typename T>
HWY_INLINE Vector<T> log10(Vector<T> x) {
  using C = LogConstants<T>;
  const Tag<T> d;
  const hn::RebindToUnsigned<Tag<T>> du;
  Vector<T> k, f;
  split<T>(x, k, f);
  const auto s = hn::Div(f, hn::Add(hn::Set(d, T(2)), f));
  const auto half = hn::Mul(hn::Set(d, T(0.5)), hn::Mul(f, f));
  const auto tail = hn::Mul(s, hn::Add(half, log_polynomial(d, hn::Mul(s, s))));
  // ln(1 + f) = high + low, with so few bits in high that high * kInverseLn10High is exact.
  const auto whole = hn::BitCast(du, hn::Sub(f, half));
  const auto high = hn::BitCast(d, hn::And(whole, hn::Set(du, C::kUpperHalf)));
  const auto low = hn::Add(hn::Sub(hn::Sub(f, high), half), tail);
  const auto inverse_high = hn::Set(d, C::kInverseLn10High);
  const auto value_high = hn::Mul(high, inverse_high);
  const auto exponent = hn::Mul(k, hn::Set(d, C::kLog2High));
  auto rest = hn::Mul(hn::Add(low, high), hn::Set(d, C::kInverseLn10Low));
  rest = hn::MulAdd(k, hn::Set(d, C::kLog2Low), hn::MulAdd(low, inverse_high, rest));
  const auto sum = hn::Add(exponent, value_high);
  rest = hn::Add(rest, hn::Add(hn::Sub(exponent, sum), value_high));
  return special<T>(x, hn::Add(rest, sum));
}

template <typename T, bool decimal>
void log_floor(const T* in, std::int64_t count, T floor, T* out) {
  constexpr auto lanes = static_cast<std::int64_t>(kLanes<T>);
  const Tag<T> d;
  const auto least = hn::Set(d, floor);
  for (std::int64_t i = 0; i < count * lanes; i += lanes) {
    auto x = hn::Load(d, in + i);
    x = hn::IfThenElse(hn::Lt(x, least), least, x);
    if constexpr (decimal) {
      hn::Store(log10<T>(x), d, out + i);
    } else {
      hn::Store(ln<T>(x), d, out + i);
    }
  }
}

template <typename T>
const LogKernels<T>& log_table() {
  static constexpr LogKernels<T> table{.ln = log_floor<T, false>, .log10 = log_floor<T, true>};
  return table;
}

const LogKernels<float>& logs_f32() { return log_table<float>(); }
const LogKernels<double>& logs_f64() { return log_table<double>(); }

}  // namespace
}  // namespace papilio::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace papilio::kernels {

HWY_EXPORT(logs_f32);
HWY_EXPORT(logs_f64);

template <>
const LogKernels<float>& log_kernels<float>(Isa isa) {
  return PAPILIO_FOR_ISA(logs_f32, isa)();
}
template <>
const LogKernels<double>& log_kernels<double>(Isa isa) {
  return PAPILIO_FOR_ISA(logs_f64, isa)();
}

}  // namespace papilio::kernels
#endif  // HWY_ONCE
