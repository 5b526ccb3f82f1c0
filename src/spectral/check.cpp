// Shared checks and their wording.
#include "spectral/check.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "papilio/error.h"

namespace papilio::spectral {

std::int64_t nearest_power_of_two(std::int64_t n) {
  std::int64_t above = 1;
  while (above < n) above *= 2;
  const std::int64_t below = std::max<std::int64_t>(1, above / 2);
  return above == n || above - n < n - below ? above : below;
}

std::string flag_of(std::string_view name) {
  std::string flag = (name.size() == 1 ? "-" : "--") + std::string(name);
  std::replace(flag.begin(), flag.end(), '_', '-');
  return flag;
}

void Check::fail(const std::string& what) const { throw UserError("[" + verb_ + "] " + what); }

void Check::length(const char* name, std::int64_t value, std::int64_t least) const {
  if (value < least || value > kMaxLength) {
    fail(std::string(name) + " is " + std::to_string(value) + "; give " + flag_of(name) + " from " +
         std::to_string(least) + " to " + std::to_string(kMaxLength));
  }
}

void Check::power_of_two(const char* name, std::int64_t value) const {
  const std::int64_t nearest = nearest_power_of_two(value);
  if (value == nearest) return;
  fail("rlx takes powers of two, and " + std::string(name) + " is " + std::to_string(value) +
       "; give " + flag_of(name) + " " + std::to_string(nearest));
}

void Check::rate(double fs) const {
  if (!(fs >= 1e-15 && fs <= 1e18)) {
    fail("the sample rate is " + base::to_text(fs) +
         " Hz; give --fs HZ from 1e-15 to 1e18 (--fs 1 for cycles per sample)");
  }
}

void Check::finite(const char* name, double value) const {
  if (!std::isfinite(value)) {
    fail(std::string(name) + " is " + base::to_text(value) + "; give a finite " + flag_of(name));
  }
}

void Check::not_negative(const char* name, double value) const {
  finite(name, value);
  if (value < 0.0) {
    fail(std::string(name) + " is " + base::to_text(value) + "; give " + flag_of(name) +
         " of 0 or more");
  }
}

}  // namespace papilio::spectral
