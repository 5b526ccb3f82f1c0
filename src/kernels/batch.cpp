// Loops, compiled for every instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/batch.cpp"
#include "kernels/batch.h"

#include <hwy/foreach_target.h>  // keep before highway.h: includes this file once per target
#include <hwy/highway.h>

#include <cmath>
#include <type_traits>

#include "kernels/dispatch.h"
#include "kernels/fft_shuffle-inl.h"

HWY_BEFORE_NAMESPACE();
namespace papilio::kernels::HWY_NAMESPACE {
namespace {

template <typename T>
void add(const T* x, const T* y, std::int64_t count, T* out) {
  for (std::int64_t i = 0; i < count; ++i) out[i] = x[i] + y[i];
}

template <typename T>
void add_scaled(const T* x, const T* y, std::int64_t count, T factor, T* out) {
  for (std::int64_t i = 0; i < count; ++i) out[i] = x[i] + factor * y[i];
}

template <typename T>
void add_real(const T* x, const T* y, std::int64_t count, T* out) {
  for (std::int64_t i = 0; i < count; ++i) {
    out[2 * i] = x[2 * i] + y[i];
    out[2 * i + 1] = x[2 * i + 1];
  }
}

template <typename T>
void mul(const T* x, const T* y, std::int64_t count, T* out) {
  for (std::int64_t i = 0; i < count; ++i) out[i] = x[i] * y[i];
}

template <typename T>
void mul_complex(const T* x, const T* y, std::int64_t count, T* out) {
  for (std::int64_t i = 0; i < count; ++i) {
    const T a = x[2 * i], b = x[2 * i + 1], c = y[2 * i], d = y[2 * i + 1];
    out[2 * i] = a * c - b * d;
    out[2 * i + 1] = a * d + b * c;
  }
}

template <typename T>
void mul_real(const T* x, const T* y, std::int64_t count, T* out) {
  const hn::ScalableTag<T> d;
  using V = hn::Vec<decltype(d)>;
  constexpr std::int64_t lanes = kLanes<decltype(d)>;
  std::int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    V low = hn::LoadU(d, y + i), high = low;
    interleave(d, low, high);  // each factor twice
    hn::StoreU(hn::Mul(hn::LoadU(d, x + 2 * i), low), d, out + 2 * i);
    hn::StoreU(hn::Mul(hn::LoadU(d, x + 2 * i + lanes), high), d, out + 2 * i + lanes);
  }
  for (; i < count; ++i) {
    out[2 * i] = x[2 * i] * y[i];
    out[2 * i + 1] = x[2 * i + 1] * y[i];
  }
}

template <typename T>
void mul_real_add(const T* x, const T* m, const T* y, std::int64_t count, T factor, T* out) {
  const hn::ScalableTag<T> d;
  using V = hn::Vec<decltype(d)>;
  constexpr std::int64_t lanes = kLanes<decltype(d)>;
  const V f = hn::Set(d, factor);
  const auto one = [&](const T* a, V b, const T* c, T* to) HWY_ATTR {
    hn::StoreU(hn::MulAdd(hn::LoadU(d, a), b, hn::Mul(f, hn::LoadU(d, c))), d, to);
  };
  std::int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    V low = hn::LoadU(d, m + i), high = low;
    interleave(d, low, high);
    one(x + 2 * i, low, y + 2 * i, out + 2 * i);
    one(x + 2 * i + lanes, high, y + 2 * i + lanes, out + 2 * i + lanes);
  }
  for (; i < count; ++i) {
    out[2 * i] = x[2 * i] * m[i] + factor * y[2 * i];
    out[2 * i + 1] = x[2 * i + 1] * m[i] + factor * y[2 * i + 1];
  }
}

template <typename T>
void affine(const T* x, std::int64_t count, T factor, T offset, T* out) {
  for (std::int64_t i = 0; i < count; ++i) out[i] = factor * x[i] + offset;
}

template <typename T>
void conj(const T* x, std::int64_t count, T* out) {
  for (std::int64_t i = 0; i < count; ++i) {
    out[2 * i] = x[2 * i];
    out[2 * i + 1] = -x[2 * i + 1];
  }
}

template <typename T>
void real(const T* x, std::int64_t count, T* out) {
  for (std::int64_t i = 0; i < count; ++i) out[i] = x[2 * i];
}

template <typename T>
void complex(const T* x, std::int64_t count, T* out) {
  for (std::int64_t i = 0; i < count; ++i) {
    out[2 * i] = x[i];
    out[2 * i + 1] = T(0);
  }
}

template <typename T>
void inverse(const T* x, std::int64_t count, T* out) {
  for (std::int64_t i = 0; i < count; ++i) out[i] = x[i] == T(0) ? T(0) : T(1) / x[i];
}

template <typename T>
void step(const T* x, std::int64_t count, T threshold, T* out) {
  for (std::int64_t i = 0; i < count; ++i) {
    out[i] = std::isnan(x[i]) ? x[i] : x[i] > threshold ? T(1) : T(0);
  }
}

template <typename T>
void power(const T* x, std::int64_t count, T* out) {
  for (std::int64_t i = 0; i < count; ++i) {
    out[i] = x[2 * i] * x[2 * i] + x[2 * i + 1] * x[2 * i + 1];
  }
}

template <typename T>
void magnitude(const T* x, std::int64_t count, T* out) {
  for (std::int64_t i = 0; i < count; ++i) {
    out[i] = std::sqrt(x[2 * i] * x[2 * i] + x[2 * i + 1] * x[2 * i + 1]);
  }
}

