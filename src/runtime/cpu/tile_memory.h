/// What a tile program takes while it runs, counted beforehand as executor.cpp, fold_tree.cpp and
/// tile_stream.cpp take it.
#pragma once

#include <cstdint>

#include "runtime/cpu/tile_program.h"
#include "runtime/program.h"

namespace papilio::runtime::cpu {

/// A block of rows of so many frames each.
struct BlockLoad {
  std::int64_t rows = 0;
  std::int64_t frames = 0;
  DType dtype = DType::f32;  ///< of the samples
  int threads = 1;
};

/// Tiles of the threads that find work, and the numbers that are kept per row.
template <typename T>
double tiles_memory(const TileProgram<T>& program, const BlockLoad& load);

/// Adds the results of a region, the sums behind them and the frames that it stores.
template <typename T>
void add_region_memory(const TileProgram<T>& program, const Region<T>& region,
                       const BlockLoad& load, MemoryNeed& need);

}  // namespace papilio::runtime::cpu
