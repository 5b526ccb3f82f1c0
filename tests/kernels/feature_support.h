/// What the feature-kernel tests share: every usable ISA, tiles, and random samples.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "base/buffer.h"
#include "kernels/features.h"

namespace papilio::kernels {

/// Every table of one ISA.
template <typename T>
struct FeatureKernels {
  LoadKernels<T> load;
  WindowKernels<T> window;
  PowerKernels<T> power;
  ElementKernels<T> element;
  FilterbankKernels<T> filterbank;
  LogKernels<T> log;
  StoreKernels<T> store;
};

template <typename T>
FeatureKernels<T> feature_kernels(Isa isa) {
  return {load_kernels<T>(isa),    window_kernels<T>(isa),     power_kernels<T>(isa),
          element_kernels<T>(isa), filterbank_kernels<T>(isa), log_kernels<T>(isa),
          store_kernels<T>(isa)};
}

/// T as a Google typed test sees it, with the loop over ISAs.
template <typename T>
class OnEveryIsa : public ::testing::Test {
 protected:
  /// Calls body(kernels, lanes) per usable ISA.
  template <typename Body>
  void each(Body&& body) {
    for (Isa isa : usable_isas()) {
      SCOPED_TRACE(name_of(isa));
      body(feature_kernels<T>(isa), lanes_of<T>(isa));
    }
  }
};
using Reals = ::testing::Types<float, double>;

/// A tile [count][lanes] with named access.
template <typename T>
class Tile {
 public:
  Tile(std::int64_t count, std::int64_t lanes, T fill = T(0))
      : lanes_(lanes), values_(static_cast<std::size_t>(count * lanes)) {
    for (T& value : values_.span()) value = fill;
  }
  T& operator()(std::int64_t element, std::int64_t lane) {
    return values_[static_cast<std::size_t>(element * lanes_ + lane)];
  }
  T* data() { return values_.data(); }
  std::span<T> span() { return values_.span(); }

 private:
  std::int64_t lanes_;
  base::Buffer<T> values_;
};

/// Unit roundoff of T.
template <typename T>
inline constexpr double kUnit = std::numeric_limits<T>::epsilon() / 2.0;

/// `count` normal deviates.
template <typename T>
std::vector<T> noise(std::int64_t count, std::uint64_t seed) {
  std::mt19937_64 engine(seed);
  std::normal_distribution<double> normal;
  std::vector<T> values(static_cast<std::size_t>(count));
  for (T& value : values) value = static_cast<T>(normal(engine));
  return values;
}

template <typename T>
Tile<T> noise_tile(std::int64_t count, std::int64_t lanes, std::uint64_t seed) {
  Tile<T> tile(count, lanes);
  const std::vector<T> values = noise<T>(count * lanes, seed);
  std::copy(values.begin(), values.end(), tile.data());
  return tile;
}

/// ||a - b|| / ||b||.
inline double relative_error(const std::vector<double>& a, const std::vector<double>& b) {
  double error = 0;
  double norm = 0;
  for (std::size_t i = 0; i < b.size(); ++i) {
    error += (a[i] - b[i]) * (a[i] - b[i]);
    norm += b[i] * b[i];
  }
  return std::sqrt(error / norm);
}

}  // namespace papilio::kernels
