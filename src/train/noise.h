/// Random rows for training, validation and test, which never share a draw, whatever their seeds:
/// what a stack is for is the lane of its generator (base/rng.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/rng.h"
#include "train/batch.h"

namespace papilio::train {

/// What a stack is for.
enum class Split : std::uint8_t { training = 1, validation = 2, test = 3 };

/// white: independent normal numbers. pink: power that falls as 1/f (P. Kellet's filter, within
/// 0.05 dB above 1/5000 of the sample rate); the rows of a stack are pieces of one stream. tones:
/// three complex exponentials (real: cosines) a row, of uniform frequency and phase and of levels
/// uniform over 40 dB. All of unit mean square: pink and white ones on average, tones row by row
/// (real tones on average).
enum class Noise : std::uint8_t { white, pink, tones };

/// white, pink, tones, in the order of the enumerators.
const std::vector<std::string>& noise_names();

/// A number of mean square 1: normal, or complex normal with independent parts.
Complex unit_sample(base::Rng& rng, bool real);

/// The stream of numbers that stack `number` of `seed` is drawn from.
base::Rng stream_of(Split split, std::uint64_t seed, std::uint64_t number);

/// `rows` rows of n values, real or complex: stack `number` of `seed`.
Batch noise_batch(Noise noise, Split split, std::uint64_t seed, std::uint64_t number,
                  std::int64_t rows, std::int64_t n, bool real);

}  // namespace papilio::train
