// Graphs of losses, and runs of them.
#include "train/objective.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>

#include "ir/gradient.h"
#include "ir/losses.h"
#include "papilio/error.h"
#include "runtime/compile.h"
#include "transform/graph.h"

namespace papilio::train {
namespace {

using ir::NodeId;

base::TensorView vector_view(double* data, const transform::Parameter& tensor) {
  return base::dense(data, tensor.complex ? DType::c128 : DType::f64, {tensor.count()});
}

/// Tensors of the task's networks.
std::vector<transform::Parameter> encoder_tensors(const Task& task) {
  return transform::get_parameters(task.model, task.decoder ? "encoder." : "");
}
std::vector<transform::Parameter> decoder_tensors(const Task& task) {
  if (!task.decoder) return {};
  return transform::get_parameters(*task.decoder, "decoder.");
}

/// In the compute type. Looks for values that are not finite, which here costs next to nothing.
template <typename T>
base::Buffer<std::byte> converted(const std::vector<Complex>& from, bool& finite) {
  base::Buffer<std::byte> to(from.size() * sizeof(std::complex<T>));
  const auto* values = reinterpret_cast<const double*>(from.data());
  auto* out = reinterpret_cast<T*>(to.data());
  bool bad = false;
  for (std::size_t i = 0; i < 2 * from.size(); ++i) {
    out[i] = static_cast<T>(values[i]);
    bad |= !(std::abs(out[i]) <= std::numeric_limits<T>::max());
  }
  finite = finite && !bad;
  return to;
}

/// What the terms of a task's loss are made of.
class LossGraph {
 public:
  LossGraph(ir::GraphBuilder& builder, const Task& task) : b_(builder), task_(task) {
    x_ = b_.input("x", true, task.model.n);
    encoder_ = nodes_of(encoder_tensors(task), task.trains != Trains::decoder);
    decoder_ = nodes_of(decoder_tensors(task), task.trains != Trains::encoder);
    y_ = transform::add_chain(b_, task.model, encoder_, x_);
  }

  /// Those that training moves.
  const transform::ParameterNodes& params() const { return params_; }

  NodeId spectrum(const Power& power) {
    NodeId t = -1;
    if (task_.target) {
      const auto known = transform::make_constants(b_, transform::get_parameters(*task_.target));
      t = transform::add_chain(b_, *task_.target, known, x_);
    } else {
      t = b_.input("t", true, task_.model.n);
    }
    return scaled(ir::mean_squared_error(b_, y_, t), 1.0 / power.target);
  }
  NodeId reconstruction(const Power& power) {
    const NodeId back = transform::add_chain(b_, *task_.decoder, decoder_, y_);
    return scaled(ir::mean_squared_error(b_, back, x_), 1.0 / power.input);
  }
  NodeId scaled(NodeId value, double factor) {
    return b_.add(ir::OpKind::Affine, {value}, ir::AffineAttrs{factor, 0.0});
  }
  /// The weighted sum of what has a weight.
  NodeId total(const Power& power) {
    const Loss& loss = task_.loss;
    NodeId sum = -1;
    if (loss.spectrum > 0.0) sum = weighed(spectrum(power), loss.spectrum);
    if (loss.reconstruction > 0.0) {
      const NodeId term = weighed(reconstruction(power), loss.reconstruction);
      sum = sum < 0 ? term : b_.add(ir::OpKind::Add, {sum, term});
    }
    return sum;
  }

 private:
  NodeId weighed(NodeId term, double weight) { return weight == 1.0 ? term : scaled(term, weight); }

  transform::ParameterNodes nodes_of(const std::vector<transform::Parameter>& tensors, bool moves) {
    if (!moves) return transform::make_constants(b_, tensors);
    transform::ParameterNodes nodes = transform::make_params(b_, tensors);
    params_.insert(params_.end(), nodes.begin(), nodes.end());
    return nodes;
  }

