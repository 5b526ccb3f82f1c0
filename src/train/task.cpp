#include "train/task.h"

#include <algorithm>

#include "papilio/error.h"

namespace papilio::train {
namespace {

bool is_real(const transform::Chain& chain) {
  return std::any_of(chain.factors.begin(), chain.factors.end(), [](const transform::Factor& f) {
    const auto* network = std::get_if<transform::Network>(&f);
    if (network != nullptr) return network->spec.field == transform::Field::real;
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
