#include "train/device_steps.h"

#include <algorithm>
#include <cmath>

#include "papilio/error.h"
#include "runtime/compile.h"
#include "runtime/cuda/driver/device.h"

namespace papilio::train {
namespace {

using runtime::Descent;

Descent::Rule rule_of(const std::string& optimiser) {
  if (optimiser == "sgd") return Descent::Rule::sgd;
  return optimiser == "adam" ? Descent::Rule::adam : Descent::Rule::diagonal;
}

/// The vectors that the device holds, by their names in checkpoints; "": none.
struct Names {
  std::string mean, square;
  bool counts = true;
};
Names names_of(const std::string& optimiser) {
  if (optimiser == "sgd") return {"velocity", "", false};
  return {optimiser == "adam" ? "mean" : "", "square", true};
}

}  // namespace

bool stays_on_device(std::string_view device) {
  return runtime::cuda::ordinal_of(device).has_value();
}

std::string device_kind(std::string_view device) {
  const auto ordinal = runtime::cuda::ordinal_of(device);
  if (!ordinal) return "";
  const auto& facts = runtime::cuda::Device::get(*ordinal).facts();
  return " cuda sm_" + std::to_string(facts.compute_capability);
}

const std::vector<std::string>& device_optimiser_names() {
  static const std::vector<std::string> names{"sgd", "adam", "diagonal"};
  return names;
}

DeviceSteps::DeviceSteps(const Objective& objective, const FreeParameters& free,
                         const std::string& optimiser, double clip, std::int64_t rows)
    : optimiser_(optimiser),
      clip_(clip),
      numbers_(objective.size()),
      targets_(objective.reads_targets(true)) {
  const Descent descent{rule_of(optimiser), free.descent_parts()};
  steps_ =
      runtime::compile_steps(objective.gradient_graph(), descent, objective.options().device, rows);
}

void DeviceSteps::put(std::span<const double> values, const std::vector<OptimiserState>& state) {
  const std::size_t size = steps_->size();
  std::vector<double> all(3 * size, 0.0);
  std::copy(values.begin(), values.end(), all.begin());
  const auto vector_of = [&](const std::string& name, std::size_t at) {
    if (name.empty()) return;
    const std::vector<double>& saved = saved_vector(state, name, size);
    std::copy(saved.begin(), saved.end(), all.begin() + static_cast<std::ptrdiff_t>(at));
  };
  const Names names = names_of(optimiser_);
  vector_of(names.mean, size);
  vector_of(names.square, 2 * size);
  if (names.counts) count_ = saved_vector(state, "steps", 1).front();
  steps_->put(all);
}

void DeviceSteps::get(std::span<double> values, Optimiser& optimiser) const {
  const std::size_t size = steps_->size();
  std::vector<double> all(3 * size);
  steps_->get(all);
  const auto part = [&](std::size_t at) {
    const auto begin = all.begin() + static_cast<std::ptrdiff_t>(at);
    return std::vector<double>(begin, begin + static_cast<std::ptrdiff_t>(size));
  };
  std::copy_n(all.begin(), size, values.begin());
  const Names names = names_of(optimiser_);
  std::vector<OptimiserState> state;
  if (names.counts) state.push_back({"steps", {count_}});
  if (!names.mean.empty()) state.push_back({names.mean, part(size)});
  if (!names.square.empty()) state.push_back({names.square, part(2 * size)});
  optimiser.load(state);
}

void DeviceSteps::take(const PreparedBatch& batch) {
  std::vector<std::span<const std::byte>> inputs{{batch.inputs.data(), batch.inputs.size()}};
  if (targets_) inputs.emplace_back(batch.targets.data(), batch.targets.size());
  steps_->take(inputs);
  ++taken_;
}

void DeviceSteps::start(double rate) {
  runtime::StepFacts facts;
  facts.rate = rate;
  facts.longest = clip_;
  count_ += 1.0;
  if (optimiser_ == "adam") {
    facts.mean_share = 1.0 - std::pow(kBeta1, count_);
    facts.square_share = 1.0 - std::pow(kBeta2, count_);
  } else {
    facts.square_share = count_;
  }
  steps_->start(facts);
  ++started_;
}

DeviceSteps::Told DeviceSteps::finish() {
  const runtime::StepFacts facts = steps_->finish();
  const bool bad = facts.bad < numbers_;
  if (bad || !std::isfinite(facts.loss)) count_ -= 1.0;
  return {facts.loss, facts.norm, bad ? static_cast<std::size_t>(facts.bad) : numbers_};
}

}  // namespace papilio::train
