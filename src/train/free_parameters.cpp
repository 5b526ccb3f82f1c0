#include "train/free_parameters.h"

#include <cmath>

namespace papilio::train {
namespace {

bool is_twiddle(const transform::Parameter& tensor) {
  return tensor.complex && tensor.name.ends_with(".twiddle");
}

double unit_of(const transform::Parameter& tensor) {
  return is_scale(tensor) ? std::abs(tensor.values.front()) : 1.0;
}

}  // namespace

bool is_scale(const transform::Parameter& tensor) {
  return tensor.name == "scale" || tensor.name.ends_with(".scale");
}

FreeParameters::FreeParameters(const std::vector<transform::Parameter>& tensors, bool unit_circle)
    : unit_circle_(unit_circle) {
  for (const auto& tensor : tensors) {
    parts_.push_back({count(tensor), unit_circle && is_twiddle(tensor), unit_of(tensor)});
  }
}

std::size_t FreeParameters::count(const transform::Parameter& tensor) const {
  return unit_circle_ && is_twiddle(tensor) ? tensor.values.size() / 2 : tensor.values.size();
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

std::vector<double> FreeParameters::push_forward(std::span<const double> free,
                                                 std::span<const double> direction) const {
  std::vector<double> result;
  std::size_t at = 0;
  for (const Part& part : parts_) {
    for (std::size_t i = 0; i < part.count; ++i, ++at) {
      if (!part.phases) {
        result.push_back(part.unit * direction[at]);
        continue;
      }
      result.push_back(-std::sin(free[at]) * direction[at]);
      result.push_back(std::cos(free[at]) * direction[at]);
    }
  }
  return result;
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
