/// What a top-k node searches, in the words of kernels/select.h: the same for every device.
#pragma once

#include <cstdint>
#include <string>

#include "ir/attrs.h"
#include "kernels/select.h"

namespace papilio::codegen {

kernels::SpectrumAxis axis_of(const ir::TopAttrs& attrs, std::int64_t bins);
kernels::PeakConditions conditions_of(const ir::TopAttrs& attrs, const kernels::SpectrumAxis& axis);

/// The members of a Search (device/select.cuh) among `bins` bins, in braces.
std::string search_text(const ir::TopAttrs& attrs, std::int64_t bins);

}  // namespace papilio::codegen
