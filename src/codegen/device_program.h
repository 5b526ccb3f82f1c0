/// What the CUDA device runs for a graph: the text of its kernels, the order they are launched in,
/// and the memory they share. Pure data: made and tested without a GPU.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ir/graph.h"

namespace papilio::codegen {

/// Frames that one team sums in the compute type; sums of more frames are added in double, by the
/// absolute index of such groups.
inline constexpr std::int64_t kGroupFrames = 64;

/// Bytes that rows begin at multiples of, where neighbours are to be read at once.
inline constexpr int kRowAlign = 16;

/// Shared memory that a block may take on chips 9.0 and 10.0; others have less.
inline constexpr std::int64_t kSharedPerBlock = 227 * 1024;

/// What kernels are specialised for, besides the graph.
struct Signature {
  struct Input {
    DType dtype = DType::f32;  ///< as it lies in memory
    bool dense = true;         ///< samples of a row lie side by side
    bool scaled = false;       ///< by a factor other than 1
    bool aligned = false;      ///< dense, and rows begin at multiples of kRowAlign bytes
    bool operator==(const Input&) const = default;
  };
  std::vector<Input> inputs;
  std::vector<bool> dense_outputs;  ///< elements of an item lie side by side
  bool long_rows = false;           ///< more than kGroupFrames frames
  bool skip = false;                ///< frames with bad samples are left out of folds
  bool watch = true;                ///< rows with bad samples are flagged and blanked
  std::int64_t shared_per_block = kSharedPerBlock;  ///< of the chip, in bytes
  bool operator==(const Signature&) const = default;
};

/// What the teams of a launch work on.
enum class Items : std::uint8_t {
  rows,
  frames,  ///< of all rows
  groups,  ///< of kGroupFrames frames of one row
  slices,  ///< of rows: at most most_slices, all of as many rows but the last
  once,    ///< as often as the launch says, whatever the rows
};

struct Launch {
  std::string kernel;
  Items items = Items::rows;
  std::int64_t parts = 1;  ///< that every item is cut into
  int teams = 1;           ///< parts per block at a time
  int threads = 0;         ///< of a block
  std::size_t shared_bytes = 0;
  std::int64_t times = 1;  ///< Items::once only
};

/// Memory for values between launches.
struct Stored {
  Items items = Items::rows;
  std::size_t item_bytes = 0;
  bool maximum = false;  ///< of each row, begun as 0 (device/ports.cuh, ordered)
  bool largest = false;  ///< of groups: maxima, otherwise sums
};

/// Values that belong to no row, in bytes from the begin of the first of the stored: params one
/// behind the other, and so the results.
struct SharedValues {
  struct Place {
    int port = 0;  ///< the param's place among the ports, or the result's among the outputs
    std::size_t offset = 0;
    std::int64_t length = 0;
    bool complex = false;
  };
  std::vector<Place> params;
  std::vector<Place> results;
};

/// Steps down the gradient (codegen/descent.h): which of the stored values hold the state, of which
/// the first three vectors of `free` doubles last from step to step, and the facts of a step.
struct Moves {
  std::int64_t free = 0;
  int state = 0;
  int facts = 0;
};

struct DeviceProgram {
  std::string results;  ///< what they are called, for messages
  std::string source;   ///< one translation unit
  std::vector<Launch> launches;
  std::vector<Stored> stored;
  std::vector<std::byte> tables;
  std::optional<SharedValues> shared;  ///< of graphs that have some
  std::optional<Moves> moves;          ///< the last launch is the move
  std::int64_t most_slices = 0;        ///< that all rows are cut into, for sums over them
  std::optional<ir::FrameRule> rule;
  std::vector<bool> frame_outputs;  ///< results that have one item per frame
  bool watches = true;              ///< gives the status of rows
  /// The status of rows and the maxima must be zeros before the first launch; otherwise the one
  /// launch writes the status itself, if it is asked for.
  bool clears = false;
};

}  // namespace papilio::codegen
