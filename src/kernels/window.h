/// Conditioning one segment before its transform: detrend, window, zero padding, pre-emphasis.
/// All on tiles [element][lane] (load.h), each lane for itself.
#pragma once

#include <cstdint>

#include "kernels/isa.h"

namespace papilio::kernels {

/// What is subtracted from a segment: nothing, its mean, or its least-squares line.
enum class Detrend : std::uint8_t { none, constant, linear };

/// A segment of `count` samples placed at `offset` in a frame of `n_fft` elements.
template <typename T>
struct FrameShape {
  std::int64_t count;
  /// Zeros before the segment; offset + count <= n_fft, zeros after it.
  std::int64_t offset;
  std::int64_t n_fft;
  Detrend detrend;
  /// `count` coefficients, or nullptr for all ones.
  const T* window;
};

template <typename T>
struct WindowKernels {
  /// out[n_fft] = zeros, (in - trend) * window, zeros. The mean is summed about one of the
  /// samples, so that a large offset costs no accuracy; a line is fitted in double.
  /// in == out is allowed when offset is 0.
  void (*frame)(const T* in, const FrameShape<T>& shape, T* out);
  /// out[i] = in[i] - c in[i - 1], out[0] = in[0] - c in[0] (kaldi). in == out is allowed.
  void (*preemphasis)(const T* in, std::int64_t count, T coefficient, T* out);
};

template <typename T>
const WindowKernels<T>& window_kernels(Isa isa);

}  // namespace papilio::kernels
