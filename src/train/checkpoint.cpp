// Checkpoints as safetensors. Doubles of the metadata are written in full (%a), so that bits stay.
#include "train/checkpoint.h"

#include <cstdio>
#include <cstdlib>

#include "io/safetensors.h"
#include "papilio/error.h"
#include "transform/layout.h"

namespace papilio::train {
namespace {

const std::string kPrefix = "optimiser.";

std::string exact(double value) {
  char text[64];
  std::snprintf(text, sizeof(text), "%a", value);
  return text;
}

[[noreturn]] void refuse(const std::string& path, const std::string& what) {
  throw UserError("[train] " + path + " is no checkpoint: " + what);
}

const std::string& entry(const io::Safetensors& file, const std::string& key) {
  const auto found = file.metadata.find(key);
  if (found == file.metadata.end()) refuse(file.path, "it has no " + key);
  return found->second;
}

double number(const io::Safetensors& file, const std::string& key) {
  const std::string& text = entry(file, key);
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0') refuse(file.path, key + " is no number: " + text);
  return value;
}

std::vector<double> vector_of(const io::Safetensors& file, const std::string& name) {
  if (file.find(name) == nullptr) refuse(file.path, "it has no tensor " + name);
  return file.reals(name);
}

io::NamedTensor tensor(const std::string& name, const std::vector<double>& values) {
  const std::int64_t shape[] = {static_cast<std::int64_t>(values.size())};
  return io::make_tensor<double>(name, {shape[0]}, values);
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
  return text;
}

}  // namespace

std::string fingerprint(const transform::Chain& model, const TrainOptions& options) {
  std::string text;
  for (const auto& factor : model.factors) text += text_of(factor) + "; ";
  const Schedule& s = options.schedule;
  text += options.optimiser + " " + s.kind + " " + exact(s.rate) + " " + std::to_string(s.steps) +
          " " + std::to_string(s.warm_up) + " " + exact(s.last);
  text += "; batch " + std::to_string(options.batch) + " seed " + std::to_string(options.seed) +
          " " + std::to_string(options.valid_seed) + " clip " + exact(options.clip) +
          (options.unit_circle ? " circle" : "") + " valid " + std::to_string(options.valid_every) +
          " patience " + std::to_string(options.patience) + " goal " + exact(options.goal) + " " +
          name_of(options.objective.dtype);
  return text;
}

void save_checkpoint(const std::string& path, const Checkpoint& c) {
  io::Safetensors file;
  file.metadata = {{"papilio_checkpoint", "1"},           {"step", std::to_string(c.step)},
                   {"waited", std::to_string(c.waited)},  {"best_error", exact(c.best_error)},
                   {"first_error", exact(c.first_error)}, {"fingerprint", c.fingerprint}};
  file.tensors.push_back(tensor("values", c.values));
  file.tensors.push_back(tensor("best_values", c.best_values));
  for (const OptimiserState& state : c.optimiser) {
    file.tensors.push_back(tensor(kPrefix + state.name, state.values));
  }
  io::write_safetensors(file, path);
}

Checkpoint load_checkpoint(const std::string& path) {
  const io::Safetensors file = io::read_safetensors(path);
  if (entry(file, "papilio_checkpoint") != "1") refuse(path, "a newer Papilio has written it");
  Checkpoint c;
  c.step = static_cast<std::int64_t>(number(file, "step"));
  c.waited = static_cast<std::int64_t>(number(file, "waited"));
  c.best_error = number(file, "best_error");
  c.first_error = number(file, "first_error");
  c.fingerprint = entry(file, "fingerprint");
  c.values = vector_of(file, "values");
  c.best_values = vector_of(file, "best_values");
  if (c.values.size() != c.best_values.size()) refuse(path, "its parameters differ in number");
  for (const auto& named : file.tensors) {
    if (named.name.rfind(kPrefix, 0) != 0) continue;
    c.optimiser.push_back({named.name.substr(kPrefix.size()), file.reals(named.name)});
  }
  return c;
}

}  // namespace papilio::train
