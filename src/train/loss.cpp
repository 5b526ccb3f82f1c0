#include "train/loss.h"

#include <cmath>
#include <cstdlib>
#include <span>

#include "papilio/error.h"
#include "train/noise.h"
#include "train/task.h"
#include "transform/chain.h"

namespace papilio::train {
namespace {

[[noreturn]] void refuse(std::string_view text) {
  throw UserError("[train] --loss " + std::string(text) +
                  " is unknown; give spectrum, reconstruction, or both with weights such as "
                  "spectrum:1,reconstruction:0.5");
}

/// Mean |t|^2 of an output element for inputs of unit mean square: the squared Frobenius norm of
/// the target over its outputs, from a fixed stack of random rows.
double mean_power(const transform::Chain& target, bool real) {
  base::Rng rng(0x7061'7069, 0);
  double sum = 0.0;
  constexpr int kRows = 8;
  for (int row = 0; row < kRows; ++row) {
    std::vector<Complex> x(static_cast<std::size_t>(target.n));
    for (Complex& value : x) value = unit_sample(rng, real);
    for (const Complex& y : transform::apply_chain(target, x)) sum += std::norm(y);
  }
  return sum / (kRows * static_cast<double>(target.outputs()));
}

double mean_power(const std::vector<Complex>& values) {
  double sum = 0.0;
  for (const Complex value : values) sum += std::norm(value);
  return sum / static_cast<double>(values.size());
}

double target_power(const transform::Chain& target, const Batch& batch) {
  std::vector<Complex> outputs;
  for (std::int64_t row = 0; row < batch.rows; ++row) {
    const auto from = static_cast<std::size_t>(row * target.n);
    const auto x = std::span(batch.inputs).subspan(from, static_cast<std::size_t>(target.n));
    const std::vector<Complex> y = transform::apply_chain(target, x);
    outputs.insert(outputs.end(), y.begin(), y.end());
  }
  return mean_power(outputs);
}

bool is_white(const Data& data) {
  const Noise* noise = std::get_if<Noise>(&data.source);
  return noise != nullptr && *noise == Noise::white;
}

}  // namespace

Loss parse_loss(std::string_view text) {
  Loss loss{0.0, 0.0};
  std::string_view rest = text;
  while (true) {
    const std::string_view item = rest.substr(0, rest.find(','));
    const std::size_t colon = item.find(':');
    const std::string_view name = item.substr(0, colon);
    double weight = 1.0;
    if (colon != std::string_view::npos) {
      const std::string number(item.substr(colon + 1));
      char* end = nullptr;
      weight = std::strtod(number.c_str(), &end);
      if (number.empty() || *end != '\0' || !std::isfinite(weight) || weight < 0.0) refuse(text);
    }
    if (name != "spectrum" && name != "reconstruction") refuse(text);
    (name == "spectrum" ? loss.spectrum : loss.reconstruction) += weight;
    if (item.size() == rest.size()) break;
    rest.remove_prefix(item.size() + 1);
  }
  if (loss.spectrum + loss.reconstruction <= 0.0) refuse(text);
  return loss;
}

double weighted(const Loss& loss, const Terms& terms) {
  double sum = 0.0;
  if (loss.spectrum > 0.0) sum += loss.spectrum * terms.spectrum * terms.spectrum;
  if (loss.reconstruction > 0.0) {
    sum += loss.reconstruction * terms.reconstruction * terms.reconstruction;
  }
  return std::sqrt(sum / (loss.spectrum + loss.reconstruction));
}

Power power_of(const Task& task, const Batch& held_out) {
  if (is_white(task.data) && task.target) return {1.0, mean_power(*task.target, task.real())};
  const Power power{mean_power(held_out.inputs), task.data.brings_targets()
                                                     ? mean_power(held_out.targets)
                                                     : target_power(*task.target, held_out)};
  if (power.input > 0.0 && power.target > 0.0) return power;
  throw UserError(
      "[train] the rows that are held out, or what is to become of them, are all zero; give other "
      "data");
}

}  // namespace papilio::train
