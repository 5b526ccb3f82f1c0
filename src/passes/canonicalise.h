/// Local algebra: a table of rules, applied until none matches.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "base/target.h"
#include "ir/graph.h"

namespace papilio::passes {

/// What a rule may look at: a node whose inputs are already in the new graph.
struct Match {
  ir::GraphBuilder& builder;
  const ir::Node& node;            ///< the old node: its op, attributes and type
  std::span<const ir::NodeId> in;  ///< its inputs in the new graph
  bool sole_reader;                ///< nothing else reads the node's first input

  const ir::Node& input(std::size_t i) const { return builder.node(in[i]); }
};

/// One rule: returns the node that takes the place of `match.node`, or nothing if it does not
/// apply.
struct Rule {
  std::string_view name;
  std::optional<ir::NodeId> (*apply)(const Match& match);
};

/// All rules; of those that match, the first is applied.
std::span<const Rule> all_rules();

/// Applies `rules` everywhere, again and again until nothing changes.
ir::Graph apply_rules(const ir::Graph& graph, std::span<const Rule> rules,
                      const base::Target& target);

/// Needs: folded constants (and keeps them folded). Guarantees: no rule of the table matches;
/// neutral operations are gone; slices stand as near to the input as their sole readers let them,
/// so that unused bins are not computed; no dead nodes.
ir::Graph canonicalise(const ir::Graph& graph, const base::Target& target);

}  // namespace papilio::passes
