#include "train/task.h"

#include <algorithm>

#include "papilio/error.h"
#include "transform/parameters.h"

namespace papilio::train {
namespace {

bool is_real(const transform::Chain& chain) {
  return std::any_of(chain.factors.begin(), chain.factors.end(), [](const transform::Factor& f) {
    const auto* network = std::get_if<transform::Network>(&f);
    if (network != nullptr) {
      return network->spec.field == transform::Field::real ||
             network->spec.input == transform::Input::real;
    }
    return std::holds_alternative<transform::RealPart>(f);
  });
}

void check_length(const std::optional<transform::Chain>& chain, std::int64_t n, const char* what) {
  if (!chain) return;
  transform::validate(*chain);
  if (chain->n == n) return;
  throw UserError(std::string("[train] the ") + what + " is of " + std::to_string(chain->n) +
                  " points and the model of " + std::to_string(n) + "; give one length");
}

/// n/2 + 1 bins are nothing that a decoder of n points, a matrix or pairs of n numbers can meet.
void check_real_input(const Task& task) {
  if (task.target && task.target->outputs() != task.model.outputs()) {
    throw UserError("[train] the target gives " + std::to_string(task.target->outputs()) +
                    " numbers and the model " + std::to_string(task.model.outputs()) +
                    "; give both real input, or neither");
  }
  const bool real_input = task.model.real_input() || (task.decoder && task.decoder->real_input());
  if (!real_input || (task.target && !task.decoder)) return;
  throw UserError(
      "[train] a network with real input gives n/2 + 1 bins, for which there is no decoder, no "
      "matrix and no pairs; train it alone, with a target");
}

std::int64_t numbers_of(const std::optional<transform::Chain>& chain) {
  std::int64_t count = 0;
  if (!chain) return count;
  for (const auto& tensor : transform::get_parameters(*chain)) count += std::ssize(tensor.values);
  return count;
}

/// A pair gives as many equations as its output has real numbers. Fewer than a network has numbers
/// are met by any number of networks, of which the held-out pairs judge one at random.
void check_pairs(const Task& task) {
  if (task.data.pairs() == nullptr) return;
  const Data::Pairs& pairs = *task.data.pairs();
  const std::int64_t equations = task.real() ? task.model.n : 2 * task.model.n;
  const std::int64_t numbers = std::max(numbers_of(task.model), numbers_of(task.decoder));
  const std::int64_t least = (numbers + equations - 1) / equations;
  const std::int64_t given = training_pairs(pairs);
  if (given >= least) return;
  std::int64_t enough = pairs.rows + 1;
  while (training_pairs({.rows = enough, .inputs = {}, .targets = {}}) < least) ++enough;
  const std::int64_t held = pairs.rows - given;
  throw UserError(
      "[train] " + std::to_string(pairs.rows) + " pairs do not determine a network of " +
      std::to_string(numbers) + " real numbers: " + std::to_string(held) +
      (held == 1 ? " is" : " are") + " held out to judge it by, and " + std::to_string(least) +
      " others are needed, each of " + std::to_string(equations) + " equations; give at least " +
      std::to_string(enough) + ", or a network of fewer numbers");
}

}  // namespace

bool Task::real() const {
  return is_real(model) || (target && is_real(*target)) || (decoder && is_real(*decoder));
}

void validate(const Task& task) {
  transform::validate(task.model);
  check_length(task.target, task.model.n, "target");
  check_length(task.decoder, task.model.n, "decoder");
  validate(task.data, task.model.n, task.real());
  if (task.target.has_value() == task.data.brings_targets()) {
    throw UserError("[train] what is to be learned? give one of a target, a matrix and pairs");
  }
  check_real_input(task);
  check_pairs(task);
  if (!task.decoder && (task.loss.reconstruction > 0.0 || task.trains != Trains::all)) {
    throw UserError("[train] a reconstruction needs a decoder; train encdec or phased");
  }
  if (task.decoder && task.trains != Trains::encoder && task.loss.reconstruction <= 0.0) {
    throw UserError(
        "[train] a decoder learns by its reconstruction alone; give --loss reconstruction a weight "
        "above 0");
  }
  if (task.trains == Trains::encoder && task.loss.spectrum <= 0.0) {
    throw UserError("[train] an encoder alone learns by its spectrum; give that a weight above 0");
  }
}

}  // namespace papilio::train
