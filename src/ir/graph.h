/// The graph: immutable, topologically ordered, hash-consed (equal nodes are one node).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ir/attrs.h"
#include "ir/type.h"

namespace papilio::ir {

enum class OpKind : std::uint8_t {
#define PAPILIO_OP(Kind, text, inputs, Attributes, space, traits, gradient) Kind,
#include "ir/ops.def"
#undef PAPILIO_OP
};

/// How an op moves between items (see ops.def).
enum class Space : std::uint8_t { source, lane, split, fold, clip, batch };

/// Traits of an op, or-ed together.
enum Trait : std::uint8_t {
  plain = 0,
  over = 1,   ///< the result may be written over the first input
  each = 2,   ///< element i of the result depends on element i of the first input only
  apart = 4,  ///< what is done to re is done to im, neither sees the other, and zeros stay zeros
              ///< (mul only by a real constant, affine only without an addend)
  unlowered = 8,  ///< not for tiles; batches of rows may have it (runtime/cpu/batch_ops)
  framed = 16,    ///< for tiles where the graph has frames; of plain rows batches are made
};

/// What an op has for the gradient of its inputs, or why it has none (see ops.def).
enum class Gradient : std::uint8_t { rule, leaf, flat, rank, late };

/// One row of ops.def.
struct OpInfo {
  OpKind kind;
  std::string_view text;
  int inputs;
  Space space;
  std::uint8_t traits;
  Gradient gradient;
};

std::span<const OpInfo> all_ops();
const OpInfo& info_of(OpKind kind);
inline bool has(OpKind kind, Trait trait) { return (info_of(kind).traits & trait) != 0; }

/// True for ops whose values the caller gives when the plan runs, in the order of their nodes.
inline bool is_port(OpKind kind) { return kind == OpKind::Input || kind == OpKind::Param; }

using NodeId = std::int32_t;

struct Node {
  OpKind op;
  std::vector<NodeId> inputs;
  Attrs attrs;
  Type type;

  template <typename A>
  const A& as() const {
    return std::get<A>(attrs);
  }
};

/// A result that the caller named.
struct Output {
  std::string name;
  NodeId node;
};

/// A finished graph; copies share the nodes.
class Graph {
 public:
  std::span<const Node> nodes() const { return body_->nodes; }
  const Node& node(NodeId id) const { return body_->nodes[static_cast<std::size_t>(id)]; }
  std::span<const Output> outputs() const { return body_->outputs; }
  /// f32 or f64: every real tensor is of this type, every complex one of its complex type.
  DType compute() const { return body_->compute; }
  /// Fusion region of each node (same index as nodes()), or empty before that pass has run.
  std::span<const int> regions() const { return body_->regions; }
  Graph with_regions(std::vector<int> regions) const;

 private:
  friend class GraphBuilder;
  struct Body {
    std::vector<Node> nodes;
    std::vector<Output> outputs;
    DType compute = DType::f32;
    std::vector<int> regions;
  };
  std::shared_ptr<const Body> body_;
};

/// Makes graphs. Types are inferred; ill-typed nodes throw InternalError at once.
class GraphBuilder {
 public:
  explicit GraphBuilder(DType compute);

  /// Adds a node, or finds the equal one that exists.
  NodeId add(OpKind op, std::vector<NodeId> inputs, Attrs attrs = NoAttrs{});

  NodeId input(std::string name, bool complex = false, std::int64_t samples = 0);
  NodeId constant(std::vector<double> values, bool complex = false);
  NodeId param(std::string name, std::vector<std::int64_t> shape, bool complex = false);
  void output(std::string name, NodeId node);

  const Node& node(NodeId id) const { return nodes_[static_cast<std::size_t>(id)]; }
  /// Nodes added so far: ids are below it.
  NodeId size() const { return static_cast<NodeId>(nodes_.size()); }
  DType compute() const { return compute_; }

  /// The graph of everything added, in order.
  Graph finish();

 private:
  DType compute_;
  std::vector<Node> nodes_;
  std::vector<Output> outputs_;
  std::unordered_map<std::string, NodeId> known_;
};

/// Rebuilds `graph` node by node: `rule` gets the builder, the old node and its inputs' new ids and
/// returns the new id. Outputs keep their names.
Graph rewrite(const Graph& graph,
              const std::function<NodeId(GraphBuilder&, const Node&, std::vector<NodeId>)>& rule);

}  // namespace papilio::ir
