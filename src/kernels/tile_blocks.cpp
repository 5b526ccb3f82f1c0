// Stages of butterfly networks on tiles, compiled for every instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/tile_blocks.cpp"
#include "kernels/tile_blocks.h"

#include <hwy/foreach_target.h>  // keep before highway.h: includes this file once per target
#include <hwy/highway.h>

#include "kernels/dispatch.h"
#include "kernels/tile_blocks-inl.h"

HWY_BEFORE_NAMESPACE();
namespace papilio::kernels::HWY_NAMESPACE {

template <typename T>
constexpr TileBlockWidths<T> make_tile_widths() {
  return {make_tile_blocks<hn::ScalableTag<T>>(),
          make_tile_blocks<hn::CappedTag<T, 16 / sizeof(T)>>()};
}

const TileBlockWidths<float>& tile_blocks_f32() {
  static constexpr auto table = make_tile_widths<float>();
  return table;
}

const TileBlockWidths<double>& tile_blocks_f64() {
  static constexpr auto table = make_tile_widths<double>();
  return table;
}

}  // namespace papilio::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace papilio::kernels {

HWY_EXPORT(tile_blocks_f32);
HWY_EXPORT(tile_blocks_f64);

template <>
const TileBlockWidths<float>& tile_block_kernels<float>(Isa isa) {
  return PAPILIO_FOR_ISA(tile_blocks_f32, isa)();
}
template <>
const TileBlockWidths<double>& tile_block_kernels<double>(Isa isa) {
  return PAPILIO_FOR_ISA(tile_blocks_f64, isa)();
}

}  // namespace papilio::kernels
#endif
