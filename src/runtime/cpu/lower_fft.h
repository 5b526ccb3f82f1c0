/// Transforms inside an item: L of them at once, one per lane.
#pragma once

#include "runtime/cpu/lower_ops.h"

namespace papilio::runtime::cpu {

template <typename T>
void lower_rfft(OpContext<T>& context);
template <typename T>
void lower_irfft(OpContext<T>& context);
template <typename T>
void lower_fft(OpContext<T>& context);
template <typename T>
void lower_ifft(OpContext<T>& context);

/// Appends the complex transform of length n of `pair`, whose powers go to the n elements at slot
/// `sums`, or are added to them once the tile is `started`; what is in `pair` is lost.
template <typename T>
void append_fft_power(std::vector<Step<T>>& steps, const Value& pair, std::int64_t n,
                      std::int64_t sums, kernels::Isa isa, SlotAllocator& slots);

}  // namespace papilio::runtime::cpu
