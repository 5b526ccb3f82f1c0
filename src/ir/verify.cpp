// The judge.
#include "ir/verify.h"

#include <set>
#include <string>

#include "ir/print.h"
#include "ir/shapes.h"
#include "papilio/error.h"

namespace papilio::ir {
namespace {

[[noreturn]] void fail(const Graph& graph, NodeId id, const std::string& what) {
  throw InternalError("[verify] " + what + " in " + to_text(graph, id));
}

void check_node(const Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  std::vector<Type> types;
  for (const NodeId input : node.inputs) {
    if (input < 0 || input >= id) fail(graph, id, "an input does not come earlier");
    types.push_back(graph.node(input).type);
  }
  if (!(infer_type(node.op, types, node.attrs, graph.compute()) == node.type)) {
    fail(graph, id, "the type is not the inferred one");
  }
}

void check_regions(const Graph& graph, NodeId id) {
  const auto regions = graph.regions();
  for (const NodeId input : graph.node(id).inputs) {
    if (regions[static_cast<std::size_t>(input)] > regions[static_cast<std::size_t>(id)]) {
      fail(graph, id, "a region depends on a later region");
    }
  }
}

void check_outputs(const Graph& graph) {
  if (graph.outputs().empty()) throw InternalError("[verify] the graph has no output");
  std::set<std::string> names;
  for (const Output& output : graph.outputs()) {
    const bool inside =
        output.node >= 0 && static_cast<std::size_t>(output.node) < graph.nodes().size();
    if (!inside) throw InternalError("[verify] output " + output.name + " is not in the graph");
    if (!names.insert(output.name).second) {
      throw InternalError("[verify] two outputs are named " + output.name);
    }
  }
}

}  // namespace

void verify(const Graph& graph) {
  const auto count = graph.nodes().size();
  const auto regions = graph.regions();
  if (!regions.empty() && regions.size() != count) {
    throw InternalError("[verify] regions do not cover the graph");
  }
  std::set<std::string> keys;
  for (std::size_t i = 0; i < count; ++i) {
    const auto id = static_cast<NodeId>(i);
    check_node(graph, id);
    if (!regions.empty()) check_regions(graph, id);
    const Node& node = graph.node(id);
    std::string key = std::string(info_of(node.op).text) + to_text(node.attrs);
    for (const NodeId input : node.inputs) key.append(",").append(std::to_string(input));
    if (!keys.insert(key).second) fail(graph, id, "an equal node exists already");
  }
  check_outputs(graph);
}

}  // namespace papilio::ir