  ir::GraphBuilder& b_;
  const Task& task_;
  NodeId x_, y_;
  transform::ParameterNodes params_, encoder_, decoder_;
};

}  // namespace

std::vector<double> flatten(const std::vector<transform::Parameter>& tensors) {
  std::vector<double> values;
  for (const auto& tensor : tensors) {
    values.insert(values.end(), tensor.values.begin(), tensor.values.end());
  }
  return values;
}

std::vector<transform::Parameter> unflatten(std::vector<transform::Parameter> tensors,
                                            std::span<const double> values) {
  std::size_t at = 0;
  for (auto& tensor : tensors) {
    const auto from = values.begin() + static_cast<std::ptrdiff_t>(at);
    std::copy_n(from, tensor.values.size(), tensor.values.begin());
    at += tensor.values.size();
  }
  return tensors;
}

Objective::Objective(const Task& task, const Power& power, const ObjectiveOptions& options)
    : task_(task), power_(power), options_(options), pool_(options.threads) {
  if (task.trains != Trains::decoder) tensors_ = encoder_tensors(task);
  if (task.trains != Trains::encoder) {
    for (auto& tensor : decoder_tensors(task)) tensors_.push_back(std::move(tensor));
  }
  size_ = flatten(tensors_).size();
  alone_ = compile(false);
}

const std::string& Objective::tensor_of(std::size_t i) const {
  for (const auto& tensor : tensors_) {
    if (i < tensor.values.size()) return tensor.name;
    i -= tensor.values.size();
  }
  throw InternalError("[train] no such parameter");
}

bool Objective::reads_targets(bool gradients) const {
  return !task_.target && (!gradients || task_.loss.spectrum > 0.0);
}

ir::Graph Objective::graph(bool gradients) const {
  ir::GraphBuilder b(options_.dtype);
  LossGraph graph(b, task_);
  if (gradients) {
    const NodeId loss = graph.total(power_);
    b.output("loss", loss);
    const auto found = ir::gradients(b, loss, graph.params());
    for (std::size_t i = 0; i < found.size(); ++i) b.output(tensors_[i].name, found[i]);
  } else {
    b.output("spectrum", graph.spectrum(power_));
    if (task_.decoder) b.output("reconstruction", graph.reconstruction(power_));
  }
  return b.finish();
}

Objective::Compiled Objective::compile(bool gradients) const {
  Compiled compiled;
  compiled.targets = reads_targets(gradients);
  compiled.scalars = !gradients && task_.decoder ? 2 : 1;
  runtime::CompileOptions compile;
  compile.device = options_.device;
  compiled.program = runtime::compile(graph(gradients), compile);
  return compiled;
}

PreparedBatch Objective::prepare(const Batch& batch) const {
  const std::size_t count =
      static_cast<std::size_t>(batch.rows) * static_cast<std::size_t>(task_.model.n);
  const bool targets = reads_targets(false);
  if (batch.inputs.size() != count || (targets && batch.targets.size() != count)) {
    throw UserError("[train] a batch of " + std::to_string(batch.rows) + " rows needs " +
                    std::to_string(task_.model.n) + " values a row");
  }
  PreparedBatch prepared{.rows = batch.rows, .inputs = {}, .targets = {}};
  const auto convert = [&]<typename T>(T) {
    prepared.inputs = converted<T>(batch.inputs, prepared.finite);
    if (targets) prepared.targets = converted<T>(batch.targets, prepared.finite);
  };
  options_.dtype == DType::f32 ? convert(float()) : convert(double());
  return prepared;
}

base::TensorView Objective::stack_of(const base::Buffer<std::byte>& values,
                                     std::int64_t rows) const {
  const DType dtype = options_.dtype == DType::f32 ? DType::c64 : DType::c128;
  return base::dense(const_cast<std::byte*>(values.data()), dtype, {rows, task_.model.n});
}

std::vector<base::TensorView> Objective::result_views(std::size_t scalars, bool gradients) {
  const DType real = options_.dtype, complex = real == DType::f32 ? DType::c64 : DType::c128;
  results_.resize((scalars + (gradients ? size_ : 0)) * size_of(real));
  std::byte* at = results_.data();
  std::vector<base::TensorView> views;
  for (std::size_t i = 0; i < scalars; ++i, at += size_of(real)) {
    views.push_back(base::dense(at, real, {1}));
  }
  for (std::size_t i = 0; gradients && i < tensors_.size(); ++i) {
    const auto& tensor = tensors_[i];
    views.push_back(base::dense(at, tensor.complex ? complex : real, {tensor.count()}));
    at += tensor.values.size() * size_of(real);
  }
  return views;
}

std::vector<double> Objective::run(const Compiled& compiled, std::span<const double> parameters,
                                   const PreparedBatch& batch, std::span<double> gradient) {
  // Ports in the order of their nodes: x, the params, t.
  std::vector<base::TensorView> ports{stack_of(batch.inputs, batch.rows)};
  values_.assign(parameters.begin(), parameters.end());
  double* at = values_.data();
  for (const auto& tensor : tensors_) {
    ports.push_back(vector_view(at, tensor));
    at += tensor.values.size();
  }
  if (compiled.targets) ports.push_back(stack_of(batch.targets, batch.rows));
  const auto results = result_views(compiled.scalars, !gradient.empty());
  runtime::RunOptions run{.pool = &pool_};
  run.finite = batch.finite;
  compiled.program->run(ports, results, run, {}, work_);
  const auto numbers = [&]<typename T>(const T* from) {
    const T* gradients = from + compiled.scalars;
    std::copy_n(gradients, gradient.size(), gradient.begin());
    return std::vector<double>(from, gradients);
  };
  return options_.dtype == DType::f32 ? numbers(reinterpret_cast<const float*>(results_.data()))
                                      : numbers(reinterpret_cast<const double*>(results_.data()));
}

double Objective::evaluate(std::span<const double> parameters, const PreparedBatch& batch,
                           std::span<double> gradient) {
  if (!with_gradients_.program) with_gradients_ = compile(true);
  return run(with_gradients_, parameters, batch, gradient).front();
}

Terms Objective::errors(std::span<const double> parameters, const PreparedBatch& batch) {
  const std::vector<double> squares = run(alone_, parameters, batch, {});
  Terms terms;
  terms.spectrum = std::sqrt(squares[0]);
  if (task_.decoder) terms.reconstruction = std::sqrt(squares[1]);
  return terms;
}

}  // namespace papilio::train
