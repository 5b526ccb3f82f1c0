/// Loading samples into tiles: any element type, stride and alignment is converted on the way, so
/// that data are never copied whole. A tile is [element][lane]: element e of lane l at [e * L + l],
/// L = lanes of a full vector of T, 64-byte aligned. Lanes never influence one another.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/isa.h"
#include "papilio/view.h"

namespace papilio::kernels {

/// Where the L lanes of a tile come from: sample i of lane l is at base[l] + i * stride.
struct LaneSource {
  /// L addresses, any alignment; nullptr stands for a lane of zeros.
  const std::byte* const* base;
  DType dtype;
  /// Bytes from one sample to the next (complex: from one pair to the next); may be negative or 0.
  std::int64_t stride;
  /// Multiplies every sample, in T, after its conversion to T.
  double scale = 1.0;
  /// Bytes from a sample to the one that the next tile will load into the same place, or 0: rows
  /// lie too far apart for the processor to foresee them, so that they are asked for one tile
  /// ahead.
  std::int64_t ahead = 0;
  /// One T per sample that multiplies it in all lanes after `scale`, or nullptr.
  const void* window = nullptr;
};

/// Integers up to 24 bits convert to T exactly; i32 and f64 round once to float. Both functions
/// return a mask with bit l set when lane l holds a value that is not finite once it is in the
/// tile.
template <typename T>
struct LoadKernels {
  /// out[count][L] from real samples. `dtype` must not be c64 or c128.
  std::uint64_t (*tile)(const LaneSource& source, std::int64_t count, T* out);
  /// re[count][L], im[count][L] from interleaved pairs; `dtype` is c64, c128 or the type of each
  /// part.
  std::uint64_t (*complex_tile)(const LaneSource& source, std::int64_t count, T* re, T* im);
};

template <typename T>
const LoadKernels<T>& load_kernels(Isa isa);

/// Index of the first of `count` samples that is not finite after conversion to T and scaling,
/// or -1. Agrees with the masks of LoadKernels; for complex types either part counts.
template <typename T>
std::int64_t first_nonfinite(const std::byte* base, DType dtype, std::int64_t stride,
                             std::int64_t count, double scale = 1.0);

}  // namespace papilio::kernels
