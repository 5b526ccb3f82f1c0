// What tells trainings apart: in full where it is short, as a hash where it is numbers.
#include <cstdio>

#include "train/checkpoint.h"
#include "train/device_steps.h"
#include "transform/layout.h"

namespace papilio::train {
namespace {

/// All bits of it.
std::string exact(double value) {
  char text[64];
  std::snprintf(text, sizeof(text), "%a", value);
  return text;
}

std::string text_of(const transform::Factor& factor) {
  const auto* network = std::get_if<transform::Network>(&factor);
  if (network == nullptr) return "factor " + std::to_string(factor.index());
  const transform::NetworkSpec& spec = network->spec;
  std::string text = "network " + transform::radices_text(spec.layout);
  for (const int part : {static_cast<int>(spec.form), static_cast<int>(spec.field),
                         static_cast<int>(spec.order), static_cast<int>(spec.direction),
                         static_cast<int>(spec.tying), static_cast<int>(spec.input)}) {
    text += " " + std::to_string(part);
  }
  if (!network->stages.front().gates.empty()) text += " gates";
  return text;
}

std::string text_of(const transform::Chain& chain) {
  std::string text;
  for (const auto& factor : chain.factors) text += text_of(factor) + "; ";
  return text;
}

}  // namespace

std::string fingerprint(const Task& task, const TrainOptions& options) {
  std::string text = text_of(task.model) + "start " + task.start + "; ";
  if (task.decoder) text += "decoder " + text_of(*task.decoder);
  if (task.target) {
    const std::vector<double> numbers = flatten(transform::get_parameters(*task.target));
    text +=
        "target " + std::to_string(hash_of(numbers.data(), numbers.size() * sizeof(double))) + "; ";
  }
  text += "data " + fingerprint(task.data) + "; loss " + exact(task.loss.spectrum) + " " +
          exact(task.loss.reconstruction) + " of " + std::to_string(static_cast<int>(task.trains)) +
          "; ";
  const Schedule& s = options.schedule;
  text += options.optimiser + " " + s.kind + " " + exact(s.rate) + " " + std::to_string(s.steps) +
          " " + std::to_string(s.warm_up) + " " + exact(s.last);
  text += "; batch " + std::to_string(options.batch) + " seed " + std::to_string(options.seed) +
          " " + std::to_string(options.valid_seed) + " clip " + exact(options.clip) +
          (options.unit_circle ? " circle" : "") + " valid " + std::to_string(options.valid_every) +
          " patience " + std::to_string(options.patience) + " goal " + exact(options.goal) + " " +
          name_of(options.objective.dtype) +
          (options.objective.device == "reference" ? " reference" : "") +
          device_kind(options.objective.device);
  return text;
}

}  // namespace papilio::train
