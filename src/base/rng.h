/// Random numbers that are the same for a seed on every platform: std's distributions are not
/// (their algorithms are the library's choice).
#pragma once

#include <cstdint>

namespace papilio::base {

/// SplitMix64 (Steele, Lea, Flood 2014): a hashed counter, so that two streams of one seed are
/// unrelated. A small value; not for cryptography.
class Rng {
 public:
  /// `lane`, from 0 to 3, is the two lowest bits of the counter, for good: generators of different
  /// lanes never draw the same 64 bits, whatever their seeds and streams.
  explicit Rng(std::uint64_t seed, std::uint64_t stream = 0, unsigned lane = 0);

  /// 64 random bits.
  std::uint64_t bits();
  /// Uniform in [0, 1), a multiple of 2^-53.
  double uniform();
  /// Uniform whole number in [0, count); count >= 1.
  std::uint64_t below(std::uint64_t count);
  /// Standard normal, by the ziggurat of 256 layers (Marsaglia and Tsang 2000, with the layer and
  /// the place in it from different bits of one draw: Doornik 2005).
  double normal();

 private:
  /// Normal, given that it is beyond the ziggurat's lowest layer.
  double tail();

  std::uint64_t counter_;
};

}  // namespace papilio::base
