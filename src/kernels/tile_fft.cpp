// Tile transforms: the order of passes and the buffers between them.
#include "kernels/tile_fft.h"

#include <algorithm>

#include "kernels/power.h"

namespace papilio::kernels {
namespace {

template <typename T>
const WidthKernels<T>& width_of(const FftTables<T>& tables) {
  const FftKernels<T>& kernels = fft_kernels<T>(tables.isa());
  std::size_t width = 0;
  while (kernels.widths[width].lanes != tables.lanes()) ++width;
  return kernels.widths[width];
}

template <typename T>
PassShape<T> shape_of(const FftTables<T>& tables, const FftPass& pass, std::int64_t src_stride) {
  PassShape<T> shape;
  shape.twiddles = tables.twiddles(pass);
  shape.count = pass.count;
  shape.span = shape.out_k = pass.stride * tables.lanes();
  shape.in_p = shape.span * src_stride;
  shape.in_j = shape.in_p * pass.count;
  shape.out_p = shape.span * pass.radix;
  return shape;
}

// Runs the first `count` passes; pass i writes to outs[i % 2]. The source may be outs[1]. Returns
// where the last one wrote.
template <typename T>
Source<T> run_passes(const FftTables<T>& tables, std::size_t count, Source<T> src,
                     std::int64_t src_stride, const Target<T> (&outs)[2]) {
  const WidthKernels<T>& width = width_of(tables);
  for (std::size_t i = 0; i < count; ++i) {
    const FftPass& pass = tables.passes()[i];
    const PassShape<T> shape = shape_of(tables, pass, i == 0 ? src_stride : 1);
    const Target<T>& dst = outs[i % 2];
    width.wide[radix_slot(pass.radix)][pass.count > 1 ? 0 : 1](shape, {}, src, dst);
    src = as_source(dst);
  }
  return src;
}

// Two passes without a buffer between them: the first one leaves its results where it read, as a
// matrix of r1 x r2 that is never transposed. Returns the shape of the second.
template <typename T>
PassShape<T> first_in_place(const FftTables<T>& tables, Target<T> x) {
  const FftPass &one = tables.passes()[0], &two = tables.passes()[1];
  const std::int64_t lanes = tables.lanes();
  PassShape<T> columns;
  columns.twiddles = tables.twiddles(one);
  columns.count = two.radix;
  columns.span = columns.in_p = columns.out_p = lanes;
  columns.in_j = columns.out_k = two.radix * lanes;
  width_of(tables).wide[radix_slot(one.radix)][0](columns, {}, as_source(x), x);
  PassShape<T> rows;
  rows.count = one.radix;
  rows.span = rows.in_j = rows.out_p = lanes;
  rows.in_p = two.radix * lanes;
  rows.out_k = one.radix * lanes;
  return rows;
}

// A complex tile of `count` elements carved from work.
template <typename T>
Target<T> carve(T*& work, std::int64_t values) {
  Target<T> tile{work, work + values};
  work += 2 * values;
  return tile;
}

template <typename T>
Source<T> exchanged(const Source<T>& tile) {
  return {tile.im, tile.re};
}

template <typename T>
Target<T> exchanged(const Target<T>& tile) {
  return {tile.im, tile.re};
}

// X[k] = c[k] sum_j (x[j] c[j]) c*[k - j]: a convolution, done at the inner length.
template <typename T>
void bluestein(const FftTables<T>& tables, Source<T> src, std::int64_t src_stride, Target<T> dst,
               T* work) {
  const TileKernels<T>& tile = fft_kernels<T>(tables.isa()).tile;
  const FftTables<T>& inner = *tables.inner();
  const std::int64_t m = inner.n(), values = m * tables.lanes();
  Target<T> a = carve(work, values), b = carve(work, values);
  const bool odd = inner.passes().size() % 2 == 1;

  tile.chirp_in(src, src_stride, tables.chirp(), tables.n(), m, a);
  run_passes(inner, inner.passes().size(), as_source(a), 1, {b, a});
  if (!odd) std::swap(a, b);
  tile.product(as_source(b), tables.chirp_spectrum(), m, b);
  run_passes(inner, inner.passes().size(), exchanged(as_source(b)), 1,
             {exchanged(a), exchanged(b)});
  if (!odd) std::swap(a, b);
  tile.product(as_source(a), tables.chirp(), tables.n(), dst);
}

template <typename T>
void copy_one(Source<T> src, Target<T> dst, std::int64_t lanes) {
  std::copy_n(src.re, lanes, dst.re);
  std::copy_n(src.im, lanes, dst.im);
}

// Odd n: the whole spectrum from its first half, imaginary part of DC ignored.
template <typename T>
void mirror(const RealFftTables<T>& tables, Source<T> x, std::int64_t x_stride, Target<T> full) {
  const std::int64_t lanes = tables.complex().lanes(), n = tables.n();
  std::copy_n(x.re, lanes, full.re);
  std::fill_n(full.im, lanes, T(0));
  for (std::int64_t k = 1; k <= n / 2; ++k) {
    const T* re = x.re + k * x_stride * lanes;
    const T* im = x.im + k * x_stride * lanes;
    std::copy_n(re, lanes, full.re + k * lanes);
    std::copy_n(im, lanes, full.im + k * lanes);
    std::copy_n(re, lanes, full.re + (n - k) * lanes);
    std::transform(im, im + lanes, full.im + (n - k) * lanes, [](T value) { return -value; });
  }
}

}  // namespace

template <typename T>
std::int64_t work_size(const FftTables<T>& tables) {
  if (tables.inner() != nullptr) return 4 * tables.inner()->n() * tables.lanes();
  return tables.passes().size() > 1 ? 2 * tables.n() * tables.lanes() : 0;
}

template <typename T>
void fft(const FftTables<T>& tables, const T* src_re, const T* src_im, std::int64_t src_stride,
         T* dst_re, T* dst_im, T* work) {
  const Source<T> src{src_re, src_im};
  const Target<T> dst{dst_re, dst_im};
  if (tables.inner() != nullptr) return bluestein(tables, src, src_stride, dst, work);
  if (tables.n() == 1) return copy_one(src, dst, tables.lanes());
  const std::size_t count = tables.passes().size();
  const Target<T> other = count > 1 ? carve(work, tables.n() * tables.lanes()) : dst;
  if (count % 2 == 1) {
    run_passes(tables, count, src, src_stride, {dst, other});
  } else {
    run_passes(tables, count, src, src_stride, {other, dst});
  }
}

template <typename T>
void fft_destroying(const FftTables<T>& tables, T* re, T* im, T* dst_re, T* dst_im, T* work) {
  const Target<T> x{re, im}, dst{dst_re, dst_im};
  const std::size_t count = tables.passes().size();
  if (tables.inner() != nullptr || count % 2 == 0) {
    if (count != 2) return fft(tables, re, im, 1, dst_re, dst_im, work);
    const auto& kernels = width_of(tables).wide[radix_slot(tables.passes()[1].radix)];
    return kernels[1](first_in_place(tables, x), {}, as_source(x), dst);
  }
  run_passes(tables, count, as_source(x), 1, {dst, x});
}

template <typename T>
std::int64_t power_work_size(const FftTables<T>& tables) {
  return work_size(tables) + 2 * tables.n() * tables.lanes();
}

template <typename T>
void fft_power(const FftTables<T>& tables, T* re, T* im, bool add, T* sums, T* work) {
  const Target<T> x{re, im}, y = carve(work, tables.n() * tables.lanes());
  const std::size_t count = tables.passes().size();
  if (tables.inner() != nullptr || count == 0) {
    fft(tables, re, im, 1, y.re, y.im, work);
    const PowerKernels<T>& power = power_kernels<T>(tables.isa());
    return (add ? power.add : power.store)(y.re, y.im, tables.n(), sums);
  }
  const FftPass& pass = tables.passes().back();
  const auto kernel = width_of(tables).power[radix_slot(pass.radix)][add ? 1 : 0];
  if (count == 2) {
    return kernel(first_in_place(tables, x), {}, as_source(x), {sums, nullptr});
  }
  const Source<T> last = run_passes(tables, count - 1, as_source(x), 1, {y, x});
  kernel(shape_of(tables, pass, 1), {}, last, {sums, nullptr});
}

template <typename T>
void r2c_recombine(const RealFftTables<T>& tables, const T* z_re, const T* z_im, T* x_re, T* x_im) {
  fft_kernels<T>(tables.complex().isa())
      .tile.recombine({z_re, z_im}, tables.roots(), tables.n() / 2, {x_re, x_im});
}

template <typename T>
void c2r_split(const RealFftTables<T>& tables, const T* x_re, const T* x_im, std::int64_t x_stride,
               T* z_re, T* z_im) {
  fft_kernels<T>(tables.complex().isa())
      .tile.unrecombine({x_re, x_im}, x_stride, tables.roots(), tables.n() / 2, {z_re, z_im});
}

template <typename T>
std::int64_t work_size(const RealFftTables<T>& tables) {
  return 4 * tables.complex().n() * tables.complex().lanes() + work_size(tables.complex());
}

template <typename T>
void rfft(const RealFftTables<T>& tables, const T* src, T* x_re, T* x_im, T* work) {
  const FftTables<T>& complex = tables.complex();
  const std::int64_t lanes = complex.lanes(), values = complex.n() * lanes;
  if (tables.halved()) {
    fft(complex, src, src + lanes, 2, x_re, x_im, work);
    return r2c_recombine(tables, x_re, x_im, x_re, x_im);
  }
  const Target<T> zero = carve(work, values), full = carve(work, values);
  std::fill_n(zero.im, values, T(0));
  fft(complex, src, zero.im, 1, full.re, full.im, work);
  std::copy_n(full.re, tables.bins() * lanes, x_re);
  std::copy_n(full.im, tables.bins() * lanes, x_im);
  std::fill_n(x_im, lanes, T(0));
}

template <typename T>
void irfft(const RealFftTables<T>& tables, const T* x_re, const T* x_im, std::int64_t x_stride,
           T scale, T* dst, T* work) {
  const FftTables<T>& complex = tables.complex();
  const TileKernels<T>& tile = fft_kernels<T>(complex.isa()).tile;
  const std::int64_t values = complex.n() * complex.lanes();
  const Target<T> z = carve(work, values), y = carve(work, values);
  if (tables.halved()) {
    c2r_split(tables, x_re, x_im, x_stride, z.re, z.im);
  } else {
    mirror(tables, {x_re, x_im}, x_stride, z);
  }
  fft(complex, z.im, z.re, 1, y.im, y.re, work);
  if (tables.halved()) {
    tile.interleave(as_source(y), complex.n(), scale, dst);
  } else {
    tile.scale(y.re, complex.n(), scale, dst);
  }
}

#define PAPILIO_TILE_FFT(T)                                                                      \
  template std::int64_t work_size<T>(const FftTables<T>&);                                       \
  template void fft<T>(const FftTables<T>&, const T*, const T*, std::int64_t, T*, T*, T*);       \
  template void fft_destroying<T>(const FftTables<T>&, T*, T*, T*, T*, T*);                      \
  template std::int64_t power_work_size<T>(const FftTables<T>&);                                 \
  template void fft_power<T>(const FftTables<T>&, T*, T*, bool, T*, T*);                         \
  template void r2c_recombine<T>(const RealFftTables<T>&, const T*, const T*, T*, T*);           \
  template void c2r_split<T>(const RealFftTables<T>&, const T*, const T*, std::int64_t, T*, T*); \
  template std::int64_t work_size<T>(const RealFftTables<T>&);                                   \
  template void rfft<T>(const RealFftTables<T>&, const T*, T*, T*, T*);                          \
  template void irfft<T>(const RealFftTables<T>&, const T*, const T*, std::int64_t, T, T*, T*);
PAPILIO_TILE_FFT(float)
PAPILIO_TILE_FFT(double)
#undef PAPILIO_TILE_FFT

}  // namespace papilio::kernels
