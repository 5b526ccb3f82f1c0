/// How a kernel source, compiled once per instruction set, publishes its functions for a GIVEN
/// Isa: plans and tests choose per call, so Highway's process-wide choice is not used. Pattern:
///
///   #undef HWY_TARGET_INCLUDE
///   #define HWY_TARGET_INCLUDE "kernels/thing.cpp"
///   #include "hwy/foreach_target.h"  // keep before highway.h: includes this file per target
///   #include "hwy/highway.h"
///   #include "kernels/dispatch.h"
///   #include "kernels/thing.h"
///   HWY_BEFORE_NAMESPACE();
///   namespace papilio::kernels::HWY_NAMESPACE {
///   const ThingKernels& thing_table() { static constexpr ThingKernels t{...}; return t; }
///   }  // namespace papilio::kernels::HWY_NAMESPACE
///   HWY_AFTER_NAMESPACE();
///   #if HWY_ONCE
///   namespace papilio::kernels {
///   HWY_EXPORT(thing_table);
///   const ThingKernels& thing_kernels(Isa isa) { return PAPILIO_FOR_ISA(thing_table, isa)(); }
///   }  // namespace papilio::kernels
///   #endif
#pragma once

#include <hwy/targets.h>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>

#include "kernels/isa.h"
#include "papilio/error.h"

namespace papilio::kernels {

/// Highway's bit for `isa`.
constexpr std::int64_t highway_target(Isa isa) {
  switch (isa) {
    case Isa::scalar:
      return HWY_SCALAR;
    case Isa::sse4:
      return HWY_SSE4;
    case Isa::avx2:
      return HWY_AVX2;
    case Isa::avx512:
      return HWY_AVX3;
    case Isa::neon:
      return HWY_NEON;
  }
  return 0;
}

/// Position of `isa` in a table made by HWY_EXPORT: [0] is Highway's own chooser, then the
/// architecture's targets, then the fallback; a build with one target has a table of one.
inline std::size_t dispatch_slot(Isa isa) {
  const std::int64_t target = highway_target(isa);
  if ((target & HWY_TARGETS) == 0) {
    throw InternalError(std::string("[isa] ") + name_of(isa) + " is not compiled into this build");
  }
  if constexpr ((HWY_TARGETS & (HWY_TARGETS - 1)) == 0) return 0;
  if (isa == Isa::scalar) return HWY_MAX_DYNAMIC_TARGETS + 1;
  return static_cast<std::size_t>(
      std::countr_zero(static_cast<std::uint64_t>(HWY_CHOSEN_TARGET_SHIFT(target))));
}

}  // namespace papilio::kernels

/// The function exported as HWY_EXPORT(name), as compiled for `isa`.
#define PAPILIO_FOR_ISA(name, isa) (HWY_DISPATCH_TABLE(name)[dispatch_slot(isa)])
