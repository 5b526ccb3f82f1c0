// Graphs of losses, and runs of them.
#include "train/objective.h"

#include <algorithm>
#include <cmath>

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
  with_gradients_ = compile(true);
  alone_ = compile(false);
}

const std::string& Objective::tensor_of(std::size_t i) const {
  for (const auto& tensor : tensors_) {
    if (i < tensor.values.size()) return tensor.name;
    i -= tensor.values.size();
  }
  throw InternalError("[train] no such parameter");
}

Objective::Compiled Objective::compile(bool gradients) const {
  ir::GraphBuilder b(options_.dtype);
  LossGraph graph(b, task_);
  Compiled compiled;
  if (gradients) {
    compiled.targets = !task_.target && task_.loss.spectrum > 0.0;
    const NodeId loss = graph.total(power_);
    b.output("loss", loss);
    const auto found = ir::gradients(b, loss, graph.params());
    for (std::size_t i = 0; i < found.size(); ++i) b.output(tensors_[i].name, found[i]);
  } else {
    compiled.targets = !task_.target;
    b.output("spectrum", graph.spectrum(power_));
    if (task_.decoder) b.output("reconstruction", graph.reconstruction(power_));
    compiled.scalars = task_.decoder ? 2 : 1;
  }
  runtime::CompileOptions compile;
  compile.device = options_.device;
  compiled.program = runtime::compile(b.finish(), compile);
  return compiled;
}

std::vector<double> Objective::run(const Compiled& compiled, std::span<const double> parameters,
                                   const Batch& batch, std::span<double> gradient) {
  const std::int64_t points = task_.model.n;
  const auto n = static_cast<std::size_t>(points), count = static_cast<std::size_t>(batch.rows) * n;
  const std::size_t stacks = compiled.targets ? 2 : 1;
  if (batch.inputs.size() != count || (compiled.targets && batch.targets.size() != count)) {
    throw UserError("[train] a batch of " + std::to_string(batch.rows) + " rows needs " +
                    std::to_string(n) + " values a row");
  }
  const bool single = options_.dtype == DType::f32;
  // Ports in the order of their nodes: x, the params, t.
  std::vector<base::TensorView> ports, results;
  single_.resize(stacks);
  const auto stack = [&](std::size_t i, const std::vector<Complex>& values) {
    if (!single) {
      ports.push_back(
          base::dense(const_cast<Complex*>(values.data()), DType::c128, {batch.rows, points}));
      return;
    }
    single_[i].assign(values.begin(), values.end());
    ports.push_back(base::dense(single_[i].data(), DType::c64, {batch.rows, points}));
  };
  stack(0, batch.inputs);
  std::vector<double> values(parameters.begin(), parameters.end());
  double* at = values.data();
  for (const auto& tensor : tensors_) {
    ports.push_back(vector_view(at, tensor));
    at += tensor.values.size();
  }
  if (compiled.targets) stack(1, batch.targets);

  const DType real = options_.dtype, complex = single ? DType::c64 : DType::c128;
  const std::size_t bytes = single ? sizeof(float) : sizeof(double);
  std::vector<std::byte> memory((compiled.scalars + (gradient.empty() ? 0 : size_)) * bytes);
  std::size_t offset = 0;
  for (std::size_t i = 0; i < compiled.scalars; ++i, offset += bytes) {
    results.push_back(base::dense(memory.data() + offset, real, {1}));
  }
  for (std::size_t i = 0; !gradient.empty() && i < tensors_.size(); ++i) {
    const auto& tensor = tensors_[i];
    results.push_back(
        base::dense(memory.data() + offset, tensor.complex ? complex : real, {tensor.count()}));
    offset += tensor.values.size() * bytes;
  }
  compiled.program->run(ports, results, {&pool_, runtime::BadSamples::flag}, {}, work_);
  const auto number = [&](std::size_t i) {
    return single ? static_cast<double>(reinterpret_cast<const float*>(memory.data())[i])
                  : reinterpret_cast<const double*>(memory.data())[i];
  };
  for (std::size_t i = 0; i < gradient.size(); ++i) gradient[i] = number(compiled.scalars + i);
  std::vector<double> scalars;
  for (std::size_t i = 0; i < compiled.scalars; ++i) scalars.push_back(number(i));
  return scalars;
}

double Objective::evaluate(std::span<const double> parameters, const Batch& batch,
                           std::span<double> gradient) {
  return run(with_gradients_, parameters, batch, gradient).front();
}

Terms Objective::errors(std::span<const double> parameters, const Batch& batch) {
  const std::vector<double> squares = run(alone_, parameters, batch, {});
  Terms terms;
  terms.spectrum = std::sqrt(squares[0]);
  if (task_.decoder) terms.reconstruction = std::sqrt(squares[1]);
  return terms;
}

}  // namespace papilio::train
