// Plain loops, compiled for every instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/batch.cpp"
#include "kernels/batch.h"

#include <hwy/foreach_target.h>  // keep before highway.h: includes this file once per target
#include <hwy/highway.h>

#include <cmath>

#include "kernels/dispatch.h"

HWY_BEFORE_NAMESPACE();
namespace papilio::kernels::HWY_NAMESPACE {
namespace {

template <typename T>
void add(const T* x, const T* y, std::int64_t count, T* out) {
  for (std::int64_t i = 0; i < count; ++i) out[i] = x[i] + y[i];
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
  for (std::int64_t i = 0; i < count; ++i) {
    out[2 * i] = x[2 * i] * y[i];
    out[2 * i + 1] = x[2 * i + 1] * y[i];
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
  T sum = T(0);
  for (const T chain : chains) sum += chain;
  return sum == T(0);
}

template <typename T>
void sum_into(const T* x, std::int64_t count, double* sums) {
  for (std::int64_t i = 0; i < count; ++i) sums[i] += static_cast<double>(x[i]);
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
      .add_real = add_real<T>,
      .mul = mul<T>,
      .mul_complex = mul_complex<T>,
      .mul_real = mul_real<T>,
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
