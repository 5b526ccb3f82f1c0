// Building graphs: type inference, hash-consing, rewriting.
#include "ir/graph.h"

#include <array>
#include <utility>

#include "ir/print.h"
#include "ir/shapes.h"
#include "papilio/error.h"

namespace papilio::ir {
namespace {

constexpr std::array kOps{
#define PAPILIO_OP(Kind, text, inputs, Attributes, space, traits, gradient) \
  OpInfo{OpKind::Kind, text, inputs, Space::space, traits, Gradient::gradient},
#include "ir/ops.def"
#undef PAPILIO_OP
};

using Index = std::shared_ptr<const std::vector<std::int32_t>>;

bool same(const Index& a, const Index& b) {
  return a == b || (a != nullptr && b != nullptr && *a == *b);
}

bool same_tables(const Attrs& a, const Attrs& b) {
  if (const auto* constant = std::get_if<ConstAttrs>(&a)) {
    return *constant->values == *std::get<ConstAttrs>(b).values;
  }
  if (const auto* bank = std::get_if<FilterbankAttrs>(&a)) {
    return *bank->matrix == *std::get<FilterbankAttrs>(b).matrix;
  }
  if (const auto* gather = std::get_if<GatherAttrs>(&a)) {
    return same(gather->index, std::get<GatherAttrs>(b).index);
  }
  if (const auto* butterfly = std::get_if<ButterflyAttrs>(&a)) {
    return same(butterfly->permutation, std::get<ButterflyAttrs>(b).permutation);
  }
  return true;
}

}  // namespace

std::span<const OpInfo> all_ops() { return kOps; }

const OpInfo& info_of(OpKind kind) { return kOps[static_cast<std::size_t>(kind)]; }

Graph Graph::with_regions(std::vector<int> regions) const {
  auto body = std::make_shared<Body>(*body_);
  body->regions = std::move(regions);
  Graph graph;
  graph.body_ = std::move(body);
  return graph;
}

GraphBuilder::GraphBuilder(DType compute) : compute_(compute) {
  if (compute != DType::f32 && compute != DType::f64) {
    throw InternalError("[ir] a graph computes in f32 or f64");
  }
}

NodeId GraphBuilder::add(OpKind op, std::vector<NodeId> inputs, Attrs attrs) {
  std::string key = std::string(info_of(op).text) + "(";
  std::vector<Type> types;
  for (NodeId id : inputs) {
    if (id < 0 || id >= size()) {
      throw InternalError("[ir] " + std::string(info_of(op).text) +
                          ": an input is not in the graph");
    }
    key += std::to_string(id) + ",";
    types.push_back(node(id).type);
  }
  key += ")" + to_text(attrs);
  // The text of a large table is a hash: equal text is looked at before it counts as equal.
  for (auto found = known_.find(key); found != known_.end(); found = known_.find(key)) {
    if (same_tables(attrs, node(found->second).attrs)) return found->second;
    key += "'";
  }
  Type type = infer_type(op, types, attrs, compute_);
  const NodeId id = size();
  nodes_.push_back({op, std::move(inputs), std::move(attrs), std::move(type)});
  known_.emplace(std::move(key), id);
  return id;
}

NodeId GraphBuilder::input(std::string name, bool complex, std::int64_t samples) {
  return add(OpKind::Input, {}, InputAttrs{std::move(name), complex, samples});
}

NodeId GraphBuilder::constant(std::vector<double> values, bool complex) {
  auto shared = std::make_shared<const std::vector<double>>(std::move(values));
  return add(OpKind::Const, {}, ConstAttrs{std::move(shared), complex});
}

NodeId GraphBuilder::param(std::string name, std::vector<std::int64_t> shape, bool complex) {
  return add(OpKind::Param, {}, ParamAttrs{std::move(name), std::move(shape), complex});
}

void GraphBuilder::output(std::string name, NodeId id) {
  outputs_.push_back({std::move(name), id});
}

Graph GraphBuilder::finish() {
  auto body = std::make_shared<Graph::Body>();
  body->nodes = std::move(nodes_);
  body->outputs = std::move(outputs_);
  body->compute = compute_;
  known_.clear();
  Graph graph;
  graph.body_ = std::move(body);
  return graph;
}

Graph rewrite(const Graph& graph,
              const std::function<NodeId(GraphBuilder&, const Node&, std::vector<NodeId>)>& rule) {
  GraphBuilder builder(graph.compute());
  std::vector<NodeId> moved;
  for (const Node& node : graph.nodes()) {
    std::vector<NodeId> inputs;
    for (NodeId id : node.inputs) inputs.push_back(moved[static_cast<std::size_t>(id)]);
    moved.push_back(rule(builder, node, std::move(inputs)));
  }
  for (const Output& output : graph.outputs()) {
    builder.output(output.name, moved[static_cast<std::size_t>(output.node)]);
  }
  return builder.finish();
}

}  // namespace papilio::ir
