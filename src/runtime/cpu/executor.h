/// Running the regions of a tile program on a block of rows: where everything lies in the
/// workspace, which sweep a region needs, and the last touch on rows that hold bad samples.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "runtime/cpu/fold_tree.h"
#include "runtime/cpu/sweep.h"

namespace papilio::runtime::cpu {

/// Blocks of the workspace.
enum Block : std::size_t {
  kScratch,
  kUnits,
  kFrameScale,
  kRowMax,
  kStatus,
  kMedian,
  kPlaces,
  kStoredFirst = 8,  ///< one per stored value
  kTreeFirst = 32,   ///< kTreeBlocks per folding region
};
inline constexpr std::size_t kTreeBlocks = 64;

/// Rows and frames that a window of a fold takes at most, in bytes of units: stays in L2 and L3.
inline constexpr std::int64_t kUnitBudget = std::int64_t{4} << 20;

template <typename T>
class Executor {
 public:
  Executor(const TileProgram<T>& program, Workspace& work, const RunOptions& options)
      : program_(program), work_(work), options_(options) {}

  /// Prepares for `rows` rows whose samples look like `inputs`; `status` is one per row.
  void begin(std::int64_t rows, std::span<const Samples> inputs, std::span<RowStatus> status);

  /// A place of [rows][frames][width] (or [rows][width]) for stored value `index` in the workspace.
  Place<T> make_place(std::size_t index, std::int64_t frames);
  void set_stored(std::size_t index, const Place<T>& place) { stored_[index] = place; }
  void set_outputs(std::span<const Place<T>> outputs) { outputs_ = outputs; }
  std::span<const Place<T>> stored() const { return {stored_.data(), program_.stored.size()}; }

  /// Sweeps a region that does not fold over frames [first, last) (or over all rows).
  void run_region(const Region<T>& region, std::int64_t first, std::int64_t last);

  /// Adds frames [first, last) to the sums of a folding region; first is a multiple of kUnitFrames.
  void add_frames(const Region<T>& region, FoldTree<T>& tree, std::int64_t first,
                  std::int64_t last);

  /// Writes the totals of a folding region that has seen `frames` frames.
  void close_fold(const Region<T>& region, FoldTree<T>& tree, std::int64_t frames);

  /// Medians over the stored frames [0, frames).
  void close_median(const Region<T>& region, std::int64_t frames);

  /// Runs a folding region and the rows' region behind it in one visit (at most kUnitFrames
  /// frames).
  void run_fused(const Region<T>& fold, const Region<T>& tail, std::int64_t frames);

  /// Overwrites the results of rows that hold bad samples: NaN, top-k empty.
  void blank_bad_rows(std::int64_t frames) const;

  void set_inputs(std::span<const Samples> inputs) { inputs_ = inputs; }

 private:
  SweepContext<T> context(std::int64_t first, std::int64_t last) const;
  void set_frame_scale(std::int64_t frames);

  const TileProgram<T>& program_;
  Workspace& work_;
  RunOptions options_;
  std::int64_t rows_ = 0;
  std::span<const Samples> inputs_;
  std::span<RowStatus> status_;
  std::array<Place<T>, kMaxStored> stored_{};
  std::span<const Place<T>> outputs_;
  T* frame_scale_ = nullptr;
  std::byte* scratch_ = nullptr;
  std::size_t scratch_stride_ = 0;
};

}  // namespace papilio::runtime::cpu
