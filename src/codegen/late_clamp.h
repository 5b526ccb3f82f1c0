/// Clamps by the largest value of a clip, which is known when all its frames have been computed:
/// what is to be clamped goes to its place in the output at once, with the least value of every
/// frame beside it, and a last kernel raises what lies too low. Most frames it need not touch.
#pragma once

#include <map>
#include <string>

#include "codegen/kernel.h"

namespace papilio::codegen {

struct LateClamp {
  ir::NodeId clamp = -1;
  ir::NodeId end = -1;     ///< the clamp, or a rising affine node that alone reads it
  std::size_t output = 0;  ///< the one output that `end` is
  int maximum = -1;        ///< stored [rows]
  int least = -1;          ///< stored [frames]
};

/// By the node that is clamped: those of the graph that nothing else keeps from it.
std::map<ir::NodeId, LateClamp> late_clamps(const ir::Graph& graph);

/// In the kernel that computes what is clamped: its places, element `i` with the value `x`, and
/// what the clamp must know of a frame.
void declare_late(const Assembly& a, Kernel& k, const LateClamp& late);
void put_late(const Assembly& a, Text& text, const LateClamp& late, const std::string& i,
              const std::string& x);
void store_extent(const Assembly& a, Kernel& k, const LateClamp& late);

/// Raises a row's largest value.
void raise_maximum(const Assembly& a, Kernel& k, int stored, const std::string& most);

/// The last kernel.
void add_late_clamp(Assembly& a, const std::string& name, const LateClamp& late);

}  // namespace papilio::codegen
