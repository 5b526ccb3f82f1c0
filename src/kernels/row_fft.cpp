// Row plans: complex rows, real rows of even length (half-size complex plus recombination) and of
// odd length (full complex), on top of a RowCore.
#include "kernels/row_fft.h"

#include <hwy/cache_control.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "base/buffer.h"
#include "kernels/fft_roots.h"
#include "kernels/row_fft_core.h"
#include "kernels/row_fft_strategy.h"
#include "papilio/error.h"

namespace papilio::kernels {
namespace {

template <typename T>
using Core = std::unique_ptr<const RowCore<T>>;

template <typename T>
class ComplexRow final : public RowFftStrategy<T> {
 public:
  ComplexRow(FftKind kind, Core<T> core)
      : layout_(kind == FftKind::inverse ? Layout::swapped : Layout::interleaved),
        core_(std::move(core)) {}

  std::int64_t group() const override { return core_->group(); }
  bool streams() const override { return core_->streams(); }
  std::int64_t scratch_size() const override { return core_->scratch_size(); }

  void run(const Rows<T>& rows) const override {
    RowCall<T> call;
    call.in = call.out = layout_;
    call.src = {rows.in, nullptr};
    call.dst = {rows.out, nullptr};
    call.rows = rows.count;
    call.src_step = rows.in_stride;
    call.dst_step = rows.out_stride;
    call.scale = rows.scale;
    call.scratch = rows.scratch;
    call.next = rows.next;
    call.streamed = rows.streamed;
    core_->run(call);
  }

 private:
  Layout layout_;
  Core<T> core_;
};

template <typename T>
class EvenRealRow final : public RowFftStrategy<T> {
 public:
  EvenRealRow(FftKind kind, std::int64_t n, Isa isa, Core<T> core)
      : forward_(kind == FftKind::r2c),
        h_(n / 2),
        kernels_(fft_kernels<T>(isa).row),
        core_(std::move(core)),
        roots_(static_cast<std::size_t>(2 * (h_ / 2 + 1))) {
    const Roots exact(n);
    for (std::int64_t k = 0; k <= h_ / 2; ++k) {
      const ExtendedComplex w = exact.at(k);
      roots_[static_cast<std::size_t>(k)] = static_cast<T>(w.real());
      roots_[static_cast<std::size_t>(h_ / 2 + 1 + k)] = static_cast<T>(w.imag());
    }
  }

  std::int64_t group() const override { return core_->group(); }
  bool streams() const override { return !forward_ && core_->streams(); }
  std::int64_t scratch_size() const override { return group() * step() + core_->scratch_size(); }

  void run(const Rows<T>& rows) const override {
    const Target<T> z{rows.scratch, rows.scratch + padded(h_)};
    const Source<T> roots{roots_.data(), roots_.data() + h_ / 2 + 1};
    const auto row_of = [&](std::int64_t row) -> Target<T> {
      return {z.re + row * step(), z.im + row * step()};
    };
    RowCall<T> call;
    call.rows = rows.count;
    call.scratch = rows.scratch + group() * step();
    call.next = rows.next;
    if (forward_) {
      call.in = Layout::interleaved;
      call.src = {rows.in, nullptr};
      call.src_step = rows.in_stride;
      call.dst = z;
      call.dst_step = step();
      core_->run(call);
      for (std::int64_t row = 0; row < rows.count; ++row) {
        kernels_.recombine(as_source(row_of(row)), roots, h_, rows.scale,
                           rows.out + row * rows.out_stride);
      }
      return;
    }
    for (std::int64_t row = 0; row < rows.count; ++row) {
      kernels_.unrecombine(rows.in + row * rows.in_stride, roots, h_, row_of(row));
    }
    call.src = {z.im, z.re};
    call.src_step = step();
    call.out = Layout::swapped;
    call.dst = {rows.out, nullptr};
    call.dst_step = rows.out_stride;
    call.scale = rows.scale;
    call.streamed = rows.streamed;
    core_->run(call);
  }

 private:
  // The split half-size spectra of a group lie so far apart.
  std::int64_t step() const { return 2 * padded(h_); }

  bool forward_;
  std::int64_t h_;
  const RowKernels<T>& kernels_;
  Core<T> core_;
  base::Buffer<T> roots_;  // exp(-2 pi i k / n), k <= h / 2: re, then im
};

template <typename T>
class OddRealRow final : public RowFftStrategy<T> {
 public:
  OddRealRow(FftKind kind, std::int64_t n, Core<T> core)
      : forward_(kind == FftKind::r2c), n_(n), core_(std::move(core)) {}

  std::int64_t scratch_size() const override { return 4 * padded(n_) + core_->scratch_size(); }

