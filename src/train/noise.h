/// Random rows for training, validation and test, from seeds that never meet: what a stack is for
/// is part of the stream that it is drawn from.
#pragma once

#include <cstdint>

#include "base/rng.h"
#include "train/objective.h"

namespace papilio::train {

enum class Purpose : std::uint8_t { training = 1, validation = 2, test = 3 };

/// `rows` rows of n values of unit mean square, real or complex normal; stack `number` of `seed`.
Batch noise_batch(Purpose purpose, std::uint64_t seed, std::uint64_t number, std::int64_t rows,
                  std::int64_t n, bool real);

}  // namespace papilio::train
