/// The inverse reading of a network, written out as a network that whatever runs networks can run.
#pragma once

#include "transform/network.h"

namespace papilio::transform {

/// The network whose matrix is the inverse of that of `network`: every block, gate included, is
/// replaced by its inverse, and the order is turned around. Of real input the inverse of the
/// complex network of n/2 points, which undo_recombination stands before.
///
/// Throws UserError for an invalid network, and, naming stage and block, for a block that is
/// singular or whose condition number exceeds kMaxCondition.
Network inverse_network(const Network& network);

}  // namespace papilio::transform
