/// How a team runs a butterfly (device/butterfly.cuh): its passes and the order of its numbers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "codegen/transform_text.h"
#include "ir/attrs.h"

namespace papilio::codegen {

struct ButterflyShape {
  std::string type;    ///< "Butterfly<R, 256, Twiddles<..>, Pass<..>, Pass<..>>"
  std::int64_t n = 0;  ///< points
  int passes = 1;
  int threads = 1;                  ///< that have most work
  std::vector<std::int32_t> order;  ///< number i of the passes is p[order[i]]
};

/// `gradient`: for its backward run too, which holds more in registers.
ButterflyShape butterfly_shape(const ir::ButterflyAttrs& attrs, std::size_t real_bytes,
                               bool gradient);

/// The block, with the numbers p (re, im interleaved) as its tables; empty: they lie elsewhere.
TransformText butterfly_text(const ButterflyShape& shape, const std::vector<double>& p);

}  // namespace papilio::codegen
