// Each rule of the table alone: what it makes of a graph, and where it must not apply.
#include "passes/canonicalise.h"

#include <gtest/gtest.h>

#include <set>

#include "passes/graphs.h"

namespace papilio::passes {
namespace {

using Build = NodeId (*)(GraphBuilder& b);

struct Case {
  const char* rule;
  const char* name;
  Build before;
  Build after;  ///< null: the rule must leave the graph alone
};

NodeId affine(GraphBuilder& b, NodeId x, double mul, double add) {
  return b.add(OpKind::Affine, {x}, ir::AffineAttrs{mul, add});
}
NodeId slice(GraphBuilder& b, NodeId x, std::int64_t begin, std::int64_t end) {
  return b.add(OpKind::Slice, {x}, ir::SliceAttrs{begin, end});
}
NodeId times(GraphBuilder& b, NodeId x, std::vector<double> values, bool complex = false) {
  return b.add(OpKind::Mul, {x, b.constant(std::move(values), complex)});
}
NodeId short_frames(GraphBuilder& b) {
  return b.add(OpKind::Frame, {b.input("x")}, frames_of(3, 1));
}
NodeId complex_frames(GraphBuilder& b) {
  return b.add(OpKind::Frame, {b.input("z", true)}, frames_of(2, 1));
}
NodeId log(GraphBuilder& b, NodeId x) {
  return b.add(OpKind::Log, {x}, ir::LogAttrs{ir::LogBase::e, 1e-3});
}

/// Rows of three complex samples, and of three real ones.
NodeId rows3(GraphBuilder& b, bool complex = true) { return b.input("x", complex, 3); }
/// A value of one item that the caller gives, and one.
NodeId item3(GraphBuilder& b, const char* name) { return b.param(name, {3}, false); }
NodeId spread(GraphBuilder& b, NodeId value, NodeId like, bool mean = true) {
  return b.add(OpKind::Spread, {value, like}, ir::SumAttrs{mean});
}
NodeId mul(GraphBuilder& b, NodeId x, NodeId y) { return b.add(OpKind::Mul, {x, y}); }
NodeId real(GraphBuilder& b, NodeId x) { return b.add(OpKind::Real, {x}); }
NodeId sum_items(GraphBuilder& b, NodeId x, bool mean = false) {
  return b.add(OpKind::SumItems, {x}, ir::SumAttrs{mean});
}

const std::vector<Case> kCases{
    {"mul_by_ones", "Ones",
     [](auto& b) {
       return times(b, short_frames(b), {1, 1, 1});
     },
     [](auto& b) { return short_frames(b); }},
    {"mul_by_ones", "NotQuiteOnes",
     [](auto& b) {
       return times(b, short_frames(b), {1, 1, 1.5});
     },
     nullptr},
    {"mul_by_ones", "ComplexOnes",
     [](auto& b) {
       return times(b, complex_frames(b), {1, 1, 1, 1}, true);
     },
     nullptr},
    {"add_of_zeros", "Zeros",
     [](auto& b) {
       return b.add(OpKind::Add, {short_frames(b), b.constant({0, 0, 0})});
     },
     [](auto& b) { return short_frames(b); }},
    {"add_of_zeros", "NotZeros",
     [](auto& b) {
       return b.add(OpKind::Add, {short_frames(b), b.constant({0, 0, 1})});
     },
     nullptr},
    {"affine_identity", "Identity", [](auto& b) { return affine(b, b.input("x"), 1, 0); },
     [](auto& b) { return b.input("x"); }},
    {"affine_identity", "Shift", [](auto& b) { return affine(b, b.input("x"), 1, 1e-9); }, nullptr},
    {"affine_of_affine", "TwoBecomeOne",
     [](auto& b) { return affine(b, affine(b, b.input("x"), 2, 3), 5, 7); },
     [](auto& b) { return affine(b, b.input("x"), 10, 22); }},
    {"affine_of_affine", "LogBetween",
     [](auto& b) { return affine(b, log(b, affine(b, b.input("x"), 2, 3)), 5, 7); }, nullptr},
    {"mul_of_mul", "ConstantsMultiply",
     [](auto& b) {
       return times(b, times(b, short_frames(b), {1, 2, 3}), {4, 5, 6});
     },
     [](auto& b) {
       return times(b, short_frames(b), {4, 10, 18});
     }},
    {"mul_of_mul", "AComplexConstantComesFirst",
     [](auto& b) {
       return times(b, times(b, complex_frames(b), {2, 3}), {1, 2, 3, 4}, true);
     },
     [](auto& b) {
       return times(b, complex_frames(b), {2, 4, 9, 12}, true);
     }},
    {"mul_of_mul", "NotByATensor",
     [](auto& b) {
       const NodeId x = short_frames(b);
       return times(b, b.add(OpKind::Mul, {x, x}), {4, 5, 6});
     },
     nullptr},
    {"factor_sinks_through_spread", "Once",
     [](auto& b) { return affine(b, spread(b, item3(b, "a"), rows3(b)), 2, 0); },
     [](auto& b) {
       const NodeId x = rows3(b);
       return spread(b, affine(b, item3(b, "a"), 2, 0), x);
     }},
    {"factor_sinks_through_spread", "NotWhatIsAddedToAMean",
     [](auto& b) { return affine(b, spread(b, item3(b, "a"), rows3(b)), 2, 1); }, nullptr},
    {"factor_sinks_through_spread", "NotOverElementsOfAnItem",
     [](auto& b) {
       const NodeId one = b.param("one", {1}, false);
       return affine(b, spread(b, one, item3(b, "a")), 2, 0);
     },
     nullptr},
    {"factors_meet_before_spread", "NotOneNumber",
     [](auto& b) {
       const NodeId x = rows3(b);
       return mul(b, mul(b, x, spread(b, b.param("one", {1}, false), x)), item3(b, "b"));
     },
     nullptr},
    {"factor_leaves_sum", "NotOneNumber",
     [](auto& b) {
       const NodeId x = rows3(b);
       return sum_items(b, mul(b, mul(b, x, spread(b, b.param("one", {1}, false), x)), x));
     },
     nullptr},
    {"factors_meet_before_spread", "OfOneItem",
     [](auto& b) {
       const NodeId x = rows3(b);
       return mul(b, mul(b, x, spread(b, item3(b, "a"), x)), item3(b, "b"));
     },
     [](auto& b) {
       const NodeId x = rows3(b);
       return mul(b, x, spread(b, mul(b, item3(b, "a"), item3(b, "b")), x));
     }},
    {"factors_meet_before_spread", "NotARowsOwn",
     [](auto& b) {
       const NodeId x = rows3(b), y = b.input("y", false, 3);
       return mul(b, mul(b, x, spread(b, item3(b, "a"), x)), y);
     },
     nullptr},
    {"factors_meet_before_spread", "NotAComplexOne",
     [](auto& b) {
       const NodeId x = rows3(b);
       return mul(b, mul(b, x, spread(b, item3(b, "a"), x)), b.param("b", {3}, true));
     },
     nullptr},
    {"factor_leaves_sum", "OfRealParts",
     [](auto& b) {
       const NodeId x = rows3(b), y = b.input("y", true, 3);
       return sum_items(b, real(b, mul(b, mul(b, x, spread(b, item3(b, "a"), x)), y)));
     },
     [](auto& b) {
       const NodeId x = rows3(b), y = b.input("y", true, 3);
       return mul(b, sum_items(b, real(b, mul(b, x, y)), true), item3(b, "a"));
     }},
    {"factor_leaves_sum", "OfAMean",
     [](auto& b) {
       const NodeId x = rows3(b, false), y = b.input("y", false, 3);
       return sum_items(b, mul(b, mul(b, x, spread(b, item3(b, "a"), x, false)), y), true);
     },
     [](auto& b) {
       const NodeId x = rows3(b, false), y = b.input("y", false, 3);
       return mul(b, sum_items(b, mul(b, x, y), true), item3(b, "a"));
     }},
    {"factor_leaves_sum", "NotWhereBothAreMeans",
     [](auto& b) {
       const NodeId x = rows3(b), y = b.input("y", true, 3);
       return sum_items(b, real(b, mul(b, mul(b, x, spread(b, item3(b, "a"), x)), y)), true);
     },
     nullptr},
    {"full_slice", "Everything", [](auto& b) { return slice(b, short_frames(b), 0, 3); },
     [](auto& b) { return short_frames(b); }},
    {"full_slice", "Part", [](auto& b) { return slice(b, short_frames(b), 0, 2); }, nullptr},
    {"pad_to_same_size", "NoZeros",
     [](auto& b) {
       return b.add(OpKind::Pad, {short_frames(b)}, ir::PadAttrs{0, 3});
     },
     [](auto& b) { return short_frames(b); }},
    {"pad_to_same_size", "OneZero",
     [](auto& b) {
       return b.add(OpKind::Pad, {short_frames(b)}, ir::PadAttrs{0, 4});
     },
     nullptr},
    {"slice_of_slice", "OffsetsAdd",
     [](auto& b) { return slice(b, slice(b, frames8(b), 2, 7), 1, 4); },
     [](auto& b) { return slice(b, frames8(b), 3, 6); }},
    {"slice_sinks", "BelowAffineAndLog",
     [](auto& b) { return slice(b, affine(b, log(b, short_frames(b)), 2, 3), 1, 2); },
     [](auto& b) { return affine(b, log(b, slice(b, short_frames(b), 1, 2)), 2, 3); }},
    {"slice_sinks", "BelowMeanAndPower",
     [](auto& b) {
       const NodeId power = b.add(OpKind::Power, {rfft8(b)});
       return slice(b, b.add(OpKind::MeanFrames, {power}), 1, 3);
     },
     [](auto& b) {
       const NodeId power = b.add(OpKind::Power, {slice(b, rfft8(b), 1, 3)});
       return b.add(OpKind::MeanFrames, {power});
     }},
    {"slice_sinks", "BelowMaximumAndMagnitude",
     [](auto& b) {
       const NodeId magnitude = b.add(OpKind::Magnitude, {rfft8(b)});
       return slice(b, b.add(OpKind::MaxFrames, {magnitude}), 1, 3);
     },
     [](auto& b) {
       const NodeId magnitude = b.add(OpKind::Magnitude, {slice(b, rfft8(b), 1, 3)});
       return b.add(OpKind::MaxFrames, {magnitude});
     }},
    {"slice_sinks", "NotBelowAClampWhoseMaximumNeedsAll",
     [](auto& b) {
       const ir::ClampRangeAttrs attrs{1.0, ir::RangeMax::frame, 0.0};
       return slice(b, b.add(OpKind::ClampRange, {short_frames(b)}, attrs), 1, 2);
     },
     nullptr},
    {"slice_sinks", "NotWhereTheWholeIsNeededToo",
     [](auto& b) {
       const NodeId whole = log(b, short_frames(b));
       b.output("whole", whole);
       return slice(b, whole, 1, 2);
     },
     nullptr},
    {"slice_sinks_into_concat", "First",
     [](auto& b) {
       return slice(b, b.add(OpKind::Concat, {frames8(b), log(b, frames8(b))}), 1, 8);
     },
     [](auto& b) { return slice(b, frames8(b), 1, 8); }},
    {"slice_sinks_into_concat", "Second",
     [](auto& b) {
       return slice(b, b.add(OpKind::Concat, {frames8(b), log(b, frames8(b))}), 8, 10);
     },
     [](auto& b) { return slice(b, log(b, frames8(b)), 0, 2); }},
    {"slice_sinks_into_concat", "Both",
     [](auto& b) {
       return slice(b, b.add(OpKind::Concat, {frames8(b), log(b, frames8(b))}), 6, 10);
     },
     [](auto& b) {
       const NodeId tail = slice(b, frames8(b), 6, 8);
       return b.add(OpKind::Concat, {tail, slice(b, log(b, frames8(b)), 0, 2)});
     }},
    {"slice_sinks_through_constant", "MulBySlicedConstant",
     [](auto& b) {
       return slice(b, times(b, short_frames(b), {1, 2, 3}), 1, 3);
     },
     [](auto& b) {
       return times(b, slice(b, short_frames(b), 1, 3), {2, 3});
     }},
    {"slice_sinks_through_constant", "AddOfSlicedConstant",
     [](auto& b) {
       return slice(b, b.add(OpKind::Add, {short_frames(b), b.constant({1, 2, 3})}), 1, 3);
     },
     [](auto& b) {
       const NodeId x = slice(b, short_frames(b), 1, 3);
       return b.add(OpKind::Add, {x, b.constant({2, 3})});
     }},
    {"slice_sinks_through_constant", "NotThroughATensor",
     [](auto& b) {
       const NodeId x = short_frames(b);
       return slice(b, b.add(OpKind::Mul, {x, x}), 1, 3);
     },
     nullptr},
};

const Rule& rule_named(std::string_view name) {
  const auto rules = all_rules();
  const auto found =
      std::find_if(rules.begin(), rules.end(), [&](const Rule& rule) { return rule.name == name; });
  if (found == rules.end()) throw std::invalid_argument(std::string(name));
  return *found;
}

/// Nodes in the order in which they are reached from the outputs, so that two graphs that differ in
/// the numbering only have one text.
std::string ordered_text(const Graph& graph) {
  GraphBuilder b(graph.compute());
  std::vector<NodeId> moved(graph.nodes().size(), -1);
  const auto visit = [&](const auto& self, NodeId id) -> NodeId {
    NodeId& target = moved[static_cast<std::size_t>(id)];
    if (target >= 0) return target;
    std::vector<NodeId> inputs;
    for (const NodeId input : graph.node(id).inputs) inputs.push_back(self(self, input));
    return target = b.add(graph.node(id).op, std::move(inputs), graph.node(id).attrs);
  };
  for (const ir::Output& output : graph.outputs()) b.output(output.name, visit(visit, output.node));
  return ir::to_text(b.finish());
}

class OneRule : public testing::TestWithParam<Case> {};

TEST_P(OneRule, MakesTheExpectedGraph) {
  const Case& c = GetParam();
  const Graph before = graph_of(c.before);
  const Graph found = apply_rules(before, std::span(&rule_named(c.rule), 1), {});
  const Graph expected = c.after == nullptr ? before : graph_of(c.after);
  EXPECT_EQ(ordered_text(found), ordered_text(expected));
}

INSTANTIATE_TEST_SUITE_P(Canonicalise, OneRule, testing::ValuesIn(kCases), [](const auto& param) {
  return std::string(param.param.rule) + "_" + param.param.name;
});

TEST(Canonicalise, EveryRuleHasACaseInWhichItApplies) {
  std::set<std::string_view> tested;
  for (const Case& c : kCases) {
    if (c.after != nullptr) tested.insert(c.rule);
  }
  for (const Rule& rule : all_rules()) EXPECT_TRUE(tested.contains(rule.name)) << rule.name;
}

TEST(Canonicalise, AppliesRulesUntilNothingChanges) {
  const Graph graph = graph_of([](auto& b) {
    const NodeId x = affine(b, short_frames(b), 1, 0);
    const NodeId ones = times(b, affine(b, affine(b, x, 2, 0), 3, 0), {1, 1, 1});
    return slice(b, slice(b, log(b, ones), 0, 3), 1, 3);
  });
  const Graph expected =
      graph_of([](auto& b) { return log(b, affine(b, slice(b, short_frames(b), 1, 3), 6, 0)); });
  EXPECT_EQ(ordered_text(canonicalise(graph, {})), ordered_text(expected));
}

}  // namespace
}  // namespace papilio::passes
