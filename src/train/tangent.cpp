// Dimension and bound.
#include "train/tangent.h"

#include <numeric>
#include <string>

#include "papilio/error.h"

namespace papilio::train {

std::int64_t tangent_dimension(const transform::Layout& layout) {
  validate(layout);
  const std::int64_t sum =
      std::accumulate(layout.radices.begin(), layout.radices.end(), std::int64_t{0});
  return layout.n * (sum - layout.stages() + 1);
}

double cramer_rao(double noise_variance, std::int64_t dimension, std::int64_t pairs) {
  if (!(noise_variance >= 0.0) || dimension < 1 || pairs < 1) {
    throw UserError(
        "[recover] the Cramer-Rao bound needs a noise variance of 0 or more and at least one "
        "dimension and one pair; give those");
  }
  return noise_variance * static_cast<double>(dimension) / static_cast<double>(pairs);
}

}  // namespace papilio::train
