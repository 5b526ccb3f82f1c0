// Bytes of the workspace.
#include "runtime/cpu/tile_memory.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

#include "runtime/cpu/executor.h"
#include "runtime/cpu/program_base.h"

namespace papilio::runtime::cpu {
namespace {

double as_double(std::int64_t count) { return static_cast<double>(count); }

std::int64_t units_of(std::int64_t frames) { return (frames + kUnitFrames - 1) / kUnitFrames; }

/// Bytes of one unit of every row.
template <typename T>
double unit_bytes(const Fold& fold, const BlockLoad& load) {
  return as_double(load.rows) * as_double(fold.accumulator.length) * static_cast<double>(sizeof(T));
}

/// Units per row that are summed together.
template <typename T>
double window_units(const Fold& fold, const BlockLoad& load) {
  const double most = static_cast<double>(kUnitBudget) / std::max(1.0, unit_bytes<T>(fold, load));
  return std::min(std::max(1.0, std::floor(most)), as_double(units_of(load.frames)));
}

/// Units of a window and the tree of the groups.
template <typename T>
double sums_memory(const Fold& fold, const BlockLoad& load) {
  const std::int64_t units = units_of(load.frames);
  const auto groups = static_cast<std::uint64_t>((units + kGroupUnits - 1) / kGroupUnits);
  const double levels = static_cast<double>(std::bit_width(groups) * sizeof(double)) / sizeof(T);
  return unit_bytes<T>(fold, load) * (window_units<T>(fold, load) + kGroupUnits + levels);
}

}  // namespace

template <typename T>
double tiles_memory(const TileProgram<T>& program, const BlockLoad& load) {
  std::vector<Samples> inputs(static_cast<std::size_t>(program.inputs));
  for (Samples& samples : inputs) samples.view.dtype = load.dtype;
  double most = 0.0;
  for (const Region<T>& region : program.regions) {
    const double items = is_summing(region) ? window_units<T>(*region.fold, load)
                         : region.frames    ? as_double(load.frames)
                                            : 1.0;
    most = std::max(most, as_double(load.rows) * items);
  }
  const double tiles = std::ceil(most / as_double(program.lanes));
  const double each = static_cast<double>(scratch_bytes(program, inputs));
  const double per_row =
      static_cast<double>(sizeof(T) * (1 + program.stored.size()) + sizeof(RowStatus));
  return std::min(tiles, static_cast<double>(load.threads)) * each + as_double(load.rows) * per_row;
}

template <typename T>
void add_region_memory(const TileProgram<T>& program, const Region<T>& region,
                       const BlockLoad& load, MemoryNeed& need) {
  const double value = as_double(load.rows) * static_cast<double>(sizeof(T));
  for (const Sink& sink : region.sinks) {
    if (sink.to != Sink::To::stored) continue;
    const Stored& stored = program.stored[static_cast<std::size_t>(sink.index)];
    const double item = value * as_double(stored.width());
    (stored.frames ? need.frames : need.work) +=
        stored.frames ? item * as_double(load.frames) : item;
  }
  if (!region.fold) return;
  need.work += value * as_double(region.fold->accumulator.length);
  if (is_summing(region)) {
    need.work += sums_memory<T>(*region.fold, load);
  } else {
    need.work += as_double(load.frames) * load.threads * static_cast<double>(sizeof(T));
  }
}

#define PAPILIO_INSTANTIATE(T)                                                                  \
  template double tiles_memory<T>(const TileProgram<T>&, const BlockLoad&);                     \
  template void add_region_memory<T>(const TileProgram<T>&, const Region<T>&, const BlockLoad&, \
                                     MemoryNeed&);
PAPILIO_INSTANTIATE(float)
PAPILIO_INSTANTIATE(double)
#undef PAPILIO_INSTANTIATE

}  // namespace papilio::runtime::cpu
