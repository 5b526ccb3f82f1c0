#include "train/free_parameters.h"

#include <cmath>

namespace papilio::train {
namespace {

bool is_twiddle(const transform::Parameter& tensor) {
  return tensor.complex && tensor.name.ends_with(".twiddle");
}

double unit_of(const transform::Parameter& tensor) {
  const bool scale = tensor.name == "scale" || tensor.name.ends_with(".scale");
  return scale ? std::abs(tensor.values.front()) : 1.0;
}

}  // namespace

FreeParameters::FreeParameters(const std::vector<transform::Parameter>& tensors, bool unit_circle) {
  for (const auto& tensor : tensors) {
    const bool phases = unit_circle && is_twiddle(tensor);
    parts_.push_back(
        {phases ? tensor.values.size() / 2 : tensor.values.size(), phases, unit_of(tensor)});
  }
}

std::vector<double> FreeParameters::to_free(std::span<const double> numbers) const {
  std::vector<double> free;
  std::size_t at = 0;
  for (const Part& part : parts_) {
    for (std::size_t i = 0; i < part.count; ++i) {
      free.push_back(part.phases ? std::atan2(numbers[at + 1], numbers[at])
                                 : numbers[at] / part.unit);
      at += part.phases ? 2 : 1;
    }
  }
  return free;
}

std::vector<double> FreeParameters::to_numbers(std::span<const double> free) const {
  std::vector<double> numbers;
  std::size_t at = 0;
  for (const Part& part : parts_) {
    for (std::size_t i = 0; i < part.count; ++i, ++at) {
      if (!part.phases) {
        numbers.push_back(part.unit * free[at]);
        continue;
      }
      numbers.push_back(std::cos(free[at]));
      numbers.push_back(std::sin(free[at]));
    }
  }
  return numbers;
}

std::vector<double> FreeParameters::pull_back(std::span<const double> free,
                                              std::span<const double> gradient) const {
  std::vector<double> result;
  std::size_t at = 0, from = 0;
  for (const Part& part : parts_) {
    for (std::size_t i = 0; i < part.count; ++i, ++at) {
      if (!part.phases) {
        result.push_back(part.unit * gradient[from++]);
        continue;
      }
      result.push_back(std::cos(free[at]) * gradient[from + 1] -
                       std::sin(free[at]) * gradient[from]);
      from += 2;
    }
  }
  return result;
}

}  // namespace papilio::train
