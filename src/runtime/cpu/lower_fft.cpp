// Transforms inside an item: tables made once per step, work space among the slots.
#include "runtime/cpu/lower_fft.h"

#include <memory>

#include "kernels/features.h"
#include "kernels/tile_fft.h"

namespace papilio::runtime::cpu {
namespace {

/// Slots for `values` of T, free again for the steps that follow.
std::int64_t take_work(SlotAllocator& slots, std::int64_t values, std::int64_t lanes) {
  const std::int64_t slot = slots.take(std::max<std::int64_t>(1, (values + lanes - 1) / lanes));
  slots.give_back(slot);
  return slot;
}

template <typename T>
void append_scale(std::vector<Step<T>>& steps, const Value& value, double scale, kernels::Isa isa) {
  if (scale == 1.0) return;
  const auto& kernels = kernels::element_kernels<T>(isa);
  const auto factor = static_cast<T>(scale);
  steps.push_back([&kernels, value, factor](Tile<T>& tile) {
    kernels.affine(tile.at(value.re), value.length, factor, T(0), tile.at(value.re));
    if (!value.has_im()) return;
    kernels.affine(tile.at(value.im), value.length, factor, T(0), tile.at(value.im));
  });
}

/// An unscaled forward complex transform of length n from `from` to `to`.
template <typename T>
void append_fft(std::vector<Step<T>>& steps, const Value& from, const Value& to, std::int64_t n,
                kernels::Isa isa, SlotAllocator& slots) {
  auto tables = std::make_shared<const kernels::FftTables<T>>(n, isa);
  const std::int64_t work =
      take_work(slots, kernels::work_size(*tables), kernels::lanes_of<T>(isa));
  steps.push_back([tables, from, to, work](Tile<T>& tile) {
    kernels::fft(*tables, tile.at(from.re), tile.at(from.im), 1, tile.at(to.re), tile.at(to.im),
                 tile.at(work));
  });
}

Value exchanged(const Value& value) { return {value.im, value.re, value.length}; }

}  // namespace

template <typename T>
void append_fft_power(std::vector<Step<T>>& steps, const Value& pair, std::int64_t n,
                      std::int64_t sums, kernels::Isa isa, SlotAllocator& slots) {
  auto tables = std::make_shared<const kernels::FftTables<T>>(n, isa);
  const std::int64_t work =
      take_work(slots, kernels::power_work_size(*tables), kernels::lanes_of<T>(isa));
  steps.push_back([tables, pair, sums, work](Tile<T>& tile) {
    kernels::fft_power(*tables, tile.at(pair.re), tile.at(pair.im), tile.started, tile.at(sums),
                       tile.at(work));
  });
}

template <typename T>
void lower_fft(OpContext<T>& c) {
  const auto& attrs = c.node.template as<ir::FftAttrs>();
  append_fft<T>(c.steps, c.inputs[0], c.output, attrs.n, c.isa, c.slots);
  append_scale<T>(c.steps, c.output, attrs.scale, c.isa);
}

template <typename T>
void lower_ifft(OpContext<T>& c) {
  const auto& attrs = c.node.template as<ir::FftAttrs>();
  append_fft<T>(c.steps, exchanged(c.inputs[0]), exchanged(c.output), attrs.n, c.isa, c.slots);
  append_scale<T>(c.steps, c.output, attrs.scale, c.isa);
}

template <typename T>
void lower_rfft(OpContext<T>& c) {
  const auto& attrs = c.node.template as<ir::FftAttrs>();
  auto tables = std::make_shared<const kernels::RealFftTables<T>>(attrs.n, c.isa);
  const std::int64_t work =
      take_work(c.slots, kernels::work_size(*tables), kernels::lanes_of<T>(c.isa));
  c.steps.push_back([tables, work, in = c.inputs[0], out = c.output](Tile<T>& tile) {
    kernels::rfft(*tables, tile.at(in.re), tile.at(out.re), tile.at(out.im), tile.at(work));
  });
  append_scale<T>(c.steps, c.output, attrs.scale, c.isa);
}

template <typename T>
void lower_irfft(OpContext<T>& c) {
  const auto& attrs = c.node.template as<ir::FftAttrs>();
  auto tables = std::make_shared<const kernels::RealFftTables<T>>(attrs.n, c.isa);
  const std::int64_t work =
      take_work(c.slots, kernels::work_size(*tables), kernels::lanes_of<T>(c.isa));
  const auto scale = static_cast<T>(attrs.scale);
  c.steps.push_back([tables, work, scale, in = c.inputs[0], out = c.output](Tile<T>& tile) {
    kernels::irfft(*tables, tile.at(in.re), tile.at(in.im), 1, scale, tile.at(out.re),
                   tile.at(work));
  });
}

#define PAPILIO_INSTANTIATE(T)                                                         \
  template void append_fft_power<T>(std::vector<Step<T>>&, const Value&, std::int64_t, \
                                    std::int64_t, kernels::Isa, SlotAllocator&);       \
  template void lower_rfft<T>(OpContext<T>&);                                          \
  template void lower_irfft<T>(OpContext<T>&);                                         \
  template void lower_fft<T>(OpContext<T>&);                                           \
  template void lower_ifft<T>(OpContext<T>&);
PAPILIO_INSTANTIATE(float)
PAPILIO_INSTANTIATE(double)
#undef PAPILIO_INSTANTIATE

}  // namespace papilio::runtime::cpu
