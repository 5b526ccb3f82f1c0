#include "train/model_run.h"

#include "base/tensor.h"
#include "papilio/error.h"
#include "runtime/compile.h"
#include "transform/graph.h"
#include "transform/inverse.h"
#include "transform/recombination.h"

namespace papilio::train {
namespace {

using transform::Chain;
using transform::Complex;

const transform::NetworkSpec& first_spec(const ModelFile& model) {
  return model.parts.front().network.spec;
}

/// A network of real input stands alone, outside of what chain_of makes.
Chain factors_of(const ModelFile& model) {
  if (first_spec(model).input == transform::Input::complex) return chain_of(model);
  return {model.n(), {model.parts.front().network}};
}

ir::Graph graph_of(const Chain& chain) {
  ir::GraphBuilder b(DType::f64);
  const ir::NodeId x = b.input("x", true, chain.n);
  const auto numbers = transform::make_constants(b, transform::get_parameters(chain));
  b.output("y", transform::add_chain(b, chain, numbers, x));
  return b.finish();
}

transform::Diagonal inverse_diagonal(const std::vector<Complex>& values) {
  transform::Diagonal inverse;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] == 0.0) {
      throw UserError("[model] diagonal " + std::to_string(i) +
                      " is 0, so that the model has no inverse; give a DECODER");
    }
    inverse.values.push_back(1.0 / values[i]);
  }
  return inverse;
}

Chain inverse_chain(const ModelFile& model) {
  if (model.real_part) {
    throw UserError(
        "[model] the real part of a product has no inverse stage by stage; give a DECODER");
  }
  Chain chain{first_spec(model).layout.n, {}};
  for (auto part = model.parts.rbegin(); part != model.parts.rend(); ++part) {
    if (!part->diagonal.empty()) chain.factors.push_back(inverse_diagonal(part->diagonal));
    chain.factors.push_back(inverse_network(part->network));
  }
  return chain;
}

}  // namespace

ModelRun::ModelRun(const ModelFile& model, const RunOn& on) : ModelRun(factors_of(model), on) {}

ModelRun::ModelRun(const Chain& chain, const RunOn& on)
    : n_(chain.n),
      outputs_(chain.outputs()),
      program_(runtime::compile(graph_of(chain), {on.device, {}})),
      pool_(on.threads) {}

std::vector<Complex> ModelRun::operator()(std::span<const Complex> x) {
  const std::int64_t rows = std::ssize(x) / n_;
  std::vector<Complex> y(static_cast<std::size_t>(rows * outputs_));
  const base::TensorView in = base::dense(const_cast<Complex*>(x.data()), DType::c128, {rows, n_});
  const base::TensorView out = base::dense(y.data(), DType::c128, {rows, outputs_});
  program_->run({&in, 1}, {&out, 1}, {.pool = &pool_}, {}, work_);
  return y;
}

InverseRun::InverseRun(const ModelFile& model, const RunOn& on)
    : recombination_(model.parts.front().network.recombination), run_(inverse_chain(model), on) {}

std::vector<Complex> InverseRun::operator()(std::span<const Complex> y) {
  if (recombination_.empty()) return run_(y);
  const std::size_t bins = recombination_.size() + 1;
  std::vector<Complex> spectra;
  for (std::size_t at = 0; at < y.size(); at += bins) {
    const auto one = transform::undo_recombination(recombination_, y.subspan(at, bins));
    spectra.insert(spectra.end(), one.begin(), one.end());
  }
  std::vector<Complex> x;
  for (const Complex pair : run_(spectra)) {
    x.emplace_back(pair.real());
    x.emplace_back(pair.imag());
  }
  return x;
}

}  // namespace papilio::train
