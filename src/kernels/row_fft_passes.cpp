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

// Longer rows leave the last cache between passes; four steps visit memory twice only. Beyond the
// second cache alone passes still win (docs/performance.md).
constexpr std::int64_t kLongestRowBytes = std::int64_t{2} << 20;

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
    Step step = search.first();
    two_rows_ = step.two_rows;
    std::vector<Step> steps;
    std::vector<int> radices;
    for (std::int64_t stride = 1; stride < n; step = search.after(stride)) {
      steps.push_back(step);
      radices.push_back(step.radix);
      stride *= step.radix;
    }
    std::vector<FftPass> passes = make_passes(radices, n);
    make_twiddles(passes, kernels_.widths[steps[0].width].lanes);
    plan_first(passes[0], steps[0]);
    for (std::size_t i = 1; i < passes.size(); ++i) plan_later(passes[i], steps[i]);
  }

  std::int64_t group() const override {
    return std::clamp(kGroupValues / n_, abreast(), kMostRows);
  }

  bool streams() const override { return streams_; }

  std::int64_t scratch_size() const override { return abreast() * buffers() * row_size(); }

  void run(const RowCall<T>& call) const override {
    const bool split = call.in == Layout::split;
    PassArgs<T> args;
    for (std::int64_t row = 0; row < call.rows; row += abreast()) {
      const std::int64_t at = row * call.src_step;
      args.in_row = row + 1 < call.rows ? call.src_step : 0;  // a row alone is its own neighbour
      first_.variants[static_cast<std::size_t>(call.in)](
          first_.shape, args, {call.src.re + at, split ? call.src.im + at : nullptr},
          buffer(call.scratch, 0));
      later_passes(call, row, 0);
      if (two_rows_ && row + 1 < call.rows) later_passes(call, row + 1, 1);
    }
  }

 private:
  struct Pass {
    PassShape<T> shape;
    const PassKernel<T>* variants = nullptr;
    std::int64_t visited = 0;  // butterflies of vectors in the passes between the first and this
  };

  // Rows of one call; more of them save little, and push one another out of the first cache.
  static constexpr std::int64_t kGroupValues = 1024, kMostRows = 8;

  // Rows that share the vectors of the first pass.
  std::int64_t abreast() const { return two_rows_ ? 2 : 1; }
  // Split arrays of one row, one after the other; rows beside one another lie row_size() apart.
  std::int64_t row_size() const { return 2 * padded(n_); }
  std::int64_t buffers() const { return later_.size() > 1 ? 2 : 1; }
  Target<T> buffer(T* scratch, std::size_t index) const {
    T* re = scratch + static_cast<std::int64_t>(index) * abreast() * row_size();
    return {re, re + padded(n_)};
  }

  // `place`: where the first pass left the row.
  void later_passes(const RowCall<T>& call, std::int64_t row, std::int64_t place) const {
    T* const scratch = call.scratch + place * row_size();
    PassArgs<T> args;
    if (call.next != nullptr) args.ahead = ask_ahead(*call.next, row, visits_);
    const std::uintptr_t ahead = args.ahead.at;
    const std::size_t last = later_.size() - 1;
    for (std::size_t i = 0; i < last; ++i) {
      const Pass& pass = later_[i];
      args.ahead.at = after_visits(ahead, args.ahead.lines, pass.visited);
      pass.variants[0](pass.shape, args, as_source(buffer(scratch, i % 2)),
                       buffer(scratch, (i + 1) % 2));
    }
    const Pass& pass = later_[last];
    args.ahead.at = after_visits(ahead, args.ahead.lines, pass.visited);
    args.scale = call.scale;
    args.streamed = call.streamed;
    const std::int64_t at = row * call.dst_step;
    pass.variants[1 + static_cast<std::size_t>(call.out)](
        pass.shape, args, as_source(buffer(scratch, last % 2)),
        {call.dst.re + at, call.out == Layout::split ? call.dst.im + at : nullptr});
  }

  void plan_first(const FftPass& pass, const Step& step) {
    first_.shape.twiddles = twiddles_.data();
    first_.shape.count = first_.shape.in_j = pass.count;
    first_.shape.out_row = row_size();
    const auto& width = kernels_.widths[step.width];
    const auto& variants = two_rows_ ? width.first_of_two : width.first;
    first_.variants = variants[radix_slot(pass.radix)].data();
  }

  void plan_later(const FftPass& pass, const Step& step) {
    Pass& later = later_.emplace_back();
    later.shape.twiddles = twiddles_.data() + pass.twiddles;
    later.shape.count = pass.count;
    later.shape.span = later.shape.in_p = later.shape.out_k = pass.stride;
    later.shape.in_j = pass.stride * pass.count;
    later.shape.out_p = pass.stride * pass.radix;
    const auto& width = kernels_.widths[step.width];
    later.variants = width.wide[radix_slot(pass.radix)].data();
    later.visited = visits_;
    visits_ += pass.count * ((pass.stride + width.lanes - 1) / width.lanes);
    streams_ = fills_lines<T>(pass.stride);
  }

  // Those of the first pass come first, as it reads them; the others as fill_twiddles writes them.
  // Sets where each pass has its own.
  void make_twiddles(std::vector<FftPass>& passes, std::int64_t lanes) {
    const Roots roots(n_);
    const FftPass& first = passes[0];
    const std::int64_t own = lanes / abreast(), blocks = (first.count + own - 1) / own;
    std::int64_t size = 2 * blocks * lanes * (first.radix - 1);
    for (std::size_t i = 1; i < passes.size(); ++i) {
      passes[i].twiddles = size;
      if (passes[i].count > 1) size += 2 * passes[i].count * (passes[i].radix - 1);
    }
    twiddles_ = base::Buffer<T>(static_cast<std::size_t>(size));
    fill_first(roots, first, lanes);
    for (std::size_t i = 1; i + 1 < passes.size(); ++i) {
      fill_twiddles(roots, passes[i], twiddles_.data() + passes[i].twiddles);
    }
  }

  // Per block of lanes, per k: the real parts of a vector, then the imaginary ones.
  void fill_first(const Roots& roots, const FftPass& first, std::int64_t lanes) {
    T* out = twiddles_.data();
    const std::int64_t own = lanes / abreast();
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
  bool streams_ = false;
  std::int64_t visits_ = 0;  // butterflies of vectors after the first pass
  const FftKernels<T>& kernels_;
  base::Buffer<T> twiddles_;
  Pass first_;
  std::vector<Pass> later_;
};

}  // namespace

template <typename T>
double row_passes_cost(std::int64_t n, Isa isa) {
  const auto bytes = 2 * n * static_cast<std::int64_t>(sizeof(T));
  if (bytes > kLongestRowBytes || !is_five_smooth(n)) return -1;
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
