/// What every device asks of the memory that a run is given, in the same words.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/tensor.h"
#include "ir/graph.h"
#include "runtime/program.h"

namespace papilio::runtime {

/// Inputs and results that fit a program, or a UserError; views of GPU memory only where `gpu` says
/// that the program takes them. `rule` is the graph's framing, if it has
/// one. Returns the number of rows. Allocates nothing when all is well.
std::int64_t check_ports(std::span<const ir::InputAttrs> attrs, std::span<const OutputSpec> specs,
                         const std::optional<ir::FrameRule>& rule,
                         std::span<const base::TensorView> inputs,
                         std::span<const base::TensorView> results, bool gpu = false);

/// The value of a param fits it, or a UserError.
void check_param(const ir::ParamAttrs& attrs, const base::TensorView& value);

/// `values` are given in the order of `ports` (the inputs and params of a graph): those of the
/// inputs, once the params have been checked.
std::vector<base::TensorView> rows_among(std::span<const ir::Node> ports,
                                         std::span<const base::TensorView> values,
                                         std::size_t outputs);

/// The results of a graph as a program states them.
std::vector<OutputSpec> specs_of(const ir::Graph& graph);

}  // namespace papilio::runtime