/// x * 0 is NaN for what is not finite; many chains become vectors.
template <typename T>
bool finite(const T* x, std::int64_t count) {
  constexpr int kChains = 64;
  T chains[kChains] = {};
  std::int64_t i = 0;
  for (; i + kChains <= count; i += kChains) {
    for (int c = 0; c < kChains; ++c) chains[c] += x[i + c] * T(0);
  }
  for (; i < count; ++i) chains[0] += x[i] * T(0);
  for (int half = kChains / 2; half > 0; half /= 2) {
    for (int c = 0; c < half; ++c) chains[c] += chains[c + half];
  }
  return chains[0] == T(0);
}

template <typename T>
void sum_into(StackOf<T> x, std::int64_t rows, std::int64_t count, double* sums) {
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t i = 0; i < count; ++i) sums[i] += static_cast<double>(x.row(row)[i]);
  }
}

/// Re(x conj(y)) of pair i.
template <typename T>
T pair_product(const T* x, const T* y, std::int64_t i) {
  return x[2 * i] * y[2 * i] + x[2 * i + 1] * y[2 * i + 1];
}

#if HWY_TARGET != HWY_SCALAR
template <class D, class T = hn::TFromD<D>>
HWY_INLINE hn::Vec<D> pair_products(D d, const T* x, const T* y) {
  const auto low = hn::Mul(hn::LoadU(d, x), hn::LoadU(d, y));
  const auto high = hn::Mul(hn::LoadU(d, x + kLanes<D>), hn::LoadU(d, y + kLanes<D>));
  return hn::Add(hn::ConcatEven(d, high, low), hn::ConcatOdd(d, high, low));
}

/// Pairs [i, i + lanes) of all rows.
template <class T>
HWY_INLINE void add_pair_products(StackOf<T> x, StackOf<T> y, std::int64_t rows, std::int64_t i,
                                  double* sums) {
  const hn::ScalableTag<T> d;
  const hn::Repartition<double, decltype(d)> wide;
  if constexpr (std::is_same_v<T, double>) {
    auto sum = hn::LoadU(wide, sums + i);
    for (std::int64_t row = 0; row < rows; ++row) {
      sum = hn::Add(sum, pair_products(d, x.row(row) + 2 * i, y.row(row) + 2 * i));
    }
    hn::StoreU(sum, wide, sums + i);
  } else {
    const hn::Half<decltype(d)> half;
    constexpr std::int64_t step = kLanes<decltype(wide)>;
    auto low = hn::LoadU(wide, sums + i), high = hn::LoadU(wide, sums + i + step);
    for (std::int64_t row = 0; row < rows; ++row) {
      const auto product = pair_products(d, x.row(row) + 2 * i, y.row(row) + 2 * i);
      low = hn::Add(low, hn::PromoteTo(wide, hn::LowerHalf(half, product)));
      high = hn::Add(high, hn::PromoteTo(wide, hn::UpperHalf(half, product)));
    }
    hn::StoreU(low, wide, sums + i);
    hn::StoreU(high, wide, sums + i + step);
  }
}
#endif

template <typename T>
void sum_pair_products(StackOf<T> x, StackOf<T> y, std::int64_t rows, std::int64_t count,
                       double* sums) {
  std::int64_t begin = 0;
#if HWY_TARGET != HWY_SCALAR
  constexpr std::int64_t lanes = kLanes<hn::ScalableTag<T>>;
  for (; begin + lanes <= count; begin += lanes) add_pair_products<T>(x, y, rows, begin, sums);
#endif
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t i = begin; i < count; ++i) {
      sums[i] += static_cast<double>(pair_product(x.row(row), y.row(row), i));
    }
  }
}

template <typename T>
double sum(const T* x, std::int64_t count, std::int64_t step) {
  double chains[8] = {};
  std::int64_t i = 0;
  for (; i + 8 <= count; i += 8) {
    for (int c = 0; c < 8; ++c) chains[c] += static_cast<double>(x[(i + c) * step]);
  }
  for (; i < count; ++i) chains[0] += static_cast<double>(x[i * step]);
  return ((chains[0] + chains[1]) + (chains[2] + chains[3])) +
         ((chains[4] + chains[5]) + (chains[6] + chains[7]));
}

template <typename T>
const BatchKernels<T>& batch_table() {
  static constexpr BatchKernels<T> table{
      .add = add<T>,
      .add_scaled = add_scaled<T>,
      .add_real = add_real<T>,
      .mul = mul<T>,
      .mul_complex = mul_complex<T>,
      .mul_real = mul_real<T>,
      .mul_real_add = mul_real_add<T>,
      .affine = affine<T>,
      .conj = conj<T>,
      .real = real<T>,
      .complex = complex<T>,
      .inverse = inverse<T>,
      .step = step<T>,
      .power = power<T>,
      .magnitude = magnitude<T>,
      .finite = finite<T>,
      .sum_into = sum_into<T>,
      .sum_pair_products = sum_pair_products<T>,
      .sum = sum<T>,
  };
  return table;
}

const BatchKernels<float>& batch_f32() { return batch_table<float>(); }
const BatchKernels<double>& batch_f64() { return batch_table<double>(); }

}  // namespace
}  // namespace papilio::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace papilio::kernels {

HWY_EXPORT(batch_f32);
HWY_EXPORT(batch_f64);

template <>
const BatchKernels<float>& batch_kernels<float>(Isa isa) {
  return PAPILIO_FOR_ISA(batch_f32, isa)();
}
template <>
const BatchKernels<double>& batch_kernels<double>(Isa isa) {
  return PAPILIO_FOR_ISA(batch_f64, isa)();
}

}  // namespace papilio::kernels
#endif  // HWY_ONCE
