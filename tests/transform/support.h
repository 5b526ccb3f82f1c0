/// Helpers of the transform tests: small matrix algebra, noise, direct sums, refusals.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <initializer_list>
#include <numbers>
#include <string>
#include <vector>

#include "base/rng.h"
#include "papilio/error.h"
#include "transform/apply.h"
#include "transform/matrix.h"
#include "transform/network.h"

namespace papilio::transform {

using Signal = std::vector<Complex>;

/// Expects a UserError tagged [transform] whose message holds every one of `parts`.
inline void expect_refusal(const std::function<void()>& body,
                           std::initializer_list<std::string> parts) {
  try {
    body();
    ADD_FAILURE() << "was accepted";
  } catch (const UserError& error) {
    const std::string what = error.what();
    EXPECT_EQ(what.find("[transform] "), 0u) << what;
    for (const std::string& part : parts) {
      EXPECT_NE(what.find(part), std::string::npos) << "'" << part << "' is not in: " << what;
    }
  }
}

inline Signal noise(std::int64_t n, std::uint64_t seed = 1) {
  base::Rng rng(seed);
  Signal x(static_cast<std::size_t>(n));
  for (Complex& value : x) {
    const double re = rng.normal();
    value = {re, rng.normal()};
  }
  return x;
}

inline Signal real_noise(std::int64_t n, std::uint64_t seed = 1) {
  Signal x = noise(n, seed);
  for (Complex& value : x) value = value.real();
  return x;
}

/// ||a - b|| / ||b||
inline double distance(const Signal& a, const Signal& b) {
  EXPECT_EQ(a.size(), b.size());
  double difference = 0.0;
  double norm = 0.0;
  for (std::size_t i = 0; i < b.size(); ++i) {
    difference += std::norm(a[i] - b[i]);
    norm += std::norm(b[i]);
  }
  return std::sqrt(difference / norm);
}

/// Relative distance in the Frobenius norm.
inline double distance(const Matrix& a, const Matrix& b) {
  EXPECT_EQ(a.rows, b.rows);
  EXPECT_EQ(a.columns, b.columns);
  return distance(a.values, b.values);
}

/// A matrix of value(row, column).
inline Matrix matrix_of(std::int64_t rows, std::int64_t columns,
                        const std::function<Complex(std::int64_t, std::int64_t)>& value) {
  Matrix a(rows, columns);
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t j = 0; j < columns; ++j) a.at(i, j) = value(i, j);
  }
  return a;
}

inline Matrix transposed(const Matrix& a) {
  return matrix_of(a.columns, a.rows, [&](auto i, auto j) { return a.at(j, i); });
}

inline Matrix conjugated(const Matrix& a) {
  return matrix_of(a.rows, a.columns, [&](auto i, auto j) { return std::conj(a.at(i, j)); });
}

inline Matrix adjoint(const Matrix& a) { return conjugated(transposed(a)); }

inline Matrix scaled(double factor, Matrix a) {
  for (Complex& value : a.values) value *= factor;
  return a;
}

inline Matrix identity(std::int64_t n) {
  return matrix_of(n, n, [](auto i, auto j) { return Complex(i == j ? 1.0 : 0.0); });
}

inline Matrix multiplied(const Matrix& a, const Matrix& b) {
  return matrix_of(a.rows, b.columns, [&](auto i, auto j) {
    Complex sum = 0.0;
    for (std::int64_t k = 0; k < a.columns; ++k) sum += a.at(i, k) * b.at(k, j);
    return sum;
  });
}

/// exp(-2 pi i numerator / denominator), in extended precision until the end.
inline Complex turn(std::int64_t numerator, std::int64_t denominator) {
  const long double angle = -2.0L * std::numbers::pi_v<long double> *
                            static_cast<long double>(numerator % denominator) /
                            static_cast<long double>(denominator);
  return {static_cast<double>(std::cos(angle)), static_cast<double>(std::sin(angle))};
}

/// The DFT matrix by its definition: exp(-2 pi i k t / n).
inline Matrix dft_by_definition(std::int64_t n) {
  return matrix_of(n, n, [n](auto k, auto t) { return turn(k * t, n); });
}

/// A spec of these radices.
inline NetworkSpec spec_of(const std::string& radices, Form form = Form::twiddle) {
  NetworkSpec spec;
  spec.layout = parse_layout(radices);
  spec.form = form;
  return spec;
}

/// The network with gates drawn evenly from [least, 1].
inline Network gated(Network network, double least, std::uint64_t seed) {
  base::Rng rng(seed);
  for (int s = 0; s < network.spec.layout.stages(); ++s) {
    auto& gates = network.stages[static_cast<std::size_t>(s)].gates;
    gates.resize(static_cast<std::size_t>(network.spec.layout.stage(s).blocks()));
    for (double& gate : gates) gate = least + (1.0 - least) * rng.uniform();
  }
  return network;
}

}  // namespace papilio::transform
