#include "train/free_parameters.h"

#include <algorithm>
#include <cmath>

namespace papilio::train {
namespace {

bool is_twiddle(const transform::Parameter& tensor) {
  return tensor.complex && tensor.name.ends_with(".twiddle");
}

bool is_gate(const transform::Parameter& tensor) { return tensor.name.ends_with(".gate"); }

/// Whether a step against the gradient would take a gate out of its range.
bool leaves(double gate, double gradient) {
  return (gate >= 1.0 && gradient < 0.0) || (gate <= 0.0 && gradient > 0.0);
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
    parts_.push_back({count(tensor), kind_of(tensor), unit_of(tensor)});
  }
}

FreeParameters::Kind FreeParameters::kind_of(const transform::Parameter& tensor) const {
  if (is_gate(tensor)) return Kind::gates;
  return unit_circle_ && is_twiddle(tensor) ? Kind::phases : Kind::plain;
}

std::size_t FreeParameters::count(const transform::Parameter& tensor) const {
  return kind_of(tensor) == Kind::phases ? tensor.values.size() / 2 : tensor.values.size();
}

std::vector<double> FreeParameters::to_free(std::span<const double> numbers) const {
  std::vector<double> free;
  std::size_t at = 0;
  for (const Part& part : parts_) {
    for (std::size_t i = 0; i < part.count; ++i) {
      const bool phases = part.kind == Kind::phases;
      free.push_back(phases ? std::atan2(numbers[at + 1], numbers[at]) : numbers[at] / part.unit);
      at += phases ? 2 : 1;
    }
  }
  return free;
}

std::vector<double> FreeParameters::to_numbers(std::span<const double> free) const {
  std::vector<double> numbers;
  std::size_t at = 0;
  for (const Part& part : parts_) {
    for (std::size_t i = 0; i < part.count; ++i, ++at) {
      if (part.kind == Kind::phases) {
        numbers.push_back(std::cos(free[at]));
        numbers.push_back(std::sin(free[at]));
      } else if (part.kind == Kind::gates) {
        numbers.push_back(std::clamp(free[at], 0.0, 1.0));
      } else {
        numbers.push_back(part.unit * free[at]);
      }
    }
  }
  return numbers;
}

std::vector<std::size_t> FreeParameters::held(std::span<const double> free,
                                              std::span<const double> gradient) const {
  std::vector<std::size_t> places;
  std::size_t at = 0;
  for (const Part& part : parts_) {
    for (std::size_t i = at; part.kind == Kind::gates && i < at + part.count; ++i) {
      if (leaves(free[i], gradient[i])) places.push_back(i);
    }
    at += part.count;
  }
  return places;
}

void FreeParameters::project(std::span<double> free) const {
  std::size_t at = 0;
  for (const Part& part : parts_) {
    for (std::size_t i = 0; part.kind == Kind::gates && i < part.count; ++i) {
      free[at + i] = std::clamp(free[at + i], 0.0, 1.0);
    }
    at += part.count;
  }
}

std::vector<double> FreeParameters::push_forward(std::span<const double> free,
                                                 std::span<const double> direction) const {
  std::vector<double> result;
  std::size_t at = 0;
  for (const Part& part : parts_) {
    for (std::size_t i = 0; i < part.count; ++i, ++at) {
      if (part.kind != Kind::phases) {
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
      if (part.kind != Kind::phases) {
        const bool beyond = part.kind == Kind::gates && (free[at] < 0.0 || free[at] > 1.0);
        const double slope = part.unit * gradient[from++];
        result.push_back(beyond ? 0.0 : slope);
        continue;
      }
      result.push_back(std::cos(free[at]) * gradient[from + 1] -
                       std::sin(free[at]) * gradient[from]);
      from += 2;
    }
  }
  return result;
}

std::vector<runtime::Descent::Part> FreeParameters::descent_parts() const {
  using Device = runtime::Descent::Kind;
  std::vector<runtime::Descent::Part> parts;
  for (const Part& part : parts_) {
    const Device kind = part.kind == Kind::phases  ? Device::phases
                        : part.kind == Kind::gates ? Device::gates
                                                   : Device::plain;
    parts.push_back({kind, part.unit});
  }
  return parts;
}

}  // namespace papilio::train
