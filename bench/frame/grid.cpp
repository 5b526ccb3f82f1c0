// Ranges and lists of sizes.
#include "grid.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <string_view>

#include "base/text.h"
#include "kernels/isa.h"
#include "papilio/error.h"

namespace papilio::bench {
namespace {

constexpr std::int64_t kLargest = std::int64_t{1} << 32;

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

[[noreturn]] void refuse(const std::string& flag, const std::string& text) {
  throw UserError(flag + " '" + text +
                  "' is no list of sizes; give whole numbers from 1 such as 64,400, or a range "
                  "such as 64-4096, whose powers of two are run");
}

std::int64_t size_of_text(const std::string& flag, const std::string& text,
                          std::string_view digits) {
  std::int64_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value);
  if (digits.empty() || stop != end || error != std::errc() || value < 1 || value > kLargest) {
    refuse(flag, text);
  }
  return value;
}

}  // namespace

std::vector<std::int64_t> parse_sizes(const std::string& flag, const std::string& text) {
  std::vector<std::int64_t> sizes;
  for (const std::string& part : split(text)) {
    const std::size_t dash = part.find('-');
    const std::string_view view = part;
    const std::int64_t first = size_of_text(flag, text, view.substr(0, dash));
    if (dash == std::string::npos) {
      sizes.push_back(first);
      continue;
    }
    const std::int64_t last = size_of_text(flag, text, view.substr(dash + 1));
    auto power = static_cast<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(first)));
    if (power > last) refuse(flag, text);
    for (; power <= last; power *= 2) sizes.push_back(power);
  }
  return sizes;
}

std::vector<std::string> parse_isas(const std::string& flag, const std::string& text) {
  std::vector<std::string> usable;
  for (const kernels::Isa isa : kernels::usable_isas()) usable.emplace_back(kernels::name_of(isa));
  std::vector<std::string> isas;
  for (const std::string& name : split(text)) {
    if (std::find(usable.begin(), usable.end(), name) == usable.end()) {
      throw UserError(flag + " '" + name + "' cannot run here" + base::did_you_mean(name, usable) +
                      "; give some of " + base::join(usable));
    }
    if (std::find(isas.begin(), isas.end(), name) == isas.end()) isas.push_back(name);
  }
  return isas;
}

}  // namespace papilio::bench
