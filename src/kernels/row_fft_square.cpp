// Row transforms that happen in registers: n = R^2, a few rows side by side in the lanes.
#include "base/buffer.h"
#include "kernels/fft_roots.h"
#include "kernels/row_fft_core.h"

namespace papilio::kernels {
namespace {

template <typename T>
class RowSquare final : public RowCore<T> {
 public:
  RowSquare(std::int64_t n, const FftKernels<T>& kernels)
      : square_(kernels.square),
        twiddles_(static_cast<std::size_t>(2 * kernels.lanes * (square_.radix - 1))) {
    const Roots roots(n);
    T* out = twiddles_.data();
    for (std::int64_t k = 1; k < square_.radix; ++k, out += 2 * kernels.lanes) {
      for (std::int64_t lane = 0; lane < kernels.lanes; ++lane) {
        const ExtendedComplex w = roots.at(lane % square_.radix * k);
        out[lane] = static_cast<T>(w.real());
        out[kernels.lanes + lane] = static_cast<T>(w.imag());
      }
    }
  }

  std::int64_t group() const override { return kRowsPerCall; }
  bool streams() const override { return true; }
  std::int64_t scratch_size() const override { return 0; }

  void run(const RowCall<T>& call) const override {
    SquareArgs<T> args;
    args.src = call.src;
    args.dst = call.dst;
    args.rows = call.rows;
    args.src_step = call.src_step;
    args.dst_step = call.dst_step;
    args.twiddles = twiddles_.data();
    args.scale = call.scale;
    args.streamed = call.streamed;
    args.next = call.next;
    square_.run[static_cast<std::size_t>(call.in)][static_cast<std::size_t>(call.out)](args);
  }

 private:
  static constexpr std::int64_t kRowsPerCall = 8;

  const SquareKernels<T>& square_;
  base::Buffer<T> twiddles_;
};

}  // namespace

template <typename T>
std::unique_ptr<const RowCore<T>> make_row_square(std::int64_t n, Isa isa) {
  const FftKernels<T>& kernels = fft_kernels<T>(isa);
  const std::int64_t radix = kernels.square.radix;
  if (radix == 0 || radix * radix != n) return nullptr;
  return std::make_unique<RowSquare<T>>(n, kernels);
}

template std::unique_ptr<const RowCore<float>> make_row_square<float>(std::int64_t, Isa);
template std::unique_ptr<const RowCore<double>> make_row_square<double>(std::int64_t, Isa);

}  // namespace papilio::kernels
