/// Top-k selection inside an item.
#pragma once

#include "runtime/cpu/lower_ops.h"

namespace papilio::runtime::cpu {

template <typename T>
void lower_top_bins(OpContext<T>& context);
template <typename T>
void lower_peaks(OpContext<T>& context);

}  // namespace papilio::runtime::cpu
