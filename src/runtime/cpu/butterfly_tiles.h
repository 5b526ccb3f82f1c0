/// Butterfly networks of any form, stage by stage on tiles of L rows: what serves where rows cannot
/// be run along memory (row_butterfly.h).
#pragma once

#include <complex>
#include <cstdint>
#include <vector>

#include "ir/attrs.h"
#include "kernels/row_butterfly.h"
#include "kernels/tile_blocks.h"
#include "transform/layout.h"
#include "transform/matrix.h"

namespace papilio::runtime {

/// L of a tile that a network chooses for itself: as many lanes as are good for its n, or all of a
/// vector, as tiles of frames have.
enum class TileLanes : std::uint8_t { fitting, all };

/// The general strategy of ButterflyPlan, whose functions these are. Immutable, thread-safe.
///
/// A tile is 2 n L values and forward needs one. Backward keeps the input of every stage: stages +
/// 1 tiles. Where those would exceed 32 MiB it keeps about sqrt(stages) of them, computes the
/// others a second time and needs about 2 sqrt(stages) tiles. L is a full vector of T, or 128 bits
/// where the tile would exceed 4 MiB: n = 131072 takes 4 MiB forward and 36 MiB backward, with up
/// to 17 stages and for either T.
template <typename T>
class TileButterfly {
 public:
  TileButterfly(const ir::ButterflyAttrs& attrs, kernels::Isa isa,
                TileLanes lanes = TileLanes::fitting);

  std::int64_t n() const { return layout_.n; }
  std::int64_t parameters() const { return parameters_; }
  std::int64_t table_size() const { return table_; }
  std::int64_t work_size() const { return tile_size(); }
  std::int64_t backward_work_size() const;

  void pack(const std::complex<T>* p, T* table) const;
  void unpack_add(const T* gradient_table, std::complex<T>* dp) const;
  void forward(const T* table, kernels::PairRows<T> x, kernels::PairRows<T> y, std::int64_t rows,
               T* work) const;
  /// The same of one tile, [element][lane], to another; `work` is a third, or `y` itself for a
  /// network that is not transposed or permutes nothing.
  void run_tile(const T* table, kernels::Source<T> x, kernels::Target<T> y,
                kernels::Target<T> work) const;
  void backward(const T* table, kernels::PairRows<T> x, kernels::PairRows<T> g,
                kernels::PairRows<T> dx, std::int64_t rows, T* gradient_table, T* work) const;

 private:
  /// How the numbers of a stage stand in the table: as twiddles behind a DFT that the kernels know,
  /// as the free blocks they are, or as the blocks F diag(w).
  enum class Held : std::uint8_t { twiddles, blocks, products };

  struct Stage {
    kernels::TileStageShape shape, part;  ///< of the tile, and of a part of it
    std::int64_t blocks = 0;
    std::int64_t per_block = 0;  ///< T of the table
    Held held = Held::twiddles;
    kernels::TileStageKernels<T> kernels;
    std::int64_t parameter = 0;  ///< the first one in p
    std::int64_t table = 0;      ///< T before it
    transform::Matrix dft;       ///< products: F, with a column of zeros where w_0 = 0
  };

  void add_stage(const ir::ButterflyAttrs& attrs, int s);
  /// Stages in the order they are run in.
  const Stage& stage(std::int64_t i) const;
  std::int64_t stages() const { return static_cast<std::int64_t>(stages_.size()); }
  std::int64_t plane() const;
  std::int64_t tile_size() const { return 2 * plane(); }
  kernels::Target<T> tile(T* work, std::int64_t index) const;
  void load(kernels::PairRows<T> rows, std::int64_t count, bool permuted,
            kernels::Target<T> tile) const;
  /// y[places[i]] = x[i], or y[i] = x[places[i]] backwards.
  void move(kernels::Source<T> x, const std::vector<std::int32_t>& places, bool backwards,
            kernels::Target<T> y) const;
  void store(kernels::Target<T> tile, std::int64_t count, bool permuted,
             kernels::PairRows<T> rows) const;
  /// Elements of a tile.
  struct Part {
    std::int64_t first = 0, index = 0;
    bool whole = true;
  };
  /// Calls body(i, part) for the stages run from `begin` to `end`, each on every part of the tile,
  /// in an order that has what a part needs done before it; backwards too.
  template <class Body>
  void for_parts(std::int64_t begin, std::int64_t end, bool backwards, Body&& body) const;
  template <class Body>
  void for_parts_of(std::int64_t begin, std::int64_t end, std::int64_t size, bool backwards,
                    Body&& body) const;
  const kernels::TileStageShape& shape_of(const Stage& stage, Part part) const;
  /// T of a table before a part.
  std::int64_t table_of(const Stage& stage, Part part) const;
  kernels::Target<T> part_of(kernels::Target<T> tile, Part part) const;
  void run_stage(std::int64_t i, Part part, const T* table, kernels::Target<T> from,
                 kernels::Target<T> to) const;
  /// Stages from `begin` to `end` of the order they are run in, from a tile to another or the same.
  void run_stages(std::int64_t begin, std::int64_t end, const T* table, kernels::Target<T> from,
                  kernels::Target<T> to) const;
  void backward_segment(std::int64_t segment, const T* table, kernels::Target<T> back,
                        T* gradient_table, T* work) const;
  /// Run i from the stage that begins segment `segment`: its input.
  kernels::Target<T> input(T* work, std::int64_t segment, std::int64_t i) const;
  std::int64_t segments() const { return (stages() + kept_ - 1) / kept_; }

  transform::Layout layout_;
  bool inverse_ = false, transposed_ = false;
  kernels::TileBlockKernels<T> kernels_;
  std::vector<std::int32_t> in_order_, permuted_;  ///< the tile element of a value of x
  std::vector<Stage> stages_;                      ///< first stage first
  std::int64_t parameters_ = 0, table_ = 0;
  std::int64_t low_ = 0;       ///< this many stages work inside parts of the tile
  std::int64_t low_part_ = 1;  ///< of this many elements
  std::int64_t kept_ = 1;      ///< stages of a segment: its inputs are kept at once
};

}  // namespace papilio::runtime
