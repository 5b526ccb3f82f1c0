// Bottom up, so that one sweep folds whole constant subgraphs.
#include "passes/fold_constants.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "reference/interpret.h"

namespace papilio::passes {
namespace {

using reference::Tensor;

ir::NodeId add_constant(ir::GraphBuilder& builder, const Tensor& value) {
  if (!value.complex) return builder.constant(value.re);
  std::vector<double> interleaved;
  for (std::size_t i = 0; i < value.re.size(); ++i) {
    interleaved.push_back(value.re[i]);
    interleaved.push_back(value.im[i]);
  }
  return builder.constant(std::move(interleaved), true);
}

}  // namespace

ir::NodeId add_folded(ir::GraphBuilder& builder, ir::OpKind op, std::vector<ir::NodeId> inputs,
                      ir::Attrs attrs) {
  const bool known =
      !inputs.empty() && std::all_of(inputs.begin(), inputs.end(), [&](ir::NodeId id) {
        return builder.node(id).op == ir::OpKind::Const;
      });
  const ir::NodeId id = builder.add(op, inputs, std::move(attrs));
  const bool vector = builder.node(id).type.dims.size() == 1;
  if (!known || !vector) return id;
  std::vector<Tensor> values;
  for (const ir::NodeId input : inputs) {
    values.push_back(reference::value_of_constant(builder.node(input).as<ir::ConstAttrs>()));
  }
  return add_constant(builder, reference::evaluate_constant(builder.node(id), values));
}

ir::Graph fold_constants(const ir::Graph& graph, const base::Target&) {
  return ir::rewrite(
      graph, [](ir::GraphBuilder& builder, const ir::Node& node, std::vector<ir::NodeId> inputs) {
        return add_folded(builder, node.op, std::move(inputs), node.attrs);
      });
}

}  // namespace papilio::passes
