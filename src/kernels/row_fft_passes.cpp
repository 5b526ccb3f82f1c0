// Row transforms as Stockham passes over the whole row, for lengths that keep it in cache.
#include <algorithm>
#include <limits>
#include <map>
#include <utility>
#include <vector>

#include "base/buffer.h"
#include "kernels/fft_factors.h"
#include "kernels/fft_tables.h"
#include "kernels/row_fft_core.h"

namespace papilio::kernels {
namespace {

// Longer rows leave the second-level cache between passes; four steps visit memory twice only.
constexpr std::int64_t kLongestRow = 1 << 16;

struct Step {
  int radix = 0;
  bool two_rows = false;  // the first pass takes two rows at once
  std::size_t width = 0;  // index into FftKernels::widths
  double cost = std::numeric_limits<double>::infinity();
};

// Dynamic programming from the last pass backwards: the stride alone fixes what remains.
template <typename T>
class Search {
 public:
  Search(std::int64_t n, Isa isa) : n_(n), isa_(isa), kernels_(fft_kernels<T>(isa)) {}

  // The best first pass and all that follows.
  Step first() {
    Step best;
    for (std::size_t w = 0; w < kernels_.widths.size(); ++w) {
      const std::int64_t lanes = kernels_.widths[w].lanes;
      for (int radix : kRadices) {
        if (lanes == 0 || n_ % radix != 0 || radix == n_) continue;
        const bool two_rows = 2 * (n_ / radix) == lanes;
        if (n_ / radix < lanes && !two_rows) continue;
        const auto& kernels = kernels_.widths[w];
        if ((two_rows ? kernels.first_of_two : kernels.first)[radix_slot(radix)][0] == nullptr) {
          continue;
        }
        const double cost = (pass_cost(radix, isa_) + 1.0) * narrow_penalty(w) + after(radix).cost;
        if (cost < best.cost) best = {radix, two_rows, w, cost};
      }
    }
    return best;
  }

  // The best pass at `stride` and all that follows.
  Step after(std::int64_t stride) {
    if (stride == n_) return {1, false, 0, 0.0};
    if (const auto found = known_.find(stride); found != known_.end()) return found->second;
    Step best;
    for (std::size_t w = 0; w < kernels_.widths.size(); ++w) {
      const std::int64_t lanes = kernels_.widths[w].lanes;
      if (lanes == 0 || lanes > stride) continue;
      const double visits = static_cast<double>((stride + lanes - 1) / lanes * lanes);
      const double waste = visits / static_cast<double>(stride) * narrow_penalty(w);
      for (int radix : kRadices) {
        if (n_ / stride % radix != 0) continue;
        const double cost = pass_cost(radix, isa_) * waste + after(stride * radix).cost;
        if (cost < best.cost) best = {radix, false, w, cost};
      }
    }
    return known_[stride] = best;
  }

 private:
  // Half vectors do half the work per instruction.
  static double narrow_penalty(std::size_t width) {
    return width == 0 ? 1.0 : width == 1 ? 1.8 : 3.4;
  }

  std::int64_t n_;
  Isa isa_;
  const FftKernels<T>& kernels_;
  std::map<std::int64_t, Step> known_;
};

template <typename T>
class RowPasses final : public RowCore<T> {
 public:
  RowPasses(std::int64_t n, Isa isa) : n_(n), kernels_(fft_kernels<T>(isa)) {
    Search<T> search(n, isa);
    std::vector<int> radices;
    std::int64_t stride = 1;
    Step step = search.first();
    two_rows_ = step.two_rows;
    for (; stride < n; step = search.after(stride)) {
      radices.push_back(step.radix);
      widths_.push_back(step.width);
      stride *= step.radix;
    }
    passes_ = make_passes(radices, n);
    make_twiddles();
  }

  std::int64_t group() const override { return two_rows_ ? 2 : 1; }

  std::int64_t scratch_size() const override { return group() * buffers() * row_size(); }

  void run(Layout in, Source<T> src, Layout out, Target<T> dst, T scale,
           T* scratch) const override {
    run_rows(in, src, 0, out, dst, 0, 1, scale, scratch);
  }

  void run_rows(Layout in, Source<T> src, std::int64_t src_step, Layout out, Target<T> dst,
                std::int64_t dst_step, std::int64_t rows, T scale, T* scratch) const override {
    // A row alone is its own neighbour.
    first_pass(in, src, rows > 1 ? src_step : 0, buffer(scratch, 0));
    for (std::int64_t row = 0; row < rows; ++row) {
      later_passes(out, dst, scale, scratch + row * row_size());
      dst.re += dst_step;
      if (out == Layout::split) dst.im += dst_step;
    }
  }

