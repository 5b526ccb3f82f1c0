// Networks, chains and models turned into each other; writing. Reading is in model_load.cpp.
#include "train/model_file.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "io/safetensors.h"
#include "papilio/error.h"
#include "papilio/version.h"
#include "train/model_check.h"
#include "train/model_words.h"

namespace papilio::train {
namespace {

using transform::Complex;
using transform::Network;

[[noreturn]] void refuse_chain(const std::string& what) {
  throw UserError("[model] " + what +
                  ", which no model file holds; give permutations, networks, diagonals and a real "
                  "part at the end");
}

/// Position i of the first stage reads x[first[second[i]]].
std::vector<std::int32_t> composed(const std::vector<std::int32_t>& first,
                                   const std::vector<std::int32_t>& second) {
  std::vector<std::int32_t> result;
  for (const std::int32_t i : second) result.push_back(first[static_cast<std::size_t>(i)]);
  return result;
}

/// Takes the factors of a chain one by one.
class PartsOfChain {
 public:
  explicit PartsOfChain(ModelFile& model) : model_(model) {}

  void operator()(const transform::Permutation& permutation) {
    check_open();
    waiting_ = waiting_.empty() ? permutation.source : composed(waiting_, permutation.source);
  }
  void operator()(const Network& network) {
    check_open();
    ModelPart part{"", network, {}};
    if (!waiting_.empty()) {
      if (network.spec.order == transform::Order::dif) {
        refuse_chain("the chain permutes the input of a network of order dif");
      }
      part.network.permutation = composed(waiting_, network.permutation);
      waiting_.clear();
    }
    model_.parts.push_back(std::move(part));
  }
  void operator()(const transform::Diagonal& diagonal) {
    check_open();
    if (model_.parts.empty() || !waiting_.empty()) {
      refuse_chain("the chain has a diagonal that follows no network");
    }
    std::vector<Complex>& held = model_.parts.back().diagonal;
    if (held.empty()) held.assign(diagonal.values.size(), 1.0);
    for (std::size_t i = 0; i < held.size(); ++i) held[i] *= diagonal.values[i];
  }
  void operator()(const transform::RealPart&) {
    check_open();
    model_.real_part = true;
  }
  void finish() const {
    if (model_.parts.empty()) refuse_chain("the chain has no network");
    if (!waiting_.empty()) refuse_chain("the chain permutes the output of its last network");
  }

 private:
  void check_open() const {
    if (model_.real_part) refuse_chain("the chain has a factor behind its real part");
  }

  ModelFile& model_;
  std::vector<std::int32_t> waiting_;
};

io::NamedTensor tensor_of(std::string name, std::vector<std::int64_t> shape,
                          const std::vector<double>& values, DType dtype) {
  if (dtype == DType::f64) {
    return io::make_tensor<double>(std::move(name), std::move(shape), values);
  }
  const std::vector<float> narrow(values.begin(), values.end());
  return io::make_tensor<float>(std::move(name), std::move(shape), narrow);
}

/// re, im, re, im ..; the real parts alone where `real`.
std::vector<double> flat(const std::vector<Complex>& values, bool real = false) {
  std::vector<double> numbers;
  numbers.reserve(2 * values.size());
  for (const Complex value : values) {
    numbers.push_back(value.real());
    if (!real) numbers.push_back(value.imag());
  }
  return numbers;
}

/// The file of a model that is valid.
class Writer {
 public:
  explicit Writer(const ModelFile& model) : model_(model) {
    for (const ModelPart& part : model.parts) add(part);
    std::map<std::string, std::string>& words = file_.metadata;
    words["papilio_format"] = "1";
    words["papilio_version"] = build_info().version;
    words["kind"] = word_of(model.kind);
    words["n"] = std::to_string(model.n());
    words["output"] = model.real_part ? "real" : "complex";
    words["training"] = base::dump(model.training);
  }
  const io::Safetensors& file() const { return file_; }

