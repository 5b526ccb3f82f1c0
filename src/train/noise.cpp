#include "train/noise.h"

namespace papilio::train {

Batch noise_batch(Purpose purpose, std::uint64_t seed, std::uint64_t number, std::int64_t rows,
                  std::int64_t n, bool real) {
  base::Rng rng(seed, static_cast<std::uint64_t>(purpose) << 56 | number);
  Batch batch;
  batch.rows = rows;
  batch.inputs.reserve(static_cast<std::size_t>(rows * n));
  for (std::int64_t i = 0; i < rows * n; ++i) batch.inputs.push_back(unit_sample(rng, real));
  return batch;
}

}  // namespace papilio::train
