/// FFTs of tiles [element][lane]: L independent transforms at once, element e of lane l at
/// [e * L + l], complex values in two tiles (re, im). Lanes never mix, whatever they hold. Source
/// tiles are never written but by the functions that say so; destinations and work must not overlap
/// anything else. Tiles start at multiples of a vector. Unscaled.
#pragma once

#include <cstdint>

#include "kernels/fft_tables.h"

namespace papilio::kernels {

/// Values of T that `fft` needs as work.
template <typename T>
std::int64_t work_size(const FftTables<T>& tables);

/// Forward transform of n elements. Element e is read at src + e * src_stride * L (2 where a real
/// tile is read as half as many complex elements: re = even ones, im = odd ones). For the inverse
/// exchange re and im, of source and destination.
template <typename T>
void fft(const FftTables<T>& tables, const T* src_re, const T* src_im, std::int64_t src_stride,
         T* dst_re, T* dst_im, T* work);

/// The same where what is in the source may be lost: less memory is touched.
template <typename T>
void fft_destroying(const FftTables<T>& tables, T* re, T* im, T* dst_re, T* dst_im, T* work);

/// sums[e] = |X[e]|^2 of the forward transform X, e < n, or += where `add`. What is in re and im is
/// lost.
template <typename T>
void fft_power(const FftTables<T>& tables, T* re, T* im, bool add, T* sums, T* work);

/// Values of T that `fft_power` needs as work.
template <typename T>
std::int64_t power_work_size(const FftTables<T>& tables);

/// Spectrum z of the half-size transform (n / 2 elements) -> bins 0..n/2 of the real one (n even).
/// Imaginary parts of DC and Nyquist are exactly 0. x may be z if it has room for n / 2 + 1.
template <typename T>
void r2c_recombine(const RealFftTables<T>& tables, const T* z_re, const T* z_im, T* x_re, T* x_im);

/// Bins 0..n/2 (x, element step x_stride; imaginary parts of DC and Nyquist are ignored) -> the
/// half-size spectrum whose unscaled inverse transform is the unscaled inverse real transform.
template <typename T>
void c2r_split(const RealFftTables<T>& tables, const T* x_re, const T* x_im, std::int64_t x_stride,
               T* z_re, T* z_im);

/// Values of T that rfft and irfft need as work.
template <typename T>
std::int64_t work_size(const RealFftTables<T>& tables);

/// Real tile of n elements -> bins 0..n/2, any n.
template <typename T>
void rfft(const RealFftTables<T>& tables, const T* src, T* x_re, T* x_im, T* work);

/// Bins 0..n/2 (element step x_stride) -> scale times the unscaled inverse: n real elements.
template <typename T>
void irfft(const RealFftTables<T>& tables, const T* x_re, const T* x_im, std::int64_t x_stride,
           T scale, T* dst, T* work);

}  // namespace papilio::kernels
