// Which models are valid, said in the words of their files.
#include "train/model_check.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "papilio/error.h"

namespace papilio::train {
namespace {

using transform::Complex;
using transform::Network;

constexpr const char* kGoBack = "go back to the last good parameters";

/// Judges one part; messages name its tensors.
class PartJudge {
 public:
  PartJudge(const ModelPart& part, const std::string& file)
      : part_(part),
        network_(part.network),
        start_("[model] " + file + ": "),
        prefix_(part.name.empty() ? "" : part.name + ".") {}

  void check() const {
    without_tensor([&] { validate(network_.spec); });
    for (int s = 0; s < network_.spec.layout.stages(); ++s) {
      const auto at = static_cast<std::size_t>(s);
      if (at < network_.stages.size()) check_stage(network_.stages[at], s);
    }
    check_finite("recombination.twiddle", network_.recombination);
    check_finite("diagonal", part_.diagonal);
    if (!std::isfinite(network_.scale) || network_.scale == 0.0) {
      fail("scale", "is " + base::to_text(network_.scale),
           "give a finite number other than 0, such as 1");
    }
    if (!transform::is_permutation(network_.permutation)) {
      fail("permutation", "holds a position twice or out of range",
           "it must hold each of 0 .. n - 1 once");
    }
    without_tensor([&] { validate(network_); });
    check_surroundings();
  }

 private:
  [[noreturn]] void fail(const std::string& tensor, const std::string& why,
                         const std::string& advice) const {
    throw UserError(start_ + "tensor '" + prefix_ + tensor + "' " + why + "; " + advice);
  }

  /// Refusals that know no tensor: lengths, which a file cannot have wrong, and kinds that exclude
  /// each other.
  template <typename Body>
  void without_tensor(Body&& body) const {
    try {
      body();
    } catch (const UserError& error) {
      const std::string what = error.what();
      throw UserError(start_ + what.substr(what.find("] ") + 2));
    }
  }

  void check_stage(const transform::Stage& stage, int s) const {
    const std::string name = parameter_name(network_.spec, s);
    check_finite(name, stage.parameters);
    for (std::size_t b = 0; b < stage.gates.size(); ++b) {
      if (stage.gates[b] >= 0.0 && stage.gates[b] <= 1.0) continue;  // false for NaN
      fail("stage." + std::to_string(s) + ".gate",
           "has the gate " + base::to_text(stage.gates[b]) + " for block " + std::to_string(b),
           "clip gates to 0 .. 1");
    }
    const auto free = static_cast<std::size_t>(free_parameters(network_.spec, s));
    if (network_.spec.tying == transform::Tying::untied || free == 0) return;
    for (std::size_t i = free; i < stage.parameters.size(); ++i) {
      if (stage.parameters[i] == stage.parameters[i % free]) continue;
      const std::int64_t each = network_.spec.layout.stage(s).radix - 1;
      const auto block = static_cast<std::int64_t>(i) / each;
      fail(name,
           "is tied, but blocks " + std::to_string(network_.spec.layout.stage(s).phase(block)) +
               " and " + std::to_string(block) + " hold different twiddles",
           "make them equal, or the tying untied");
    }
  }

  void check_finite(const std::string& tensor, const std::vector<Complex>& values) const {
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (std::isfinite(values[i].real()) && std::isfinite(values[i].imag())) continue;
      fail(tensor, "holds a number that is not finite at place " + std::to_string(i), kGoBack);
    }
  }

  void check_surroundings() const {
    const auto n = static_cast<std::size_t>(network_.spec.layout.n);
    if (!part_.diagonal.empty() && part_.diagonal.size() != n) {
      throw UserError(start_ + "the diagonal has " + std::to_string(part_.diagonal.size()) +
                      " numbers and the network " + std::to_string(n) + "; give as many");
    }
    if (network_.spec.input == transform::Input::real && !part_.diagonal.empty()) {
      fail("diagonal", "stands behind a network with real input", "leave it out");
    }
  }

  const ModelPart& part_;
  const Network& network_;
  std::string start_;
  std::string prefix_;
};

void check_names(const ModelFile& model, const std::string& start) {
  std::vector<std::string> names;
  for (const ModelPart& part : model.parts) names.push_back(part.name);
  std::vector<std::string> wanted{""};
  if (model.kind == ModelKind::encdec) wanted = {"encoder", "decoder"};
  if (model.kind == ModelKind::chain) {
    wanted.clear();
    for (std::size_t i = 0; i < std::max<std::size_t>(names.size(), 2); ++i) {
      wanted.push_back(std::to_string(i));
    }
  }
  if (names != wanted) {
    throw UserError(start + "a model of kind " + kModelKinds[static_cast<std::size_t>(model.kind)] +
                    " has the parts '" + base::join(wanted, "', '") + "', not '" +
                    base::join(names, "', '") + "'; name them so");
  }
}

}  // namespace

std::string parameter_name(const transform::NetworkSpec& spec, int s) {
  return "stage." + std::to_string(s) +
         (spec.form == transform::Form::block ? ".block" : ".twiddle");
}

std::vector<std::int64_t> parameter_shape(const transform::NetworkSpec& spec, int s) {
  const transform::StageShape stage = spec.layout.stage(s);
  if (spec.form == transform::Form::twiddle) return {stage.blocks(), stage.radix - 1, 2};
  if (spec.field == transform::Field::real) return {stage.blocks(), stage.radix, stage.radix};
  return {stage.blocks(), stage.radix, stage.radix, 2};
}

void check_model(const ModelFile& model, const std::string& file) {
  const std::string start = "[model] " + file + ": ";
  check_names(model, start);
  if (model.dtype != DType::f32 && model.dtype != DType::f64) {
    throw UserError(start + "numbers are held as f32 or f64, not as " + name_of(model.dtype) +
                    "; give one of these");
  }
  if (!model.training.is_object()) {
    throw UserError(start + "the training summary is no JSON object; give one, perhaps {}");
  }
  for (const ModelPart& part : model.parts) {
    PartJudge(part, file).check();
    const transform::NetworkSpec& spec = part.network.spec;
    if (spec.n() != model.n()) {
      throw UserError(start + "its networks have different n, " + std::to_string(model.n()) +
                      " and " + std::to_string(spec.n()) + "; give one n");
    }
    const bool alone = model.parts.size() == 1 && !model.real_part;
    if (spec.input == transform::Input::real && !alone) {
      throw UserError(start +
                      "a network with real input stands among other factors; save it in a file "
                      "of its own");
    }
  }
}

}  // namespace papilio::train
