// Dispatch from the op table and the walk over the graph.
#include "reference/interpret.h"

#include <string>
#include <utility>

#include "papilio/error.h"
#include "reference/ops.h"

namespace papilio::reference {
namespace {

/// For each node, the last node that reads it (outputs: none, they stay).
std::vector<std::size_t> last_uses(const ir::Graph& graph) {
  const std::size_t count = graph.nodes().size();
  std::vector<std::size_t> last(count, 0);
  for (std::size_t i = 0; i < count; ++i) {
    for (const ir::NodeId input : graph.nodes()[i].inputs)
      last[static_cast<std::size_t>(input)] = i;
  }
  for (const ir::Output& output : graph.outputs()) {
    last[static_cast<std::size_t>(output.node)] = count;
  }
  return last;
}

}  // namespace

Tensor run(const ir::Node& node, Inputs in) {
  switch (node.op) {
#define PAPILIO_OP(Kind, text, inputs, Attributes, space, traits, gradient) \
  case ir::OpKind::Kind:                                                    \
    return run_##Kind(node, in);
#include "ir/ops.def"
#undef PAPILIO_OP
  }
  throw InternalError("[reference] unknown op");
}

std::vector<Tensor> interpret(const ir::Graph& graph, std::span<const Tensor> inputs) {
  const auto last_use = last_uses(graph);
  std::vector<Tensor> values;
  std::size_t next_input = 0;
  for (std::size_t i = 0; i < graph.nodes().size(); ++i) {
    const ir::Node& node = graph.nodes()[i];
    std::vector<const Tensor*> in;
    if (ir::is_port(node.op)) {
      if (next_input == inputs.size()) throw InternalError("[reference] an input is missing");
      in.push_back(&inputs[next_input++]);
    }
    for (const ir::NodeId id : node.inputs) in.push_back(&values[static_cast<std::size_t>(id)]);
    Tensor value = run(node, in);
    values.push_back(std::move(value));
    for (const ir::NodeId id : node.inputs) {
      if (last_use[static_cast<std::size_t>(id)] == i) values[static_cast<std::size_t>(id)] = {};
    }
  }
  if (next_input != inputs.size()) throw InternalError("[reference] too many inputs");
  std::vector<Tensor> results;
  for (const ir::Output& output : graph.outputs()) {
    results.push_back(values[static_cast<std::size_t>(output.node)]);
  }
  return results;
}

Tensor evaluate_constant(const ir::Node& node, std::span<const Tensor> inputs) {
  std::vector<const Tensor*> in;
  for (const Tensor& tensor : inputs) in.push_back(&tensor);
  return run(node, in);
}

Tensor value_of_constant(const ir::ConstAttrs& attrs) {
  const auto& values = *attrs.values;
  const auto step = attrs.complex ? std::size_t{2} : std::size_t{1};
  const auto count = static_cast<std::int64_t>(values.size() / step);
  Tensor tensor = zeros({count}, attrs.complex);
  for (std::size_t i = 0; i < tensor.re.size(); ++i) {
    tensor.re[i] = values[step * i];
    if (attrs.complex) tensor.im[i] = values[2 * i + 1];
  }
  return tensor;
}

}  // namespace papilio::reference
