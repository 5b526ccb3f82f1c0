// Row plans: complex rows, real rows of even length (half-size complex plus recombination) and of
// odd length (full complex), on top of a RowCore.
#include "kernels/row_fft.h"

#include <algorithm>
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
  std::int64_t scratch_size() const override { return core_->scratch_size(); }

  void run(const T* in, std::int64_t in_stride, T* out, std::int64_t out_stride, std::int64_t rows,
           T scale, T* scratch) const override {
    core_->run_rows(layout_, {in, nullptr}, in_stride, layout_, {out, nullptr}, out_stride, rows,
                    scale, scratch);
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
  std::int64_t scratch_size() const override { return group() * step() + core_->scratch_size(); }

  void run(const T* in, std::int64_t in_stride, T* out, std::int64_t out_stride, std::int64_t rows,
           T scale, T* scratch) const override {
    const Target<T> z{scratch, scratch + padded(h_)};
    T* rest = scratch + group() * step();
    const Source<T> roots{roots_.data(), roots_.data() + h_ / 2 + 1};
    const auto row_of = [&](std::int64_t row) -> Target<T> {
      return {z.re + row * step(), z.im + row * step()};
    };
    if (forward_) {
      core_->run_rows(Layout::interleaved, {in, nullptr}, in_stride, Layout::split, z, step(), rows,
                      T(1), rest);
      for (std::int64_t row = 0; row < rows; ++row) {
        kernels_.recombine(as_source(row_of(row)), roots, h_, scale, out + row * out_stride);
      }
      return;
    }
    for (std::int64_t row = 0; row < rows; ++row) {
      kernels_.unrecombine(in + row * in_stride, roots, h_, row_of(row));
    }
    core_->run_rows(Layout::split, {z.im, z.re}, step(), Layout::swapped, {out, nullptr},
                    out_stride, rows, scale, rest);
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

  void run(const T* in, std::int64_t, T* out, std::int64_t, std::int64_t, T scale,
           T* scratch) const override {
    const Target<T> x = carve_split(scratch, n_), y = carve_split(scratch, n_);
    if (forward_) {
      std::fill_n(x.im, n_, T(0));
      core_->run(Layout::split, {in, x.im}, Layout::split, y, T(1), scratch);
      for (std::int64_t k = 0; k <= n_ / 2; ++k) {
        out[2 * k] = scale * y.re[k];
        out[2 * k + 1] = scale * y.im[k];
      }
      out[1] = T(0);
    } else {
      mirror(in, x);
      core_->run(Layout::split, {x.im, x.re}, Layout::split, {y.im, y.re}, T(1), scratch);
      for (std::int64_t t = 0; t < n_; ++t) out[t] = scale * y.re[t];
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

/// Values of rows that are asked for one group ahead: passes stride through a row in an order that
/// the processor does not foresee. Longer rows would push out what is being worked on.
constexpr std::int64_t kLongestAhead = 4096;

template <typename T>
void prefetch(const T* values, std::int64_t count) {
  constexpr std::int64_t line = 64 / sizeof(T);
  for (std::int64_t i = 0; i < count; i += line) __builtin_prefetch(values + i);
}

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
  run_many(in, in_size(), out, out_size(), 1, scale, scratch);
}

template <typename T>
void RowFftPlan<T>::run_many(const T* in, std::int64_t in_stride, T* out, std::int64_t out_stride,
                             std::int64_t rows, double scale, T* scratch) const {
  const std::int64_t group = strategy_->group();
  const bool ahead = std::max(in_size(), out_size()) <= kLongestAhead;
  for (std::int64_t row = 0; row < rows; row += group) {
    for (std::int64_t next = row + group; ahead && next < std::min(row + 2 * group, rows); ++next) {
      prefetch(in + next * in_stride, in_size());
      prefetch(out + next * out_stride, out_size());
    }
    strategy_->run(in + row * in_stride, in_stride, out + row * out_stride, out_stride,
                   std::min(group, rows - row), static_cast<T>(scale), scratch);
  }
}

template class RowFftPlan<float>;
template class RowFftPlan<double>;
template std::unique_ptr<const RowFftStrategy<float>> make_row_at_a_time<float>(FftKind,
                                                                                std::int64_t, Isa);
template std::unique_ptr<const RowFftStrategy<double>> make_row_at_a_time<double>(FftKind,
                                                                                  std::int64_t,
                                                                                  Isa);

}  // namespace papilio::kernels
