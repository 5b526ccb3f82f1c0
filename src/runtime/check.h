/// What every device asks of the memory that a run is given, in the same words.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/tensor.h"
#include "ir/attrs.h"
#include "runtime/program.h"

namespace papilio::runtime {

/// Inputs and results that fit a program, or a UserError. `rule` is the graph's framing, if it has
/// one. Returns the number of rows. Allocates nothing when all is well.
std::int64_t check_ports(std::span<const ir::InputAttrs> attrs, std::span<const OutputSpec> specs,
                         const std::optional<ir::FrameRule>& rule,
                         std::span<const base::TensorView> inputs,
                         std::span<const base::TensorView> results);

}  // namespace papilio::runtime
