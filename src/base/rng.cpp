// SplitMix64 and the distributions on it.
#include "base/rng.h"

#include <array>
#include <cmath>

namespace papilio::base {
namespace {

constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15u;  // 2^64 / golden ratio, odd
constexpr std::uint64_t kLanes = 3;  // the bits of the counter that tell lanes apart

std::uint64_t hash(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

// 256 layers of equal area cover the density exp(-x^2 / 2): the lowest is a rectangle up to
// kTailBegin and the tail beyond it, each other a rectangle from 0 to its edge.
constexpr int kLayers = 256;
constexpr double kTailBegin = 3.6541528853610088, kLayerArea = 0.00492867323399;

double density(double x) { return std::exp(-0.5 * x * x); }

/// Edges of the layers from the lowest up: that of a rectangle as large as the lowest layer with
/// its tail, kTailBegin, .., 0.
const std::array<double, kLayers + 1>& layer_edges() {
  static const auto edges = [] {
    std::array<double, kLayers + 1> edge{};
    edge[0] = kLayerArea / density(kTailBegin);
    edge[1] = kTailBegin;
    for (std::size_t i = 1; i + 1 < kLayers; ++i) {
      edge[i + 1] = std::sqrt(-2.0 * std::log(kLayerArea / edge[i] + density(edge[i])));
    }
    return edge;
  }();
  return edges;
}

}  // namespace

// Seeds are hashed, twice with the stream between, so that neighbouring seeds and streams do not
// start as neighbours on the one cycle that all share.
Rng::Rng(std::uint64_t seed, std::uint64_t stream, unsigned lane)
    : counter_((hash(hash(seed + kStep) ^ (stream * kStep)) & ~kLanes) | (lane & kLanes)) {}

// Four steps at once leave the lane as it is, and hash maps no two numbers to one.
std::uint64_t Rng::bits() {
  counter_ += 4 * kStep;
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
  static const auto& edge = layer_edges();
  for (;;) {
    const std::uint64_t drawn = bits();
    const std::size_t layer = drawn % kLayers;
    const double side = static_cast<double>(static_cast<std::int64_t>(drawn) >> 11) * 0x1p-52;
    const double x = side * edge[layer];
    if (std::abs(x) < edge[layer + 1]) return x;  // under the density for sure
    if (layer == 0) return std::copysign(tail(), side);
    const double low = density(edge[layer]), high = density(edge[layer + 1]);
    if (low + uniform() * (high - low) < density(x)) return x;
  }
}

// Marsaglia 1964; 1 - u is never 0.
double Rng::tail() {
  for (;;) {
    const double beyond = -std::log(1.0 - uniform()) / kTailBegin;
    if (-2.0 * std::log(1.0 - uniform()) > beyond * beyond) return kTailBegin + beyond;
  }
}

}  // namespace papilio::base
