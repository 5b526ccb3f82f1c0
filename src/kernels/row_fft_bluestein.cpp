// Row transforms of any length as a convolution with a chirp, done by a 5-smooth row transform;
// and the choice between the kinds of row transform.
#include <algorithm>

#include "base/buffer.h"
#include "kernels/fft_factors.h"
#include "kernels/fft_tables.h"
#include "kernels/row_fft_core.h"

namespace papilio::kernels {
namespace {

// Shorter rows ride in the lanes of a tile instead (row_fft_tile).
constexpr std::int64_t kShortestRow = 64;

template <typename T>
double smooth_cost(std::int64_t n, Isa isa) {
  const double passes = row_passes_cost<T>(n, isa), four_step = row_four_step_cost<T>(n, isa);
  if (passes < 0 || four_step < 0) return std::max(passes, four_step);
  return std::min(passes, four_step);
}

template <typename T>
class RowBluestein final : public RowCore<T> {
 public:
  RowBluestein(std::int64_t n, Isa isa)
      : n_(n),
        m_(bluestein_length(
            n, [isa](std::int64_t m) { return static_cast<double>(m) * smooth_cost<T>(m, isa); })),
        kernels_(fft_kernels<T>(isa).row),
        inner_(make_row_core<T>(m_, isa)),
        factors_(static_cast<std::size_t>(2 * n + 2 * m_)) {
    const Chirp exact(n, m_);
    fill(exact.values, factors_.data());
    fill(exact.spectrum, factors_.data() + 2 * n);
  }

  std::int64_t scratch_size() const override { return 4 * padded(m_) + inner_->scratch_size(); }

  void run(const RowCall<T>& call) const override {
    T* scratch = call.scratch;
    const Target<T> a = carve_split(scratch, m_), b = carve_split(scratch, m_);
    const Source<T> chirp{factors_.data(), factors_.data() + n_};
    const Source<T> spectrum{chirp.re + 2 * n_, chirp.re + 2 * n_ + m_};
    kernels_.chirp_in[static_cast<std::size_t>(call.in)](call.src, chirp, n_, m_, a);
    RowCall<T> inner;
    inner.src = as_source(a);
    inner.dst = b;
    inner.scratch = scratch;
    inner.next = call.next;
    inner_->run(inner);
    kernels_.product(as_source(b), spectrum, m_, a);
    inner.src = {a.im, a.re};
    inner.dst = {b.im, b.re};
    inner.next = nullptr;
    inner_->run(inner);
    kernels_.chirp_out[static_cast<std::size_t>(call.out)](as_source(b), chirp, n_, call.scale,
                                                           call.dst);
  }

 private:
  static void fill(const std::vector<ExtendedComplex>& values, T* out) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      out[i] = static_cast<T>(values[i].real());
      out[values.size() + i] = static_cast<T>(values[i].imag());
    }
  }

  std::int64_t n_, m_;
  const RowKernels<T>& kernels_;
  std::unique_ptr<const RowCore<T>> inner_;
  base::Buffer<T> factors_;  // chirp re, im (n each), its spectrum re, im (m each)
};

}  // namespace

template <typename T>
std::unique_ptr<const RowCore<T>> make_row_bluestein(std::int64_t n, Isa isa) {
  return std::make_unique<RowBluestein<T>>(n, isa);
}

template <typename T>
std::unique_ptr<const RowCore<T>> make_row_core(std::int64_t n, Isa isa) {
  if (n < kShortestRow) return nullptr;
  if (!is_five_smooth(n)) return make_row_bluestein<T>(n, isa);
  if (auto square = make_row_square<T>(n, isa)) return square;
  const double passes = row_passes_cost<T>(n, isa), four_step = row_four_step_cost<T>(n, isa);
  if (passes < 0 && four_step < 0) return nullptr;
  if (passes < 0 || (four_step >= 0 && four_step < passes)) return make_row_four_step<T>(n, isa);
  return make_row_passes<T>(n, isa);
}

template std::unique_ptr<const RowCore<float>> make_row_bluestein<float>(std::int64_t, Isa);
template std::unique_ptr<const RowCore<double>> make_row_bluestein<double>(std::int64_t, Isa);
template std::unique_ptr<const RowCore<float>> make_row_core<float>(std::int64_t, Isa);
template std::unique_ptr<const RowCore<double>> make_row_core<double>(std::int64_t, Isa);

}  // namespace papilio::kernels
