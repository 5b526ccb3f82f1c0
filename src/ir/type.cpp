// Symbolic extents and the text of types.
#include "ir/type.h"

#include <algorithm>

namespace papilio::ir {

std::int64_t FrameRule::frames(std::int64_t samples) const {
  const std::int64_t have = effective_samples(samples);
  if (count == FrameCount::rounded) return (have + hop / 2) / hop;
  const std::int64_t padded = have + pad_left + pad_right;
  if (padded < length) return 0;
  const std::int64_t whole = (padded - length) / hop + 1;
  return count == FrameCount::drop_last ? whole - 1 : whole;
}

std::int64_t Dim::resolve(std::int64_t rows, std::int64_t samples) const {
  switch (extent) {
    case Extent::fixed:
      return size;
    case Extent::rows:
      return rows;
    case Extent::samples:
      return samples;
    case Extent::frames:
      return rule.frames(samples);
  }
  return 0;
}

bool Type::has_frames() const {
  return std::any_of(dims.begin(), dims.end(),
                     [](const Dim& dim) { return dim.extent == Extent::frames; });
}

std::vector<std::int64_t> Type::resolve(std::int64_t rows, std::int64_t samples) const {
  std::vector<std::int64_t> shape;
  for (const Dim& dim : dims) shape.push_back(dim.resolve(rows, samples));
  return shape;
}

DType complex_of(DType real) { return real == DType::f64 ? DType::c128 : DType::c64; }

DType real_of(DType dtype) {
  return dtype == DType::f64 || dtype == DType::c128 ? DType::f64 : DType::f32;
}

namespace {

constexpr const char* axis_name(Axis axis) {
  constexpr const char* names[] = {"row", "frame", "sample", "bin", "band", "rank", "field"};
  return names[static_cast<std::size_t>(axis)];
}

std::string to_text(const Dim& dim) {
  switch (dim.extent) {
    case Extent::fixed:
      return std::string(axis_name(dim.axis)) + " " + std::to_string(dim.size);
    case Extent::rows:
      return "rows";
    case Extent::samples:
      return "samples";
    case Extent::frames:
      return "frames(" + std::to_string(dim.rule.length) + "/" + std::to_string(dim.rule.hop) + ")";
  }
  return {};
}

}  // namespace

std::string to_text(const Type& type) {
  constexpr const char* names[] = {"f32", "f64", "c64", "c128"};
  std::string text = std::string(names[static_cast<std::size_t>(type.dtype)]) + "[";
  for (std::size_t i = 0; i < type.dims.size(); ++i) {
    text += (i ? ", " : "") + to_text(type.dims[i]);
  }
  return text + "]";
}

}  // namespace papilio::ir
