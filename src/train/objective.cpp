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

/// Mean |t|^2 of an output element for inputs of unit mean square: the squared Frobenius norm of
/// the target over n, from a fixed stack of random rows.
double mean_power(const transform::Chain& target, bool real) {
  base::Rng rng(0x7061'7069, 0);
  double sum = 0.0;
  constexpr int kRows = 8;
  for (int row = 0; row < kRows; ++row) {
    std::vector<Complex> x(static_cast<std::size_t>(target.n));
    for (Complex& value : x) value = unit_sample(rng, real);
    for (const Complex& y : transform::apply_chain(target, x)) sum += std::norm(y);
  }
  return sum / (kRows * static_cast<double>(target.n));
}

}  // namespace

Complex unit_sample(base::Rng& rng, bool real) {
  if (real) return rng.normal();
  const double re = rng.normal();
  return std::sqrt(0.5) * Complex(re, rng.normal());
}

bool has_real_part(const transform::Chain& chain) {
  return std::any_of(chain.factors.begin(), chain.factors.end(), [](const transform::Factor& f) {
    return std::holds_alternative<transform::RealPart>(f);
  });
}

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

Objective::Objective(const transform::Chain& model, const transform::Chain* target,
                     const ObjectiveOptions& options)
    : model_(model),
      has_target_(target != nullptr),
      options_(options),
      tensors_(transform::get_parameters(model)),
      size_(flatten(tensors_).size()),
      pool_(options.threads) {
  if (has_target_) {
    target_ = *target;
    scale_ = 1.0 / mean_power(target_, has_real_part(target_));
  }
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

std::shared_ptr<const runtime::Program> Objective::compile(bool gradients) const {
  ir::GraphBuilder b(options_.dtype);
  const NodeId x = b.input("x", true, model_.n);
  const auto params = transform::make_params(b, tensors_);
  const NodeId y = transform::add_chain(b, model_, params, x);
  NodeId t = -1;
  if (has_target_) {
    const auto known = transform::make_constants(b, transform::get_parameters(target_));
    t = transform::add_chain(b, target_, known, x);
  } else {
    t = b.input("t", true, model_.n);
  }
  const NodeId error = ir::mean_squared_error(b, y, t);
  const NodeId loss = b.add(ir::OpKind::Affine, {error}, ir::AffineAttrs{scale_, 0.0});
  b.output("loss", loss);
  if (gradients) {
    const auto found = ir::gradients(b, loss, params);
    for (std::size_t i = 0; i < found.size(); ++i) b.output(tensors_[i].name, found[i]);
  }
  runtime::CompileOptions compile;
  compile.device = options_.device;
  return runtime::compile(b.finish(), compile);
}

PreparedBatch Objective::prepare(const Batch& batch) const {
  const std::size_t count =
      static_cast<std::size_t>(batch.rows) * static_cast<std::size_t>(model_.n);
  if (batch.inputs.size() != count || (!has_target_ && batch.targets.size() != count)) {
    throw UserError("[train] a batch of " + std::to_string(batch.rows) + " rows needs " +
                    std::to_string(model_.n) + " values a row");
  }
  const bool single = options_.dtype == DType::f32;
  const auto converted = [single](const std::vector<Complex>& from) {
    base::Buffer<std::byte> to(
        from.size() * (single ? sizeof(std::complex<float>) : sizeof(std::complex<double>)));
    if (single) {
      std::transform(from.begin(), from.end(), reinterpret_cast<std::complex<float>*>(to.data()),
                     [](const Complex& value) { return std::complex<float>(value); });
    } else {
      std::copy(from.begin(), from.end(), reinterpret_cast<Complex*>(to.data()));
    }
    return to;
  };
  PreparedBatch prepared{batch.rows, converted(batch.inputs), {}};
  if (!has_target_) prepared.targets = converted(batch.targets);
  return prepared;
}

base::TensorView Objective::stack_of(const base::Buffer<std::byte>& values,
                                     std::int64_t rows) const {
  const DType dtype = options_.dtype == DType::f32 ? DType::c64 : DType::c128;
  return base::dense(const_cast<std::byte*>(values.data()), dtype, {rows, model_.n});
}

double Objective::evaluate(std::span<const double> parameters, const PreparedBatch& batch,
                           std::span<double> gradient) {
  const bool single = options_.dtype == DType::f32, gradients = !gradient.empty();
  // Ports in the order of their nodes: x, the params, t.
  std::vector<base::TensorView> ports{stack_of(batch.inputs, batch.rows)}, results;
  values_.assign(parameters.begin(), parameters.end());
  double* at = values_.data();
  for (const auto& tensor : tensors_) {
    ports.push_back(vector_view(at, tensor));
    at += tensor.values.size();
  }
  if (!has_target_) ports.push_back(stack_of(batch.targets, batch.rows));

  const DType real = options_.dtype, complex = single ? DType::c64 : DType::c128;
  const std::size_t bytes = size_of(real);
  results_.resize((1 + (gradients ? size_ : 0)) * bytes);
  std::byte* result = results_.data();
  results.push_back(base::dense(result, real, {1}));
  result += bytes;
  for (std::size_t i = 0; gradients && i < tensors_.size(); ++i) {
    const auto& tensor = tensors_[i];
    results.push_back(base::dense(result, tensor.complex ? complex : real, {tensor.count()}));
    result += tensor.values.size() * bytes;
  }
  const auto& program = gradients ? *with_gradients_ : *alone_;
  program.run(ports, results, {&pool_, runtime::BadSamples::flag}, {}, work_);
  const auto numbers = [&]<typename T>(const T* from) {
    std::copy_n(from + 1, gradient.size(), gradient.begin());
    return static_cast<double>(from[0]);
  };
  return single ? numbers(reinterpret_cast<const float*>(results_.data()))
                : numbers(reinterpret_cast<const double*>(results_.data()));
}

}  // namespace papilio::train
