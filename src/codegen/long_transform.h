/// Transforms that do not fit a block's shared memory: n = n1 n2 points by n2 transforms of n1
/// points and n1 transforms of n2 (four-step; Bailey 1990), with the points in device memory
/// between.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "codegen/kernel.h"

namespace papilio::codegen {

/// Whether the transform of a node needs more than one kernel, which take `longest` points each.
bool is_long(const ir::Node& node, std::int64_t longest);

/// Of fft, ifft, rfft or irfft. Throws UserError beyond 2^26 points.
LongTransform long_transform(Assembly& a, const ir::Node& node);

/// Where the points of a transform come from, as text of the first kernel.
struct PointSource {
  /// Emits what the points need; returns the text of point `i`.
  std::function<std::string(Kernel&)> open;
  /// What follows once all have been read; may be empty.
  std::function<void(Kernel&)> close;
};

/// Where they go, as text of the second kernel.
struct PointSink {
  std::function<void(Kernel&)> open;
  /// Point `z` to index `i`.
  std::function<void(Text&, const std::string& i)> put;
  std::function<void(Kernel&)> close;  ///< may be empty
};

/// Adds two kernels that transform every item's points, with a stored value between them.
void add_four_step(Assembly& a, const std::string& name, Items items, std::int64_t points,
                   const PointSource& source, int between, const PointSink& sink);
/// To a stored value, which may be that of the source.
PointSink stored_results(int to, std::int64_t points);
/// Points that lie in that stored value.
PointSource stored_points(int from, std::int64_t points);
/// The same times the spectrum at that offset of the tables, to be transformed backwards: re and im
/// stay exchanged.
PointSource convolved_points(int from, std::int64_t points, std::size_t spectrum);

}  // namespace papilio::codegen
