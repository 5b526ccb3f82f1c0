/// The tile program: regions in order, each a short list of steps that runs over all items (rows,
/// or frames of rows) while a tile stays in the cache.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ir/graph.h"
#include "kernels/isa.h"
#include "runtime/cpu/tile.h"

namespace papilio::runtime::cpu {

/// Frames per unit (one item of a fold, summed in order in one lane) and units per group (summed as
/// a tree in the compute type); groups are summed as a tree in f64. All indices are absolute.
inline constexpr std::int64_t kUnitFrames = 8;
inline constexpr std::int64_t kGroupUnits = 8;

/// How the values of an item get into the tile.
struct Source {
  enum class From : std::uint8_t { input, stored };
  From from = From::input;
  int index = 0;                        ///< of the input or the stored value
  std::optional<ir::FrameAttrs> frame;  ///< input cut into frames
  bool pair = false;                    ///< frames 2p and 2p + 1 go to re and im
  bool counts_skipped = false;          ///< the one source that counts frames left out
  bool scaled = false;                  ///< stored sum over frames: multiply by 1 / frames
  std::shared_ptr<const void> window;   ///< frames: T per element that multiplies it, or nullptr
  Value value;
};

/// Where the values of an item go.
struct Sink {
  enum class To : std::uint8_t { output, stored };
  To to = To::output;
  int index = 0;
  bool track_max = false;  ///< keep the maximum of each row (clamp_range over the clip)
  Value value;
};

enum class FoldKind : std::uint8_t { sum, paired_power_sum, max, median };

/// The end of a region that folds frames into rows.
struct Fold {
  FoldKind kind = FoldKind::sum;
  Value value;             ///< what each frame contributes; unused for paired powers
  std::int64_t n = 0;      ///< transform length of paired powers
  Value accumulator;       ///< paired powers: of n elements on the way
  int stored = 0;          ///< the [rows][length] result (sums are not yet divided)
  int frames_stored = -1;  ///< median: the [rows][frames][length] values behind it
};

template <typename T>
struct Region {
  bool frames = false;  ///< items are frames; otherwise rows
  std::vector<Source> sources;
  std::vector<Step<T>> steps;
  std::vector<Sink> sinks;
  std::optional<Fold> fold;
};

/// An intermediate that leaves the cache between two regions.
struct Stored {
  bool frames = false;
  std::int64_t length = 0;  ///< elements per item (complex: pairs)
  bool complex = false;
  bool track_max = false;
  std::int64_t width() const { return complex ? 2 * length : length; }
};

/// A result: how its items look and how an unusable row is filled.
struct OutputLayout {
  bool frames = false;
  std::int64_t length = 0;  ///< elements per item
  bool complex = false;
  bool top = false;  ///< [k, 4] slots
};

/// Stored values of a program at most.
inline constexpr std::size_t kMaxStored = 16;

template <typename T>
struct TileProgram {
  kernels::Isa isa = kernels::Isa::scalar;
  std::int64_t lanes = 1;
  std::int64_t arena = 0;  ///< elements of L lanes
  std::vector<Region<T>> regions;
  std::vector<Stored> stored;
  std::vector<OutputLayout> outputs;
  int inputs = 0;
  std::optional<ir::FrameRule> rule;  ///< of the one frame op, if any
};

/// Lowers a graph that has been through the passes. Throws UserError for what the CPU device cannot
/// run (a frame op on anything but an input; two different framings; more than kMaxStored values).
template <typename T>
TileProgram<T> lower(const ir::Graph& graph, kernels::Isa isa);

}  // namespace papilio::runtime::cpu
