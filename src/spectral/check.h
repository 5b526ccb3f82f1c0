/// Checks of options that several capabilities share. Each throws a UserError tagged with the verb.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace papilio::spectral {

/// Longest segment, frame or transform: far above any real use, far below overflow.
inline constexpr std::int64_t kMaxLength = std::int64_t{1} << 31;

/// Speaks for one verb, so that every message carries its tag.
class Check {
 public:
  explicit Check(std::string_view verb) : verb_(verb) {}

  [[noreturn]] void fail(const std::string& what) const;
  void that(bool condition, const std::string& what) const {
    if (!condition) fail(what);
  }

  /// A whole number from `least` to kMaxLength.
  void length(const char* name, std::int64_t value, std::int64_t least = 1) const;
  /// As the rlx definitions ask for: the message names the nearest one.
  void power_of_two(const char* name, std::int64_t value) const;
  /// A sample rate from 1e-15 to 1e18 Hz: scalings then stay inside f32's range.
  void rate(double fs) const;
  void finite(const char* name, double value) const;
  /// Finite and 0 or more.
  void not_negative(const char* name, double value) const;

 private:
  std::string verb_;
};

/// For n >= 1; the lower one of two that are as near.
std::int64_t nearest_power_of_two(std::int64_t n);

/// `--min-distance` from "min_distance", `-n` from "n".
std::string flag_of(std::string_view name);

}  // namespace papilio::spectral