 private:
  // Split arrays of one row, one after the other; the rows of a group lie row_size() apart.
  std::int64_t row_size() const { return 2 * padded(n_); }
  std::int64_t buffers() const { return passes_.size() > 2 ? 2 : 1; }
  Target<T> buffer(T* scratch, std::size_t index) const {
    T* re = scratch + static_cast<std::int64_t>(index) * group() * row_size();
    return {re, re + padded(n_)};
  }

  void first_pass(Layout in, Source<T> src, std::int64_t src_step, Target<T> dst) const {
    const FftPass& pass = passes_[0];
    PassArgs<T> args;
    args.src = src;
    args.dst = dst;
    args.twiddles = twiddles_.data();
    args.count = args.in_j = pass.count;
    args.in_row = src_step;
    args.out_row = row_size();
    const auto& width = kernels_.widths[widths_[0]];
    const auto& variants = two_rows_ ? width.first_of_two : width.first;
    variants[radix_slot(pass.radix)][static_cast<std::size_t>(in)](args);
  }

  void later_passes(Layout out, Target<T> dst, T scale, T* scratch) const {
    for (std::size_t i = 1; i < passes_.size(); ++i) {
      const bool last = i + 1 == passes_.size();
      const FftPass& pass = passes_[i];
      PassArgs<T> args;
      args.src = as_source(buffer(scratch, (i - 1) % 2));
      args.dst = last ? dst : buffer(scratch, i % 2);
      args.twiddles = twiddles_.data() + offsets_[i];
      args.count = pass.count;
      args.span = args.in_p = args.out_k = pass.stride;
      args.in_j = pass.stride * pass.count;
      args.out_p = pass.stride * pass.radix;
      args.scale = scale;
      const auto& variants = kernels_.widths[widths_[i]].wide[radix_slot(pass.radix)];
      variants[last ? 1 + static_cast<std::size_t>(out) : 0](args);
    }
  }

  void make_twiddles() {
    const Roots roots(n_);
    const FftPass& first = passes_[0];
    const std::int64_t lanes = kernels_.widths[widths_[0]].lanes;
    const std::int64_t blocks = (first.count + lanes / group() - 1) / (lanes / group());
    std::int64_t size = 2 * blocks * lanes * (first.radix - 1);
    offsets_.assign(passes_.size(), 0);
    for (std::size_t i = 1; i + 1 < passes_.size(); ++i) {
      offsets_[i] = size;
      size += 2 * passes_[i].count * (passes_[i].radix - 1);
    }
    twiddles_ = base::Buffer<T>(static_cast<std::size_t>(size));
    fill_first(roots, lanes);
    for (std::size_t i = 1; i + 1 < passes_.size(); ++i) {
      fill_twiddles(roots, passes_[i], twiddles_.data() + offsets_[i]);
    }
  }

  // Per block of lanes, per k: the real parts of a vector, then the imaginary ones.
  void fill_first(const Roots& roots, std::int64_t lanes) {
    const FftPass& first = passes_[0];
    T* out = twiddles_.data();
    const std::int64_t own = lanes / group();
    for (std::int64_t block = 0; block < first.count; block += own) {
      const std::int64_t p = std::min(block, first.count - own);
      for (std::int64_t k = 1; k < first.radix; ++k, out += 2 * lanes) {
        for (std::int64_t lane = 0; lane < lanes; ++lane) {
          const ExtendedComplex w = roots.at((p + lane % own) * k);
          out[lane] = static_cast<T>(w.real());
          out[lanes + lane] = static_cast<T>(w.imag());
        }
      }
    }
  }

  std::int64_t n_;
  bool two_rows_ = false;
  const FftKernels<T>& kernels_;
  std::vector<FftPass> passes_;
  std::vector<std::size_t> widths_;
  std::vector<std::int64_t> offsets_;
  base::Buffer<T> twiddles_;
};

}  // namespace

template <typename T>
double row_passes_cost(std::int64_t n, Isa isa) {
  if (n > kLongestRow || !is_five_smooth(n)) return -1;
  const double cost = Search<T>(n, isa).first().cost;
  return cost < std::numeric_limits<double>::infinity() ? cost : -1;
}

template <typename T>
std::unique_ptr<const RowCore<T>> make_row_passes(std::int64_t n, Isa isa) {
  return std::make_unique<RowPasses<T>>(n, isa);
}

template double row_passes_cost<float>(std::int64_t, Isa);
template double row_passes_cost<double>(std::int64_t, Isa);
template std::unique_ptr<const RowCore<float>> make_row_passes<float>(std::int64_t, Isa);
template std::unique_ptr<const RowCore<double>> make_row_passes<double>(std::int64_t, Isa);

}  // namespace papilio::kernels
