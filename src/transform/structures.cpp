// Exact factors of the DCTs and of circular convolution.
#include "transform/structures.h"

#include <string>
#include <utility>

#include "papilio/error.h"
#include "transform/apply.h"
#include "transform/fill.h"
#include "transform/inits.h"
#include "transform/roots.h"

namespace papilio::transform {
namespace {

[[noreturn]] void fail(const std::string& what) { throw UserError("[transform] " + what); }

void check_plain(const NetworkSpec& spec) {
  const bool plain = spec.direction == Direction::forward && spec.norm == Norm::backward &&
                     spec.field == Field::complex && spec.input == Input::complex;
  if (!plain) {
    fail(
        "the networks of a DCT or a convolution are complex, with complex input, direction "
        "forward and norm backward; give those");
  }
}

/// Even samples ascending, then odd ones descending. For even n the second half reads n-1, n-3 ..,
/// which is what the DCT-IV needs too.
Permutation even_then_odd(std::int64_t n) {
  Permutation permutation;
  for (std::int64_t t = 0; t < n; t += 2) {
    permutation.source.push_back(static_cast<std::int32_t>(t));
  }
  for (std::int64_t t = n - 1 - n % 2; t > 0; t -= 2) {
    permutation.source.push_back(static_cast<std::int32_t>(t));
  }
  return permutation;
}

/// The DFT at half-odd frequencies of the DCT-IV.
Network half_odd_dft(const NetworkSpec& spec) {
  Network network = frame_of(spec);
  const bool conjugates = spec.form == Form::block;
  const std::int64_t half = spec.layout.radices[0] / 2;
  for (int s = 0; s < spec.layout.stages(); ++s) {
    const StageShape shape = spec.layout.stage(s);
    fill_stage(network, s, [&](std::int64_t q, std::int64_t j, std::int64_t k) {
      // The bin modulo r m; its parity is known from the first stage on, whose radix is even.
      const std::int64_t bin = k + q * shape.stride;
      Complex root = unit_root(j * (2 * bin + 1), 2 * shape.radix * shape.stride);
      if (s == 0 && j >= half) root = -root;
      return conjugates && bin % 2 != 0 ? std::conj(root) : root;
    });
  }
  return network;
}

}  // namespace

Chain dct2(const NetworkSpec& spec) {
  check_plain(spec);
  const std::int64_t n = spec.layout.n;
  Network network = exact_dft(spec);
  Diagonal diagonal;
  for (std::int64_t k = 0; k < n; ++k) diagonal.values.push_back(2.0 * unit_root(k, 4 * n));
  return {n, {even_then_odd(n), std::move(network), std::move(diagonal), RealPart{}}};
}

Chain dct4(const NetworkSpec& spec) {
  check_plain(spec);
  validate(spec);
  if (spec.layout.radices[0] % 2 != 0) {
    fail("the DCT-IV needs an even first radix, not " + radices_text(spec.layout) +
         "; put an even one first");
  }
  if (spec.order == Order::dif) {
    fail(
        "the DCT-IV's network is not symmetric, so that order dif computes another transform; "
        "give the order dit or stockham");
  }
  const std::int64_t n = spec.layout.n;
  Diagonal diagonal;
  for (std::int64_t k = 0; k < n; ++k) {
    const Complex root = 2.0 * unit_root(2 * k + 1, 8 * n);
    const bool conjugated = spec.form == Form::block && k % 2 != 0;
    diagonal.values.push_back(conjugated ? std::conj(root) : root);
  }
  return {n, {even_then_odd(n), half_odd_dft(spec), std::move(diagonal), RealPart{}}};
}

Chain circular_convolution(const NetworkSpec& spec, std::span<const Complex> kernel) {
  check_plain(spec);
  const std::int64_t n = spec.layout.n;
  Network forward = exact_dft(spec);
  if (static_cast<std::int64_t>(kernel.size()) != n) {
    fail("the kernel has " + std::to_string(kernel.size()) +
         " numbers, but n = " + std::to_string(n) + "; pad it with zeros to n");
  }
  NetworkSpec back = spec;
  back.direction = Direction::inverse;
  Diagonal diagonal{apply_network(forward, kernel)};
  return {n, {std::move(forward), std::move(diagonal), exact_dft(back)}};
}

}  // namespace papilio::transform
