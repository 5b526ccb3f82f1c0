#include "train/unit_circle.h"

#include <cmath>

namespace papilio::train {
namespace {

bool is_twiddle(const transform::Parameter& tensor) {
  const std::string ending = ".twiddle";
  return tensor.complex && tensor.name.size() > ending.size() &&
         tensor.name.compare(tensor.name.size() - ending.size(), ending.size(), ending) == 0;
}

}  // namespace

UnitCircle::UnitCircle(const std::vector<transform::Parameter>& tensors, bool on) : on_(on) {
  for (const auto& tensor : tensors) parts_.push_back({count(tensor), on && is_twiddle(tensor)});
}

std::size_t UnitCircle::count(const transform::Parameter& tensor) const {
  return on_ && is_twiddle(tensor) ? tensor.values.size() / 2 : tensor.values.size();
}

std::vector<double> UnitCircle::to_free(std::span<const double> numbers) const {
  std::vector<double> free;
  std::size_t at = 0;
  for (const Part& part : parts_) {
    for (std::size_t i = 0; i < part.count; ++i) {
      free.push_back(part.phases ? std::atan2(numbers[at + 1], numbers[at]) : numbers[at]);
      at += part.phases ? 2 : 1;
    }
  }
  return free;
}

std::vector<double> UnitCircle::to_numbers(std::span<const double> free) const {
  std::vector<double> numbers;
  std::size_t at = 0;
  for (const Part& part : parts_) {
    for (std::size_t i = 0; i < part.count; ++i, ++at) {
      if (!part.phases) {
        numbers.push_back(free[at]);
        continue;
      }
      numbers.push_back(std::cos(free[at]));
      numbers.push_back(std::sin(free[at]));
    }
  }
  return numbers;
}

std::vector<double> UnitCircle::push_forward(std::span<const double> free,
                                             std::span<const double> direction) const {
  std::vector<double> result;
  std::size_t at = 0;
  for (const Part& part : parts_) {
    for (std::size_t i = 0; i < part.count; ++i, ++at) {
      if (!part.phases) {
        result.push_back(direction[at]);
        continue;
      }
      result.push_back(-std::sin(free[at]) * direction[at]);
      result.push_back(std::cos(free[at]) * direction[at]);
    }
  }
  return result;
}

std::vector<double> UnitCircle::pull_back(std::span<const double> free,
                                          std::span<const double> gradient) const {
  std::vector<double> result;
  std::size_t at = 0, from = 0;
  for (const Part& part : parts_) {
    for (std::size_t i = 0; i < part.count; ++i, ++at) {
      if (!part.phases) {
        result.push_back(gradient[from++]);
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
