/// Transforms that do not fit a block's shared memory: n = n1 n2 points by n2 transforms of n1
/// points and n1 transforms of n2 (four-step; Bailey 1990), with the points in device memory
/// between.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "codegen/assembly.h"

namespace papilio::codegen {

/// Whether the transform of a node needs more than one kernel.
bool is_long(const ir::Node& node, std::size_t real_bytes);

/// Of fft, ifft, rfft or irfft. Throws UserError beyond 2^26 points.
LongTransform long_transform(Assembly& a, const ir::Node& node);

/// Adds two kernels that transform every item's points from one stored value to another and back.
/// `spectrum`: offset of what the points are multiplied with before they are transformed backwards
/// (re and im stay exchanged), or nullptr.
void add_four_step(Assembly& a, const std::string& name, Items items, std::int64_t points, int home,
                   int away, const std::size_t* spectrum);

}  // namespace papilio::codegen
