/// Learned transforms inside an item: L networks of the same numbers at once, one per lane.
#pragma once

#include "runtime/cpu/lower_ops.h"

namespace papilio::runtime::cpu {

/// A network whose numbers are constants.
template <typename T>
void lower_butterfly(OpContext<T>& context);
template <typename T>
void lower_gather(OpContext<T>& context);
template <typename T>
void lower_conj(OpContext<T>& context);
template <typename T>
void lower_real(OpContext<T>& context);
template <typename T>
void lower_complex(OpContext<T>& context);

}  // namespace papilio::runtime::cpu
