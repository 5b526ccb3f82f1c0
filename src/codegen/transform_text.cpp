// Half-size transforms for even lengths of real rows, Bluestein's for lengths with other primes.
#include "codegen/transform_text.h"

#include <algorithm>

#include "codegen/fft_shape.h"
#include "kernels/fft_factors.h"

namespace papilio::codegen {
namespace {

using ir::OpKind;

std::size_t exchange_of(const FftShape& shape) {
  return exchange_size(shape.n, shape.radices.front());
}

TransformText plain(std::int64_t n, const std::string& name) {
  const FftShape shape = fft_shape(n);
  return {name + "<R, " + std::to_string(n) + ", " + radices_text(shape) + ">",
          pass_roots(shape),
          exchange_of(shape),
          n,
          n,
          false,
          false};
}

TransformText bluestein(std::int64_t n) {
  const std::int64_t size = bluestein_size(n);
  const FftShape shape = fft_shape(size);
  TransformText text;
  text.roots = pass_roots(shape);
  text.type = "Bluestein<R, " + std::to_string(n) + ", " + std::to_string(size) + ", " +
              std::to_string(text.roots.size()) + ", " + radices_text(shape) + ">";
  const auto tables = bluestein_tables(n, size);
  text.roots.insert(text.roots.end(), tables.begin(), tables.end());
  text.exchange = exchange_of(shape);
  text.results = text.keep = n;
  return text;
}

TransformText half_size(const std::string& name, std::int64_t n) {
  const std::int64_t m = n / 2;
  const FftShape shape = fft_shape(m, true);
  TransformText text;
  text.roots = pass_roots(shape);
  text.type = name + "<R, " + std::to_string(m) + ", " + std::to_string(text.roots.size()) + ", " +
              (name == "Rfft" ? shape.paired ? "true, " : "false, " : "") + radices_text(shape) +
              ">";
  const auto twiddles = roots_of_unity(n, m / 2 + 1);
  text.roots.insert(text.roots.end(), twiddles.begin(), twiddles.end());
  text.exchange = exchange_of(shape);
  text.results = text.keep = n;
  return text;
}

}  // namespace

std::size_t exchange_size(std::int64_t n, std::int64_t first) {
  const bool power = (first & (first - 1)) == 0;
  const std::int64_t gaps = power            ? (n - 1) / std::max<std::int64_t>(16, first)
                            : first % 2 == 0 ? (n - 1) / first
                                             : 0;
  return static_cast<std::size_t>(n + gaps);
}

bool has_half_size(std::int64_t n) { return n % 2 == 0 && kernels::is_five_smooth(n / 2); }

bool is_real(OpKind op) { return op == OpKind::Rfft || op == OpKind::Irfft; }

FftShape transform_shape(std::int64_t n, bool real) {
  const bool half = real && has_half_size(n);
  const std::int64_t points = half ? n / 2 : kernels::is_five_smooth(n) ? n : bluestein_size(n);
  return fft_shape(points, half);
}

TransformText complex_transform(std::int64_t n) {
  return kernels::is_five_smooth(n) ? plain(n, "Fft") : bluestein(n);
}

TransformText transform_text(OpKind op, std::int64_t n) {
  if (is_real(op) && has_half_size(n)) {
    return half_size(op == OpKind::Rfft ? "Rfft" : "Irfft", n);
  }
  TransformText text = complex_transform(n);
  if (op == OpKind::Rfft) text.keep = n / 2 + 1;
  if (op == OpKind::Irfft) text.hermitian = text.real_results = true;
  if (op == OpKind::Irfft || op == OpKind::Ifft) text.type = "Backward<" + text.type + ">";
  return text;
}

}  // namespace papilio::codegen
