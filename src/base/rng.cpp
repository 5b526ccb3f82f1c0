// SplitMix64 and the distributions on it.
#include "base/rng.h"

#include <cmath>
#include <numbers>

namespace papilio::base {
namespace {

constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15u;  // 2^64 / golden ratio, odd

std::uint64_t hash(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

}  // namespace

// Seeds are hashed, twice with the stream between, so that neighbouring seeds and streams do not
// start as neighbours on the one cycle that all share.
Rng::Rng(std::uint64_t seed, std::uint64_t stream)
    : counter_(hash(hash(seed + kStep) ^ (stream * kStep))) {}

std::uint64_t Rng::bits() {
  counter_ += kStep;
  return hash(counter_);
}

double Rng::uniform() { return static_cast<double>(bits() >> 11) * 0x1p-53; }

std::uint64_t Rng::below(std::uint64_t count) {
  // Rejecting the incomplete last round of residues leaves every result equally likely.
  const std::uint64_t first = (0 - count) % count;
  for (;;) {
    const std::uint64_t drawn = bits();
    if (drawn >= first) return drawn % count;
  }
}

double Rng::normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));  // 1 - u is never 0
  const double angle = 2.0 * std::numbers::pi * uniform();
  spare_ = radius * std::sin(angle);
  has_spare_ = true;
  return radius * std::cos(angle);
}

}  // namespace papilio::base
