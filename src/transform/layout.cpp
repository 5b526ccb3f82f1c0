// Layouts: validation, text, strides and the digit reversal.
#include "transform/layout.h"

#include <charconv>
#include <utility>

#include "papilio/error.h"

namespace papilio::transform {
namespace {

[[noreturn]] void fail(const std::string& what) { throw UserError("[transform] " + what); }

/// The product, or a refusal before it overflows.
std::int64_t product_of(const std::vector<int>& radices) {
  if (radices.empty()) fail("a layout needs at least one radix; give radices such as \"16,16\"");
  std::int64_t product = 1;
  for (const int radix : radices) {
    if (radix < kMinRadix || radix > kMaxRadix) {
      fail("radix " + std::to_string(radix) + " is not from 2 to 32; give radices in that range");
    }
    product *= radix;
    if (product > kMaxLayout) {
      fail("the product of the radices exceeds 2^30; give fewer or smaller radices");
    }
  }
  return product;
}

}  // namespace

StageShape Layout::stage(int s) const {
  StageShape shape{n, radices[static_cast<std::size_t>(s)], 1};
  for (int earlier = 0; earlier < s; ++earlier) {
    shape.stride *= radices[static_cast<std::size_t>(earlier)];
  }
  return shape;
}

void validate(const Layout& layout) {
  const std::int64_t product = product_of(layout.radices);
  if (product != layout.n) {
    fail("the radices " + radices_text(layout) + " have the product " + std::to_string(product) +
         ", not n = " + std::to_string(layout.n) + "; give radices whose product is n");
  }
}

Layout default_layout(std::int64_t n) {
  if (n < kMinRadix || n > kMaxLayout) {
    fail("n = " + std::to_string(n) + " is not from 2 to 2^30; give another n");
  }
  Layout layout{n, {}};
  std::int64_t rest = n;
  for (int radix = kMinRadix; radix <= kMaxRadix && rest > 1; ++radix) {
    for (; rest % radix == 0; rest /= radix) layout.radices.push_back(radix);
  }
  if (rest > 1) {
    fail("n = " + std::to_string(n) + " has a prime factor above 32 (" + std::to_string(rest) +
         " is left when the smaller ones are divided out); give an n of small factors, such as "
         "powers of two, 400, 480 or 1000");
  }
  return layout;
}

Layout layout_of(std::vector<int> radices) {
  const std::int64_t n = product_of(radices);
  return {n, std::move(radices)};
}

Layout parse_layout(std::string_view radices) {
  std::vector<int> list;
  const char* at = radices.data();
  const char* const end = at + radices.size();
  for (;;) {
    int radix = 0;
    const auto [next, error] = std::from_chars(at, end, radix);
    const bool more = next != end && *next == ',';
    if (error != std::errc() || (next != end && !more)) {
      fail("radices '" + std::string(radices) +
           "' are not whole numbers between commas; give them first stage first, as in 16,5,5");
    }
    list.push_back(radix);
    if (!more) return layout_of(std::move(list));
    at = next + 1;
  }
}

std::string radices_text(const Layout& layout) {
  std::string text;
  for (const int radix : layout.radices) {
    if (!text.empty()) text += ',';
    text += std::to_string(radix);
  }
  return text;
}

std::vector<std::int32_t> digit_reversal(const Layout& layout) {
  // Positions below m r are those below m with one more digit, which has the weight n / (m r).
  std::vector<std::int32_t> reversed{0};
  std::int64_t weight = layout.n;
  for (const int radix : layout.radices) {
    weight /= radix;
    const std::size_t count = reversed.size();
    for (int digit = 1; digit < radix; ++digit) {
      for (std::size_t i = 0; i < count; ++i) {
        reversed.push_back(static_cast<std::int32_t>(reversed[i] + digit * weight));
      }
    }
  }
  return reversed;
}

}  // namespace papilio::transform
