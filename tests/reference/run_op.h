/// Runs a small graph on the reference device: the tests say what to build on the input `x`.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "ir/graph.h"
#include "reference/interpret.h"

namespace papilio::reference {

using Build = std::function<ir::NodeId(ir::GraphBuilder&, ir::NodeId x)>;

/// Rows of equal length, real.
inline Tensor real_rows(const std::vector<std::vector<double>>& rows) {
  const auto samples = static_cast<std::int64_t>(rows.empty() ? 0 : rows[0].size());
  Tensor tensor{false, {static_cast<std::int64_t>(rows.size()), samples}, {}, {}};
  for (const auto& row : rows) tensor.re.insert(tensor.re.end(), row.begin(), row.end());
  return tensor;
}

/// One complex row.
inline Tensor complex_row(const std::vector<std::complex<double>>& row) {
  Tensor tensor = zeros({1, static_cast<std::int64_t>(row.size())}, true);
  for (std::size_t i = 0; i < row.size(); ++i) tensor.set(static_cast<std::int64_t>(i), row[i]);
  return tensor;
}

/// The value of the node that `build` makes. Rows have a fixed length, so that ops which need one
/// can follow the input directly.
inline Tensor run_op(const Tensor& x, const Build& build) {
  ir::GraphBuilder builder(DType::f64);
  const ir::NodeId input = builder.input("x", x.complex, x.shape[1]);
  builder.output("y", build(builder, input));
  return interpret(builder.finish(), std::span(&x, 1))[0];
}

/// The value of one op with one input.
inline Tensor run_op(const Tensor& x, ir::OpKind op, ir::Attrs attrs = ir::NoAttrs{}) {
  return run_op(x, [&](ir::GraphBuilder& b, ir::NodeId in) { return b.add(op, {in}, attrs); });
}

/// Frames without pads.
inline ir::FrameAttrs frames_of(std::int64_t length, std::int64_t hop) {
  ir::FrameAttrs attrs;
  attrs.rule.length = length;
  attrs.rule.hop = hop;
  return attrs;
}

}  // namespace papilio::reference
