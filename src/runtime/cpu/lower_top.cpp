// Top-k selection: each lane is laid out as a row, searched, and its slots are put back.
#include "runtime/cpu/lower_top.h"

#include <array>
#include <atomic>
#include <cmath>
#include <limits>

#include "base/buffer.h"
#include "kernels/features.h"
#include "kernels/select.h"

namespace papilio::runtime::cpu {
namespace {

using kernels::PeakConditions;
using kernels::SpectrumAxis;

SpectrumAxis axis_of(const ir::TopAttrs& attrs, std::int64_t bins) {
  SpectrumAxis axis;
  axis.bins = bins;
  axis.bin_hz = attrs.bin_hz;
  axis.two_sided = !attrs.one_sided;
  axis.doubled = attrs.doubled;
  axis.has_nyquist = attrs.n_fft % 2 == 0;
  return axis;
}

/// Candidate positions [lo, hi) with fmin <= f <= fmax.
void set_range(const ir::TopAttrs& attrs, const SpectrumAxis& axis, PeakConditions& conditions) {
  std::int64_t lo = 0;
  std::int64_t hi = axis.bins;
  const auto hz = [&](std::int64_t position) {
    return axis.frequency(static_cast<double>(position));
  };
  if (!std::isnan(attrs.fmin_hz)) {
    while (lo < hi && hz(lo) < attrs.fmin_hz) ++lo;
  }
  if (!std::isnan(attrs.fmax_hz)) {
    while (hi > lo && hz(hi - 1) > attrs.fmax_hz) --hi;
  }
  conditions.lo = lo;
  conditions.hi = hi;
}

PeakConditions conditions_of(const ir::TopAttrs& attrs, const SpectrumAxis& axis) {
  PeakConditions conditions;
  set_range(attrs, axis, conditions);
  conditions.distance = attrs.distance;
  if (!std::isnan(attrs.height)) conditions.height = attrs.height;
  if (!std::isnan(attrs.threshold)) conditions.threshold = attrs.threshold;
  if (!std::isnan(attrs.prominence)) conditions.prominence = attrs.prominence;
  return conditions;
}

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

/// Whether a power is not finite: without this the peaks among what is left would look complete.
template <typename T>
bool overflows(std::span<const T> power) {
  bool overflow = false;
  for (const T p : power) overflow |= !(p <= std::numeric_limits<T>::max());
  return overflow;
}

template <typename T>
void append_select(OpContext<T>& c, Select<T> select) {
  const auto& attrs = c.node.template as<ir::TopAttrs>();
  const std::int64_t bins = c.inputs[0].length;
  const std::int64_t lanes = kernels::lanes_of<T>(c.isa);
  const SpectrumAxis axis = axis_of(attrs, bins);
  const PeakConditions conditions = conditions_of(attrs, axis);
  const std::size_t scratch_bytes = kernels::select_scratch_bytes<T>(bins);
  const auto scratch_values =
      static_cast<std::int64_t>((scratch_bytes + base::kAlignment) / sizeof(T)) + 1;
  // Rows: [lane][bins]; slots: [lane][k * 4].
  const std::int64_t rows = c.slots.take(bins);
  const std::int64_t slots = c.slots.take(c.output.length);
  const std::int64_t scratch = c.slots.take((scratch_values + lanes - 1) / lanes);
  const auto& load = kernels::load_kernels<T>(c.isa);
  const auto& store = kernels::store_kernels<T>(c.isa);
  c.steps.push_back([=, &load, &store, in = c.inputs[0], out = c.output](Tile<T>& tile) {
    std::array<T*, kMaxTileLanes> row{};
    std::array<const std::byte*, kMaxTileLanes> found{};
    for (std::int64_t l = 0; l < tile.lanes; ++l) {
      if (tile.row[l] >= 0) row[static_cast<std::size_t>(l)] = tile.at(rows) + l * bins;
    }
    store.tile(tile.at(in.re), bins, row.data(), 1);
    for (std::int64_t l = 0; l < tile.lanes; ++l) {
      if (tile.row[l] < 0) continue;
      T* slot = tile.at(slots) + l * out.length;
      const std::span<const T> power(row[static_cast<std::size_t>(l)],
                                     static_cast<std::size_t>(bins));
      if (!tile.status.empty() && overflows(power)) {
        RowStatus& status = tile.status[static_cast<std::size_t>(tile.row[l])];
        std::atomic_ref(status.overflow).store(true, std::memory_order_relaxed);
      }
      select(power, axis, conditions, {slot, static_cast<std::size_t>(out.length)},
             {aligned(tile.at(scratch)), scratch_bytes});
      found[static_cast<std::size_t>(l)] = reinterpret_cast<const std::byte*>(slot);
    }
    const DType real = sizeof(T) == sizeof(float) ? DType::f32 : DType::f64;
    load.tile({found.data(), real, sizeof(T)}, out.length, tile.at(out.re));
  });
  for (const std::int64_t slot : {rows, slots, scratch}) c.slots.give_back(slot);
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