 private:
  void add(const ModelPart& part) {
    const Network& network = part.network;
    prefix_ = part.name.empty() ? "" : part.name + ".";
    add_words(network.spec);
    for (int s = 0; s < network.spec.layout.stages(); ++s) add_stage(network, s);
    const auto n = static_cast<std::int64_t>(network.permutation.size());
    file_.tensors.push_back(
        io::make_tensor<std::int32_t>(prefix_ + "permutation", {n}, network.permutation));
    if (!network.recombination.empty()) {
      put("recombination.twiddle", {n, 2}, flat(network.recombination));
    }
    if (!part.diagonal.empty()) put("diagonal", {n, 2}, flat(part.diagonal));
    put("scale", {1}, {network.scale});
  }
  void add_words(const transform::NetworkSpec& spec) {
    std::map<std::string, std::string>& words = file_.metadata;
    words[prefix_ + "radices"] = radices_text(spec.layout);
    words[prefix_ + "order"] = word_of(spec.order);
    words[prefix_ + "tying"] = word_of(spec.tying);
    words[prefix_ + "norm"] = word_of(spec.norm);
    words[prefix_ + "direction"] = word_of(spec.direction);
    words[prefix_ + "form"] = word_of(spec.form);
    words[prefix_ + "field"] = word_of(spec.field);
    words[prefix_ + "input"] = word_of(spec.input);
  }
  void add_stage(const Network& network, int s) {
    const transform::Stage& stage = network.stages[static_cast<std::size_t>(s)];
    const bool real = network.spec.field == transform::Field::real;
    put(parameter_name(network.spec, s), parameter_shape(network.spec, s),
        flat(stage.parameters, real));
    if (stage.gates.empty()) return;
    put("stage." + std::to_string(s) + ".gate", {network.spec.layout.stage(s).blocks()},
        stage.gates);
  }
  void put(const std::string& name, std::vector<std::int64_t> shape,
           const std::vector<double>& values) {
    file_.tensors.push_back(tensor_of(prefix_ + name, std::move(shape), values, model_.dtype));
  }

  const ModelFile& model_;
  io::Safetensors file_;
  std::string prefix_;
};

double rounded(double value) { return static_cast<double>(static_cast<float>(value)); }
Complex rounded(Complex value) { return {rounded(value.real()), rounded(value.imag())}; }

/// The numbers that a file of F32 holds.
void round_all(ModelFile& model) {
  for (ModelPart& part : model.parts) {
    for (transform::Stage& stage : part.network.stages) {
      for (Complex& value : stage.parameters) value = rounded(value);
      for (double& gate : stage.gates) gate = rounded(gate);
    }
    for (Complex& value : part.network.recombination) value = rounded(value);
    for (Complex& value : part.diagonal) value = rounded(value);
    part.network.scale = rounded(part.network.scale);
  }
}

}  // namespace

ModelFile model_of(Network network) {
  ModelFile model;
  model.parts.push_back({"", std::move(network), {}});
  return model;
}

ModelFile model_of(const transform::Chain& chain) {
  validate(chain);
  ModelFile model;
  PartsOfChain parts(model);
  for (const transform::Factor& factor : chain.factors) std::visit(parts, factor);
  parts.finish();
  if (model.parts.size() == 1) return model;
  model.kind = ModelKind::chain;
  for (std::size_t i = 0; i < model.parts.size(); ++i) model.parts[i].name = std::to_string(i);
  return model;
}

transform::Chain chain_of(const ModelFile& model) {
  transform::Chain chain{model.n(), {}};
  for (const ModelPart& part : model.parts) {
    if (part.network.spec.input == transform::Input::real) {
      throw UserError(
          "[model] a network with real input has n numbers in and n/2 + 1 out, so that it is no "
          "chain; apply the network itself");
    }
    chain.factors.emplace_back(part.network);
    if (!part.diagonal.empty()) chain.factors.emplace_back(transform::Diagonal{part.diagonal});
  }
  if (model.real_part) chain.factors.emplace_back(transform::RealPart{});
  return chain;
}

void save_model(const ModelFile& model, const std::string& path) {
  ModelFile held = model;
  if (held.dtype == DType::f32) round_all(held);
  check_model(held, path);
  io::write_safetensors(Writer(held).file(), path);
}

}  // namespace papilio::train