  void run(const Rows<T>& rows) const override {
    T* scratch = rows.scratch;
    const Target<T> x = carve_split(scratch, n_), y = carve_split(scratch, n_);
    RowCall<T> call;
    call.scratch = scratch;
    call.next = rows.next;
    if (forward_) {
      std::fill_n(x.im, n_, T(0));
      call.src = {rows.in, x.im};
      call.dst = y;
      core_->run(call);
      for (std::int64_t k = 0; k <= n_ / 2; ++k) {
        rows.out[2 * k] = rows.scale * y.re[k];
        rows.out[2 * k + 1] = rows.scale * y.im[k];
      }
      rows.out[1] = T(0);
    } else {
      mirror(rows.in, x);
      call.src = {x.im, x.re};
      call.dst = {y.im, y.re};
      core_->run(call);
      for (std::int64_t t = 0; t < n_; ++t) rows.out[t] = rows.scale * y.re[t];
    }
  }

 private:
  // The whole spectrum from its first half.
  void mirror(const T* bins, Target<T> x) const {
    x.re[0] = bins[0];
    x.im[0] = T(0);
    for (std::int64_t k = 1; k <= n_ / 2; ++k) {
      x.re[k] = x.re[n_ - k] = bins[2 * k];
      x.im[k] = bins[2 * k + 1];
      x.im[n_ - k] = -bins[2 * k + 1];
    }
  }

  bool forward_;
  std::int64_t n_;
  Core<T> core_;
};

/// Longer rows are not asked for ahead: they would push out what is being worked on.
constexpr std::int64_t kLongestAheadBytes = 64 << 10;

bool on_line(const void* address) { return reinterpret_cast<std::uintptr_t>(address) % 64 == 0; }

}  // namespace

template <typename T>
std::unique_ptr<const RowFftStrategy<T>> make_row_at_a_time(FftKind kind, std::int64_t n, Isa isa) {
  const bool complex = kind == FftKind::forward || kind == FftKind::inverse;
  Core<T> core = make_row_core<T>(complex || n % 2 == 1 ? n : n / 2, isa);
  if (core == nullptr) return nullptr;
  if (complex) return std::make_unique<ComplexRow<T>>(kind, std::move(core));
  if (n % 2 == 1) return std::make_unique<OddRealRow<T>>(kind, n, std::move(core));
  return std::make_unique<EvenRealRow<T>>(kind, n, isa, std::move(core));
}

template <typename T>
RowFftPlan<T>::RowFftPlan(FftKind kind, std::int64_t n, Isa isa) : kind_(kind), n_(n), isa_(isa) {
  if (n < 1) throw InternalError("[fft] row length " + std::to_string(n));
  strategy_ = make_row_at_a_time<T>(kind, n, isa);
  if (strategy_ == nullptr) strategy_ = make_rows_in_lanes<T>(kind, n, isa);
}

template <typename T>
std::int64_t RowFftPlan<T>::in_size() const {
  return kind_ == FftKind::r2c ? n_ : kind_ == FftKind::c2r ? 2 * (n_ / 2 + 1) : 2 * n_;
}

template <typename T>
std::int64_t RowFftPlan<T>::out_size() const {
  return kind_ == FftKind::r2c ? 2 * (n_ / 2 + 1) : kind_ == FftKind::c2r ? n_ : 2 * n_;
}

template <typename T>
std::int64_t RowFftPlan<T>::scratch_size() const {
  return strategy_->scratch_size();
}

template <typename T>
void RowFftPlan<T>::run(const T* in, T* out, double scale, T* scratch) const {
  run_many(in, in_size(), out, out_size(), 1, scale, scratch, Writes::cached);
}

template <typename T>
void RowFftPlan<T>::run_many(const T* in, std::int64_t in_stride, T* out, std::int64_t out_stride,
                             std::int64_t rows, double scale, T* scratch, Writes writes) const {
  const std::int64_t group = strategy_->group();
  const std::int64_t size = std::max(in_size(), out_size());
  const std::int64_t bytes = size * static_cast<std::int64_t>(sizeof(T));
  Rows<T> call;
  call.in_stride = in_stride;
  call.out_stride = out_stride;
  call.scale = static_cast<T>(scale);
  call.scratch = scratch;
  call.streamed = writes == Writes::streamed && strategy_->streams() && on_line(out) &&
                  on_line(out + out_stride);
  NextRows<T> next{nullptr, nullptr, in_stride, out_stride, size};
  for (std::int64_t row = 0; row < rows; row += group) {
    call.in = in + row * in_stride;
    call.out = out + row * out_stride;
    call.count = std::min(group, rows - row);
    next.in = call.in + group * in_stride;
    next.out = call.streamed ? nullptr : call.out + group * out_stride;
    call.next = bytes <= kLongestAheadBytes && row + 2 * group <= rows ? &next : nullptr;
    strategy_->run(call);
  }
  if (call.streamed) hwy::FlushStream();
}

template class RowFftPlan<float>;
template class RowFftPlan<double>;
template std::unique_ptr<const RowFftStrategy<float>> make_row_at_a_time<float>(FftKind,
                                                                                std::int64_t, Isa);
template std::unique_ptr<const RowFftStrategy<double>> make_row_at_a_time<double>(FftKind,
                                                                                  std::int64_t,
                                                                                  Isa);

}  // namespace papilio::kernels
