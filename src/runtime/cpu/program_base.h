/// What the run() and the stream of a tile program share.
#pragma once

#include <span>
#include <vector>

#include "papilio/error.h"
#include "runtime/cpu/executor.h"

namespace papilio::runtime::cpu {

template <typename T>
constexpr DType real_dtype() {
  return sizeof(T) == sizeof(float) ? DType::f32 : DType::f64;
}

/// The caller's memory for an output as a place; checks dtype and strides.
template <typename T>
Place<T> place_of(const base::TensorView& view, const OutputLayout& layout) {
  const DType dtype =
      layout.complex ? (sizeof(T) == 4 ? DType::c64 : DType::c128) : real_dtype<T>();
  if (view.dtype != dtype) {
    throw UserError(std::string("[run] an output is ") + name_of(view.dtype) + ", the plan gives " +
                    name_of(dtype));
  }
  const auto elements = [](std::int64_t bytes) {
    if (bytes % static_cast<std::int64_t>(sizeof(T)) != 0) {
      throw UserError("[run] an output's strides are no multiple of its element size");
    }
    return bytes / static_cast<std::int64_t>(sizeof(T));
  };
  Place<T> place;
  place.data = static_cast<T*>(view.data);
  place.row_stride = elements(view.byte_strides[0]);
  if (layout.frames) place.frame_stride = elements(view.byte_strides[1]);
  place.element_stride = elements(view.byte_strides[view.rank - 1]);
  if (layout.complex && place.element_stride % 2 != 0) {
    throw UserError("[run] a complex output's strides are no multiple of its element size");
  }
  if (layout.complex) place.element_stride /= 2;
  if (layout.top && view.byte_strides[view.rank - 2] != 4 * view.byte_strides[view.rank - 1]) {
    throw UserError("[run] the slots of a top-k output must lie one behind the other");
  }
  return place;
}

/// The regions that can be run as soon as a window of frames is there: all their sources are frames
/// of the input.
template <typename T>
bool follows_input(const Region<T>& region) {
  for (const Source& source : region.sources) {
    if (source.from != Source::From::input || !source.frame) return false;
  }
  return region.frames;
}

template <typename T>
Combine combine_of(const Region<T>& region) {
  return region.fold->kind == FoldKind::max ? Combine::max : Combine::add;
}

template <typename T>
bool is_summing(const Region<T>& region) {
  return region.fold && region.fold->kind != FoldKind::median;
}

}  // namespace papilio::runtime::cpu
