// A graph with the parameters twice, and one run of it.
#include "train/curvature.h"

#include <string>
#include <utility>

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

/// What a task's networks make of the rows, with the trained tensors as `moving`.
struct Outputs {
  NodeId spectrum = -1;
  NodeId back = -1;  ///< of a decoder
};

Outputs add_outputs(ir::GraphBuilder& b, const Task& task, NodeId x,
                    std::span<const NodeId> moving) {
  const auto nodes_of = [&](const transform::Chain& chain, bool moves) {
    const Tensors tensors = transform::get_parameters(chain);
    if (!moves) return transform::make_constants(b, tensors);
    const transform::ParameterNodes nodes(
        moving.begin(), moving.begin() + static_cast<std::ptrdiff_t>(tensors.size()));
    moving = moving.subspan(tensors.size());
    return nodes;
  };
  const auto encoder = nodes_of(task.model, task.trains != Trains::decoder);
  Outputs outputs{transform::add_chain(b, task.model, encoder, x), -1};
  if (task.decoder) {
    const auto decoder = nodes_of(*task.decoder, task.trains != Trains::encoder);
    outputs.back = transform::add_chain(b, *task.decoder, decoder, outputs.spectrum);
  }
  return outputs;
}

/// The tensors that an Objective of the task moves.
Tensors tensors_of(const Task& task) {
  Tensors tensors;
  const auto add = [&](const transform::Chain& chain, const std::string& prefix) {
    for (auto& tensor : transform::get_parameters(chain, prefix)) {
      tensors.push_back(std::move(tensor));
    }
  };
  if (task.trains != Trains::decoder) add(task.model, "encoder.");
  if (task.decoder && task.trains != Trains::encoder) add(*task.decoder, "decoder.");
  return tensors;
}

ir::Graph product_graph(const Task& task, const Power& power, const Tensors& tensors, DType dtype) {
  ir::GraphBuilder b(dtype);
  const NodeId x = b.input("x", true, task.model.n);
  const auto moving = transform::make_params(b, tensors);
  // The same numbers as parameters that are not differentiated.
  const auto held = transform::make_params(b, renamed(tensors, "held."));
  const auto direction = transform::make_params(b, renamed(tensors, "direction."));
  const Outputs y = add_outputs(b, task, x, moving), t = add_outputs(b, task, x, held);
  const auto term = [&](NodeId got, NodeId wanted, double weight) {
    return b.add(ir::OpKind::Affine, {ir::mean_squared_error(b, got, wanted)},
                 ir::AffineAttrs{weight, 0.0});
  };
  NodeId loss = b.constant({0.0});
  if (task.loss.spectrum > 0.0) {
    const NodeId part = term(y.spectrum, t.spectrum, task.loss.spectrum / power.target);
    loss = b.add(ir::OpKind::Add, {loss, part});
  }
  if (task.loss.reconstruction > 0.0) {
    const NodeId part = term(y.back, t.back, task.loss.reconstruction / power.input);
    loss = b.add(ir::OpKind::Add, {loss, part});
  }
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

Curvature::Curvature(const Task& task, const Power& power, const ObjectiveOptions& options)
    : n_(task.model.n), options_(options), tensors_(tensors_of(task)), pool_(options.threads) {
  runtime::CompileOptions compile;
  compile.device = options.device;
  program_ = runtime::compile(product_graph(task, power, tensors_, options.dtype), compile);
}

void Curvature::product(std::span<const double> parameters, const PreparedBatch& batch,
                        std::span<const double> v, std::span<double> result) {
  if (v.size() != parameters.size() || result.size() != parameters.size()) {
    throw InternalError("[train] a direction of another length than the parameters");
  }
  std::vector<double> at(parameters.begin(), parameters.end()), along(v.begin(), v.end());
  const DType complex = options_.dtype == DType::f32 ? DType::c64 : DType::c128;
  // Ports in the order of their nodes: x, the params, those held, the direction.
  std::vector<base::TensorView> ports{
      base::dense(const_cast<std::byte*>(batch.inputs.data()), complex, {batch.rows, n_})};
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
