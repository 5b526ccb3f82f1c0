// A graph with the parameters twice, and one run of it.
#include "train/curvature.h"

#include "ir/gradient.h"
#include "ir/losses.h"
#include "papilio/error.h"
#include "runtime/compile.h"
#include "transform/graph.h"

namespace papilio::train {
namespace {

using ir::NodeId;
using Tensors = std::vector<transform::Parameter>;

Tensors renamed(Tensors tensors, const std::string& prefix) {
  for (auto& tensor : tensors) tensor.name.insert(0, prefix);
  return tensors;
}

ir::Graph product_graph(const transform::Chain& model, const Tensors& tensors, DType dtype) {
  ir::GraphBuilder b(dtype);
  const NodeId x = b.input("x", true, model.n);
  const auto moving = transform::make_params(b, tensors);
  // The same numbers as parameters that are not differentiated.
  const auto held = transform::make_params(b, renamed(tensors, "held."));
  const auto direction = transform::make_params(b, renamed(tensors, "direction."));
  const NodeId y = transform::add_chain(b, model, moving, x);
  const NodeId loss = ir::mean_squared_error(b, y, transform::add_chain(b, model, held, x));
  const auto products = ir::hessian_product(b, loss, moving, direction);
  for (std::size_t i = 0; i < products.size(); ++i) b.output(tensors[i].name, products[i]);
  return b.finish();
}

/// Views of the tensors that lie one after the other in `memory`.
template <typename T>
void add_views(const Tensors& tensors, T* memory, DType real, DType complex,
               std::vector<base::TensorView>& views) {
  for (const auto& tensor : tensors) {
    views.push_back(base::dense(memory, tensor.complex ? complex : real, {tensor.count()}));
    memory += tensor.values.size();
  }
}

}  // namespace

Curvature::Curvature(const transform::Chain& model, const ObjectiveOptions& options)
    : model_(model),
      options_(options),
      tensors_(transform::get_parameters(model)),
      pool_(options.threads) {
  runtime::CompileOptions compile;
  compile.device = options.device;
  program_ = runtime::compile(product_graph(model_, tensors_, options.dtype), compile);
}

void Curvature::product(std::span<const double> parameters, const Batch& batch,
                        std::span<const double> v, std::span<double> result) {
  if (v.size() != parameters.size() || result.size() != parameters.size()) {
    throw InternalError("[train] a direction of another length than the parameters");
  }
  std::vector<double> at(parameters.begin(), parameters.end()), along(v.begin(), v.end());
  // Ports in the order of their nodes: x, the params, those held, the direction.
  std::vector<base::TensorView> ports{
      base::dense(const_cast<Complex*>(batch.inputs.data()), DType::c128, {batch.rows, model_.n})};
  for (double* const values : {at.data(), at.data(), along.data()}) {
    add_views(tensors_, values, DType::f64, DType::c128, ports);
  }
  std::vector<base::TensorView> results;
  std::vector<float> single;
  if (options_.dtype == DType::f32) {
    single.resize(result.size());
    add_views(tensors_, single.data(), DType::f32, DType::c64, results);
  } else {
    add_views(tensors_, result.data(), DType::f64, DType::c128, results);
  }
  program_->run(ports, results, {&pool_, runtime::BadSamples::flag}, {}, work_);
  for (std::size_t i = 0; i < single.size(); ++i) result[i] = static_cast<double>(single[i]);
}

}  // namespace papilio::train
