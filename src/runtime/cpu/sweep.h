/// Running one region over its items: tiles of L items, threads over contiguous runs of tiles.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "runtime/cpu/items.h"
#include "runtime/cpu/tile_program.h"
#include "runtime/program.h"

namespace papilio::runtime::cpu {

/// Where one value of a program lies in memory while it runs.
template <typename T>
struct Place {
  T* data = nullptr;
  std::int64_t row_stride = 0;  ///< elements of T, also the others
  std::int64_t frame_stride = 0;
  std::int64_t element_stride = 1;  ///< complex values: of pairs
  T* row_max = nullptr;             ///< stored values whose rows' maxima are tracked
};

/// What a sweep works on: a block of rows, of which frames [first_frame, last_frame) are visited.
template <typename T>
struct SweepContext {
  const TileProgram<T>* program = nullptr;
  std::int64_t rows = 0;
  std::int64_t first_frame = 0;
  std::int64_t last_frame = 0;
  std::span<const Samples> inputs;
  std::span<const Place<T>> stored;   ///< frame 0 of a place is first_frame
  std::span<const Place<T>> outputs;  ///< likewise
  const T* frame_scale = nullptr;     ///< [rows] 1 / number of frames behind a stored sum
  std::span<RowStatus> status;
  RunOptions options;
  std::byte* scratch = nullptr;  ///< scratch_bytes() per thread
  std::size_t scratch_stride = 0;
};

/// Bytes of scratch per thread.
template <typename T>
std::size_t scratch_bytes(const TileProgram<T>& program, std::span<const Samples> inputs);

/// Runs a region that does not fold.
template <typename T>
void sweep(const Region<T>& region, const SweepContext<T>& context);

/// Runs a region that folds, up to units: units[row][unit][length] for the frames of the window,
/// which starts at a multiple of kUnitFrames.
template <typename T>
void sweep_units(const Region<T>& region, const SweepContext<T>& context, T* units);

/// Runs a folding region whose rows have at most one unit each, and at once the region of rows that
/// works on its result, while the tile is in the cache.
template <typename T>
void sweep_fused(const Region<T>& fold, const Region<T>& tail, const SweepContext<T>& context);

}  // namespace papilio::runtime::cpu
