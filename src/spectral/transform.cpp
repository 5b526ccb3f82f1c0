// Plain transforms: cut or zero-pad, transform, norm.
#include "spectral/transform.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "spectral/check.h"

namespace papilio::spectral {
namespace {

constexpr std::string_view kVerb = "fft";

bool is_irfft(const FftOptions& options) { return options.real && options.inverse; }

double factor_of(const FftOptions& options, std::int64_t n) {
  const auto length = static_cast<double>(n);
  switch (options.norm) {
    case Norm::backward:
      return options.inverse ? 1.0 / length : 1.0;
    case Norm::forward:
      return options.inverse ? 1.0 : 1.0 / length;
    case Norm::ortho:
      return 1.0 / std::sqrt(length);
    case Norm::none:
      return 1.0;
  }
  return 1.0;
}

ir::OpKind op_of(const FftOptions& options) {
  if (options.real) return options.inverse ? ir::OpKind::Irfft : ir::OpKind::Rfft;
  return options.inverse ? ir::OpKind::Ifft : ir::OpKind::Fft;
}

}  // namespace

bool takes_complex(const FftOptions& options) { return !options.real || options.inverse; }

std::int64_t fft_length(const FftOptions& options, std::int64_t length) {
  return options.n.value_or(is_irfft(options) ? 2 * (length - 1) : length);
}

std::int64_t fft_inputs(const FftOptions& options, std::int64_t length) {
  const std::int64_t n = fft_length(options, length);
  return std::min(length, is_irfft(options) ? n / 2 + 1 : n);
}

std::int64_t fft_outputs(const FftOptions& options, std::int64_t length) {
  const std::int64_t n = fft_length(options, length);
  return options.real && !options.inverse ? n / 2 + 1 : n;
}

void check_fft(const FftOptions& options, std::int64_t length, bool complex_input) {
  const Check check(kVerb);
  check.that(length >= 1, "the rows hold no elements");
  check.that(!complex_input || takes_complex(options),
             "--real needs real input, this is complex; leave --real out");
  if (options.n) check.length("n", *options.n);
  const std::int64_t n = fft_length(options, length);
  if (n < 1) {
    check.fail("an inverse real transform of " + std::to_string(length) +
               " bin has no length by itself; give -n");
  }
  check.length("n", n);
}

ir::Graph build_fft(const FftOptions& options, std::int64_t length, DType compute) {
  check_fft(options, length, false);
  const std::int64_t n = fft_length(options, length);
  const std::int64_t used = is_irfft(options) ? n / 2 + 1 : n;
  ir::GraphBuilder builder(compute);
  ir::NodeId x = builder.input("signal", takes_complex(options), length);
  if (used < length) x = builder.add(ir::OpKind::Slice, {x}, ir::SliceAttrs{0, used});
  if (used > length) x = builder.add(ir::OpKind::Pad, {x}, ir::PadAttrs{0, used});
  x = builder.add(op_of(options), {x}, ir::FftAttrs{n, factor_of(options, n)});
  builder.output("fft", x);
  return builder.finish();
}

}  // namespace papilio::spectral
