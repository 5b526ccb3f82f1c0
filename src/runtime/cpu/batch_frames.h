/// Ops of spectral features as steps of a batch program: frames of a row and back, what works
/// inside a frame, folds over the frames, and what gradients make of them. Plain loops in the
/// reference device's order, sums in double.
#pragma once

#include <cstdint>

#include "ir/graph.h"
#include "runtime/cpu/batch_ops.h"

namespace papilio::runtime::cpu {

/// The step of such a node; `samples` of every row. An op of another kind is an InternalError.
template <typename T>
BatchStep<T> make_frame_step(const ir::Node& node, std::int64_t samples);

}  // namespace papilio::runtime::cpu
