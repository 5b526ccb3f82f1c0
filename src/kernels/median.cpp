/// Medians by partial selection.
#include "kernels/median.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace papilio::kernels {

template <typename T>
T median(std::span<T> values) {
  // A NaN has no place in an order, so it is looked for first.
  if (std::any_of(values.begin(), values.end(), [](T v) { return std::isnan(v); })) {
    return std::numeric_limits<T>::quiet_NaN();
  }
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*std::max_element(values.begin(), middle) + *middle) / 2;
}

double median_bias(std::int64_t count) {
  double bias = 1.0;
  for (std::int64_t i = 1; i <= (count - 1) / 2; ++i) {
    const double even = 2.0 * static_cast<double>(i);
    bias += 1.0 / (even + 1.0) - 1.0 / even;
  }
  return bias;
}

template float median(std::span<float>);
template double median(std::span<double>);

}  // namespace papilio::kernels
