/// Loading items into the lanes of a tile: addresses, the made-up samples at the edges of a row,
/// and the watch for samples that are not finite.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/tensor.h"
#include "ir/attrs.h"
#include "runtime/cpu/tile_program.h"
#include "runtime/program.h"

namespace papilio::runtime::cpu {

/// The part of the rows that is in memory: `view` holds samples [first_sample, first_sample +
/// view.shape[1]) of each row. `row_samples` is the length of the whole row, or -1 while unknown
/// (then no frame that reaches past the end may be asked for).
struct Samples {
  base::TensorView view;
  std::int64_t first_sample = 0;
  std::int64_t row_samples = -1;
};

/// Which item each of the L lanes holds; row -1: none.
struct LaneItems {
  const std::int64_t* row;
  const std::int64_t* frame;
};

/// Index of the sample that stands at position `p` of a row of `actual` samples, which is cut or
/// filled with zeros to `effective` ones and padded (p may lie outside), or -1: zero.
std::int64_t sample_at(std::int64_t p, ir::PadMode pad, std::int64_t effective,
                       std::int64_t actual);

/// Bytes of scratch that load_frames needs for one source.
std::size_t edge_bytes(const Source& source, DType dtype, std::int64_t lanes);

/// Loads the frames of `items`, times the source's window if it has one, into re (and im for
/// complex samples) of `to`; idle lanes become zero. Notes the first bad sample in `status` (may be
/// empty). Returns the lanes that hold bad samples; with BadSamples::skip those lanes are zero.
template <typename T>
std::uint64_t load_frames(const Source& source, const Samples& samples, const LaneItems& items,
                          const Value& to, Tile<T>& tile, kernels::Isa isa, BadSamples bad,
                          std::span<RowStatus> status, std::byte* edge);

/// Loads whole rows of `view`.
template <typename T>
void load_rows(const base::TensorView& view, const std::int64_t* rows, const Value& to,
               Tile<T>& tile, kernels::Isa isa, std::span<RowStatus> status);

}  // namespace papilio::runtime::cpu
