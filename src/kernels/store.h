/// Storing tiles to the rows that their lanes stand for. A tile is [element][lane], as in load.h.
#pragma once

#include <cstdint>

#include "kernels/isa.h"

namespace papilio::kernels {

/// Both functions return a mask with bit l set when lane l holds a value that is not finite.
template <typename T>
struct StoreKernels {
  /// Element e of lane l goes to rows[l][e * stride], e < count; a lane whose row is nullptr is
  /// skipped. `rows` has L entries, stride counts elements. Nothing else is written. `ahead`:
  /// elements from a row to the one that the next tile will write, or 0: asked for beforehand.
  std::uint64_t (*tile)(const T* in, std::int64_t count, T* const* rows, std::int64_t stride,
                        std::int64_t ahead);
  /// Interleaved pairs: rows[l][2 * e * stride] = re, the next one = im; stride counts pairs.
  std::uint64_t (*complex_tile)(const T* re, const T* im, std::int64_t count, T* const* rows,
                                std::int64_t stride);
};

template <typename T>
const StoreKernels<T>& store_kernels(Isa isa);

}  // namespace papilio::kernels
