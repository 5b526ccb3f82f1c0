/// From free blocks to twiddles, for matrices that have them.
#pragma once

#include <optional>
#include <string>

#include "transform/network.h"

namespace papilio::train {

struct TwiddleForm {
  std::optional<transform::Network> network;  ///< of twiddle form; empty when impossible
  std::string obstacle;                       ///< why there is none: the place, and how far off
};

/// The network of twiddle form with the matrix of `blocks`, a complex network of block form.
///
/// Blocks are unique up to diagonal matrices between the stages. From the first stage on, a block M
/// becomes diag(a) DFT_r diag(1, w_1 ..) with a_q = M[q, 0], and a goes into the columns of the
/// next stage; a matrix without zeros has a twiddle form exactly if each block fits within
/// `tolerance` (the largest error relative to a_q) and one real number is left for all outputs, the
/// scale.
///
/// `direction` gives the sign in DFT_r. With tying tied, twiddles of one stage that should be equal
/// and are within tolerance become their mean. Throws UserError for a network of other kinds.
TwiddleForm to_twiddles(const transform::Network& blocks, transform::Direction direction,
                        transform::Tying tying, double tolerance);

}  // namespace papilio::train
