// Which clamps can come late, and their kernel.
#include "codegen/late_clamp.h"

#include <algorithm>
#include <vector>

namespace papilio::codegen {
namespace {

using ir::Node;
using ir::NodeId;
using ir::OpKind;

std::vector<NodeId> readers_of(const ir::Graph& graph, NodeId id) {
  std::vector<NodeId> readers;
  for (std::size_t i = 0; i < graph.nodes().size(); ++i) {
    const auto& inputs = graph.nodes()[i].inputs;
    if (std::find(inputs.begin(), inputs.end(), id) != inputs.end()) {
      readers.push_back(static_cast<NodeId>(i));
    }
  }
  return readers;
}

std::vector<std::size_t> outputs_of(const ir::Graph& graph, NodeId id) {
  std::vector<std::size_t> outputs;
  for (std::size_t o = 0; o < graph.outputs().size(); ++o) {
    if (graph.outputs()[o].node == id) outputs.push_back(o);
  }
  return outputs;
}

bool is_clip_clamp(const Node& node) {
  return node.op == OpKind::ClampRange && node.type.has_frames() &&
         node.as<ir::ClampRangeAttrs>().over == ir::RangeMax::clip;
}

bool rises(const Node& node) {
  return node.op == OpKind::Affine && node.as<ir::AffineAttrs>().mul > 0.0;
}

/// A value as it stands in the output, but for the clamp.
std::string after_clamp(const Assembly& a, const LateClamp& late, const std::string& x) {
  if (late.end == late.clamp) return x;
  const auto& attrs = a.graph.node(late.end).as<ir::AffineAttrs>();
  return affine(x, attrs.mul, attrs.add);
}

std::string place_of(const Assembly& a, const LateClamp& late, const std::string& frame) {
  const std::string o = std::to_string(late.output);
  const std::string dense = a.signature.dense_outputs[late.output] ? "true" : "false";
  return "const Out<R, " + dense + "> out" + o + "(p.out[" + o + "], row, " + frame + ", active);";
}

/// Of floats in an order that integers keep.
std::string key_type(const Assembly& a) { return a.single() ? "unsigned" : "unsigned long long"; }

}  // namespace

std::map<NodeId, LateClamp> late_clamps(const ir::Graph& graph) {
  std::map<NodeId, LateClamp> found;
  for (std::size_t i = 0; i < graph.nodes().size(); ++i) {
    const auto clamp = static_cast<NodeId>(i);
    if (!is_clip_clamp(graph.node(clamp))) continue;
    const NodeId input = graph.node(clamp).inputs[0];
    NodeId end = clamp;
    const std::vector<NodeId> next = readers_of(graph, clamp);
    if (next.size() == 1 && rises(graph.node(next[0])) && outputs_of(graph, clamp).empty()) {
      end = next[0];
    }
    const std::vector<std::size_t> outputs = outputs_of(graph, end);
    const bool alone = readers_of(graph, input).size() == 1 && outputs_of(graph, input).empty() &&
                       readers_of(graph, end).empty() && outputs.size() == 1;
    if (alone && !is_source(graph.node(input))) found[input] = {clamp, end, outputs[0]};
  }
  return found;
}

void declare_late(const Assembly& a, Kernel& k, const LateClamp& late) {
  k.body.line(place_of(a, late, "frame"));
  k.body.line("Extent<R> extent;");
}

void put_late(const Assembly& a, Text& text, const LateClamp& late, const std::string& i,
              const std::string& x) {
  text.line("extent.take(" + x + ");");
  text.line("out" + std::to_string(late.output) + ".set(" + i + ", " + after_clamp(a, late, x) +
            ");");
}

void store_extent(const Assembly& a, Kernel& k, const LateClamp& late) {
  k.body.line("extent = team.reduce(extent, [](auto a, auto b) { return a.joined(b); });");
  k.body.line("if (active && team.thread == 0) reinterpret_cast<R*>(p.stored[" +
              std::to_string(late.least) + "])[item] = extent.least;");
  raise_maximum(a, k, late.maximum, "extent.most");
}

void raise_maximum(const Assembly& a, Kernel& k, int stored, const std::string& most) {
  k.body.line("if (active && team.thread == 0) raise(reinterpret_cast<" + key_type(a) +
              "*>(p.stored[" + std::to_string(stored) + "]) + row, ordered(" + most + "));");
}

void add_late_clamp(Assembly& a, const std::string& name, const LateClamp& late) {
  const Node& clamp = a.graph.node(late.clamp);
  const std::string out = "out" + std::to_string(late.output);
  Kernel k(a, name, Items::groups, {late.clamp});
  k.set_team(32);
  Text& text = k.body;
  text.line("const R floor = unordered(reinterpret_cast<const " + key_type(a) + "*>(p.stored[" +
            std::to_string(late.maximum) + "])[row], R(0)) - " +
            literal(clamp.as<ir::ClampRangeAttrs>().range) + ";");
  text.line("const R* const least = reinterpret_cast<const R*>(p.stored[" +
            std::to_string(late.least) + "]) + row * p.frames;");
  text.line("const R low = " + after_clamp(a, late, "floor") + ";");
  text.line("const long long first = group * " + std::to_string(kGroupFrames) + ";");
  text.open("each_of_warp(" + std::to_string(kGroupFrames) + ", [&](int f) { return " +
            "first + f < p.frames && !(least[first + f] >= floor); }, [&](int f) {");
  text.line(place_of(a, late, "first + f"));
  text.line("team.each(" + std::to_string(item_length(clamp.type)) + ", [&](int i) { " + out +
            ".set(i, at_least(" + out + ".get(i), low)); });");
  text.close("});");
  k.finish();
}

}  // namespace papilio::codegen
