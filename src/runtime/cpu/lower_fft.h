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

/// Appends an unscaled forward complex transform of length n from `from` to `to`.
template <typename T>
void append_complex_fft(std::vector<Step<T>>& steps, const Value& from, const Value& to,
                        std::int64_t n, kernels::Isa isa, SlotAllocator& slots);

}  // namespace papilio::runtime::cpu
