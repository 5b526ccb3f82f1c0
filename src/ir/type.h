/// Types of tensors inside a graph: element type and named axes. The number of rows, the samples of
/// a row and so the number of frames stay symbolic: one plan serves any of them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "papilio/view.h"

namespace papilio::ir {

/// How many frames a row of T samples has.
enum class FrameCount : std::uint8_t {
  full,       ///< floor((T + pads - length) / hop) + 1
  drop_last,  ///< one fewer (whisper)
  rounded,    ///< (T + hop / 2) / hop (kaldi without snip-edges)
};

/// Where the frames of a row lie: frame s covers samples [s*hop - pad_left, ... + length).
struct FrameRule {
  std::int64_t length = 0;
  std::int64_t hop = 0;
  std::int64_t pad_left = 0;   ///< samples made up before the first
  std::int64_t pad_right = 0;  ///< samples made up after the last (`full`, `drop_last`)
  FrameCount count = FrameCount::full;
  std::int64_t fixed_samples = 0;  ///< > 0: every row is cut or zero-filled to so many samples

  bool operator==(const FrameRule&) const = default;

  /// Samples that the frames are cut from, before padding.
  std::int64_t effective_samples(std::int64_t samples) const {
    return fixed_samples > 0 ? fixed_samples : samples;
  }
  /// Number of whole frames, 0 if not even one fits.
  std::int64_t frames(std::int64_t samples) const;
};

enum class Axis : std::uint8_t { row, frame, sample, bin, band, rank, field };
enum class Extent : std::uint8_t { fixed, rows, samples, frames };

/// One axis: its name and its extent, symbolic or fixed.
struct Dim {
  Axis axis = Axis::sample;
  Extent extent = Extent::fixed;
  std::int64_t size = 0;  ///< extent `fixed` only
  FrameRule rule{};       ///< extent `frames` only

  bool operator==(const Dim&) const = default;
  std::int64_t resolve(std::int64_t rows, std::int64_t samples) const;
};

inline Dim fixed(Axis axis, std::int64_t size) { return {axis, Extent::fixed, size, {}}; }
inline Dim rows_dim() { return {Axis::row, Extent::rows, 0, {}}; }
inline Dim samples_dim() { return {Axis::sample, Extent::samples, 0, {}}; }
inline Dim frames_dim(const FrameRule& rule) { return {Axis::frame, Extent::frames, 0, rule}; }

/// Element type and axes. The last axis is what one item holds; before it come row and frame.
struct Type {
  DType dtype = DType::f32;  ///< f32, f64, c64 or c128
  std::vector<Dim> dims;

  bool operator==(const Type&) const = default;
  bool complex() const { return is_complex(dtype); }
  const Dim& last() const { return dims.back(); }
  bool has_frames() const;
  std::vector<std::int64_t> resolve(std::int64_t rows, std::int64_t samples) const;
};

/// f32 -> c64, f64 -> c128 and back.
DType complex_of(DType real);
DType real_of(DType dtype);

std::string to_text(const Type& type);

}  // namespace papilio::ir
