// Shared by the tests of the public API: signals of any element type, refusals, bits.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstdint>
#include <cstring>
#include <functional>
#include <initializer_list>
#include <limits>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

#include "papilio/papilio.h"

namespace papilio::testing {

template <typename T>
inline constexpr bool kIsComplex = is_complex(dtype_of<T>());

/// rows x samples of noise with two tones, about +-1 (integers: most of their range).
template <typename T>
std::vector<T> signal(std::int64_t rows, std::int64_t samples, unsigned seed = 1) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  const auto next = [&](std::int64_t row, std::int64_t i) {
    const double t = static_cast<double>(i);
    return 0.1 * normal(random) + 0.3 * std::sin(0.7 * t + static_cast<double>(row)) +
           0.2 * std::sin((1.9 + 0.01 * static_cast<double>(row % 50)) * t);
  };
  std::vector<T> data;
  data.reserve(static_cast<std::size_t>(rows * samples));
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t i = 0; i < samples; ++i) {
      const double x = next(row, i);
      if constexpr (kIsComplex<T>) {
        using Part = typename T::value_type;
        data.emplace_back(static_cast<Part>(x), static_cast<Part>(next(row + 3, i)));
      } else if constexpr (std::is_integral_v<T>) {
        const double most = static_cast<double>(std::numeric_limits<T>::max());
        const double middle = std::is_signed_v<T> ? 0.0 : most / 2.0;
        const double size = std::is_signed_v<T> ? 0.9 * most : 0.45 * most;
        data.push_back(
            static_cast<T>(std::clamp(middle + size * x, std::is_signed_v<T> ? -most : 0.0, most)));
      } else {
        data.push_back(static_cast<T>(x));
      }
    }
  }
  return data;
}

template <typename R>
std::vector<double> as_double(const std::vector<R>& values) {
  return std::vector<double>(values.begin(), values.end());
}

/// Largest relative L2 distance of any of `rows` equal parts; NaN counts as worst.
template <typename R>
double worst_row(const std::vector<R>& got, const std::vector<R>& want, std::int64_t rows) {
  EXPECT_EQ(got.size(), want.size());
  const std::size_t length = want.size() / static_cast<std::size_t>(rows);
  double worst = 0.0;
  for (std::size_t row = 0; row < static_cast<std::size_t>(rows); ++row) {
    double error = 0.0, norm = 0.0;
    for (std::size_t i = row * length; i < (row + 1) * length; ++i) {
      error += std::norm(std::complex<double>(got[i]) - std::complex<double>(want[i]));
      norm += std::norm(std::complex<double>(want[i]));
    }
    const double relative = norm > 0 ? std::sqrt(error / norm) : std::sqrt(error);
    worst = relative <= worst ? worst : relative;
  }
  return worst;
}

/// Equal bit for bit, NaNs included.
template <typename T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0);
}

/// Expects an E whose message holds every one of `parts`.
template <typename E = UserError>
void expect_refusal(const std::function<void()>& body, std::initializer_list<std::string> parts) {
  try {
    body();
    ADD_FAILURE() << "was accepted; expected: " << *parts.begin();
  } catch (const E& error) {
    for (const std::string& part : parts) {
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos)
          << "'" << part << "' is not in: " << error.what();
    }
  }
}

inline MelOptions mel_profile(const std::string& name, double fs = 16000.0) {
  return std::get<MelOptions>(profile("mel", name, fs).options);
}

}  // namespace papilio::testing
