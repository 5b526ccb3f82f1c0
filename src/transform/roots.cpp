// Roots of unity by folding the angle into the first octant.
#include "transform/roots.h"

#include <cmath>
#include <numbers>
#include <utility>

namespace papilio::transform {

std::complex<double> unit_root(std::int64_t k, std::int64_t n) {
  // The angle is turn / (8 n) of a turn; octant by octant it is mirrored into [0, 1/8].
  std::int64_t turn = 8 * (((k % n) + n) % n);
  bool below = false;
  bool left = false;
  bool swapped = false;
  if (turn > 4 * n) {
    turn = 8 * n - turn;
    below = true;
  }
  if (turn > 2 * n) {
    turn = 4 * n - turn;
    left = true;
  }
  if (turn > n) {
    turn = 2 * n - turn;
    swapped = true;
  }
  const long double angle = std::numbers::pi_v<long double> * static_cast<long double>(turn) /
                            (4.0L * static_cast<long double>(n));
  double cosine = static_cast<double>(std::cos(angle));
  double sine = static_cast<double>(turn == n ? std::cos(angle) : std::sin(angle));
  if (swapped) std::swap(cosine, sine);
  if (left) cosine = -cosine;
  return {cosine, below ? sine : 0.0 - sine};
}

}  // namespace papilio::transform
