/// The shorter transforms inside a trained network. Decimation in time builds the transform of n
/// points from those of n' points that its first stages compute, n' being the product of their
/// radices: group g of n' positions holds one, with numbers of its own. How exact those are is what
/// a train x eval matrix shows: a network trained at n, evaluated at n'.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "transform/network.h"

namespace papilio::train {

/// The network of group g among the n / n' that the first stages of `network` hold. `points` is n',
/// a product of its first radices. Scaled as the exact one of n' points is.
transform::Network nested_network(const transform::Network& network, std::int64_t points,
                                  std::int64_t group);

/// Root mean square over the groups of the matrices' relative errors, against the exact `target`
/// (dft, idft or hadamard) of n' points; n' = n is the network itself. None where the network holds
/// no transform of n' points: n' > n, or no product of its first radices, or n' < n for real input.
///
/// Of twiddles, w_0 = 1 leaves no freedom between stages, so that an exact network is exact inside;
/// free blocks may trade factors with the next stage, and are then not.
std::optional<double> nested_error(const transform::Network& network, std::int64_t points,
                                   const std::string& target);

}  // namespace papilio::train
