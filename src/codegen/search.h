/// What a top-k node searches, in the words of kernels/select.h: the same for every device.
#pragma once

#include "ir/attrs.h"
#include "kernels/select.h"

namespace papilio::codegen {

kernels::SpectrumAxis axis_of(const ir::TopAttrs& attrs, std::int64_t bins);
kernels::PeakConditions conditions_of(const ir::TopAttrs& attrs, const kernels::SpectrumAxis& axis);

}  // namespace papilio::codegen
