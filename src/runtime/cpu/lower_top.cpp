// Top-k selection: in all lanes at once where the kernels can, else lane by lane.
#include "runtime/cpu/lower_top.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>
#include <limits>
#include <type_traits>

#include "base/buffer.h"
#include "codegen/search.h"
#include "kernels/select.h"
#include "kernels/select_lanes.h"

namespace papilio::runtime::cpu {
namespace {

using kernels::PeakConditions;
using kernels::SpectrumAxis;

std::byte* aligned(void* address) {
  const auto value = reinterpret_cast<std::uintptr_t>(address);
  return reinterpret_cast<std::byte*>((value + base::kAlignment - 1) / base::kAlignment *
                                      base::kAlignment);
}

template <typename T>
using Select = std::int64_t (*)(std::span<const T>, const SpectrumAxis&, const PeakConditions&,
                                std::span<T>, std::span<std::byte>);

template <typename T>
std::int64_t bins_only(std::span<const T> power, const SpectrumAxis& axis,
                       const PeakConditions& conditions, std::span<T> slots,
                       std::span<std::byte> scratch) {
  return kernels::select_bins<T>(power, axis, conditions.lo, conditions.hi, slots, scratch);
}

/// What a step of selection needs, and where: rows [lane][bins] and slots [lane][k * 4] of one lane
/// after the other.
template <typename T>
struct Selection {
  kernels::LaneSelection what;
  Select<T> by_row;
  const kernels::SelectLaneKernels* in_lanes = nullptr;
  std::int64_t row = 0, slots = 0, scratch = 0;
  std::size_t scratch_bytes = 0;
  Value in, out;
};

/// Whether a power is not finite: without this the peaks among what is left would look complete.
template <typename T>
bool overflows(std::span<const T> power) {
  bool overflow = false;
  for (const T p : power) overflow |= !(p <= std::numeric_limits<T>::max());
  return overflow;
}

template <typename T>
void note_overflow(const Tile<T>& tile, std::int64_t lane) {
  if (tile.status.empty()) return;
  RowStatus& status = tile.status[static_cast<std::size_t>(tile.row[lane])];
  std::atomic_ref(status.overflow).store(true, std::memory_order_relaxed);
}

/// One lane on its own: laid out as a row, searched, and its slots put back.
template <typename T>
void select_row(const Selection<T>& s, const Tile<T>& tile, std::int64_t lane) {
  const auto bins = static_cast<std::size_t>(s.in.length);
  const std::span<T> row(tile.at(s.row), bins);
  const std::span<T> slots(tile.at(s.slots), static_cast<std::size_t>(s.out.length));
  const T* column = tile.at(s.in.re) + lane;
  for (T& power : row) {
    power = *column;
    column += tile.lanes;
  }
  if (overflows(std::span<const T>(row))) note_overflow(tile, lane);
  s.by_row(row, s.what.axis, s.what.conditions, slots,
           {aligned(tile.at(s.scratch)), s.scratch_bytes});
  T* to = tile.at(s.out.re) + lane;
  for (const T value : slots) {
    *to = value;
    to += tile.lanes;
  }
}

/// All lanes at once where the kernels can; the others row by row.
template <typename T>
void select_tile(const Selection<T>& s, const Tile<T>& tile) {
  std::uint64_t rows = ~std::uint64_t{0};
  if constexpr (std::is_same_v<T, float>) {
    if (s.in_lanes != nullptr) {
      const bool peaks = s.by_row == &kernels::select_peaks<T>;
      const kernels::LaneOutcome outcome =
          peaks ? s.in_lanes->peaks(tile.at(s.in.re), s.what, tile.at(s.out.re), tile.at(s.scratch))
                : s.in_lanes->bins(tile.at(s.in.re), s.what, tile.at(s.out.re));
      rows = outcome.undecided;
      for (std::uint64_t rest = outcome.overflowed; rest != 0; rest &= rest - 1) {
        const auto lane = static_cast<std::int64_t>(std::countr_zero(rest));
        if (tile.row[lane] >= 0) note_overflow(tile, lane);
      }
    }
  }
  for (std::int64_t lane = 0; lane < tile.lanes; ++lane) {
    if ((rows >> lane & 1) != 0 && tile.row[lane] >= 0) select_row(s, tile, lane);
  }
}

template <typename T>
void append_select(OpContext<T>& c, Select<T> by_row) {
  const auto& attrs = c.node.template as<ir::TopAttrs>();
  const std::int64_t bins = c.inputs[0].length;
  const std::int64_t lanes = kernels::lanes_of<T>(c.isa);
  const auto elements = [&](std::int64_t values) { return (values + lanes - 1) / lanes; };
  Selection<T> s;
  s.what.axis = codegen::axis_of(attrs, bins);
  s.what.conditions = codegen::conditions_of(attrs, s.what.axis);
  s.what.k = attrs.k;
  s.by_row = by_row;
  s.in = c.inputs[0];
  s.out = c.output;
  if constexpr (std::is_same_v<T, float>) {
    const bool peaks = by_row == &kernels::select_peaks<T>;
    if (peaks ? kernels::selects_peaks_in_lanes(s.what) : kernels::selects_bins_in_lanes(s.what)) {
      s.in_lanes = kernels::select_lane_kernels(c.isa);
    }
  }
  s.scratch_bytes = kernels::select_scratch_bytes<T>(bins);
  const auto row_scratch =
      static_cast<std::int64_t>((s.scratch_bytes + base::kAlignment) / sizeof(T)) + 1;
  s.row = c.slots.take(elements(bins));
  s.slots = c.slots.take(elements(c.output.length));
  s.scratch = c.slots.take(std::max(elements(row_scratch), kernels::lane_scratch(bins)));
  c.steps.push_back([s](Tile<T>& tile) { select_tile(s, tile); });
  for (const std::int64_t slot : {s.row, s.slots, s.scratch}) c.slots.give_back(slot);
}

}  // namespace

template <typename T>
void lower_top_bins(OpContext<T>& c) {
  append_select<T>(c, &bins_only<T>);
}

template <typename T>
void lower_peaks(OpContext<T>& c) {
  append_select<T>(c, &kernels::select_peaks<T>);
}

#define PAPILIO_INSTANTIATE(T)                    \
  template void lower_top_bins<T>(OpContext<T>&); \
  template void lower_peaks<T>(OpContext<T>&);
PAPILIO_INSTANTIATE(float)
PAPILIO_INSTANTIATE(double)
#undef PAPILIO_INSTANTIATE

}  // namespace papilio::runtime::cpu
