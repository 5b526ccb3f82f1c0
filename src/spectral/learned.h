/// Learned transforms in the place of the exact one: a network or a chain of them whose numbers are
/// known.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

#include "ir/graph.h"
#include "transform/chain.h"
#include "transform/network.h"

namespace papilio::spectral {

/// A network by itself, which may take real input, or factors that each map n numbers to n numbers.
struct LearnedTransform {
  std::variant<transform::Network, transform::Chain> model;

  /// Length of a signal.
  std::int64_t n() const;
  /// Whether it takes real samples only, and gives n/2 + 1 bins.
  bool real_input() const;
  /// Length of a result: n, or n/2 + 1 for real input.
  std::int64_t outputs() const { return real_input() ? n() / 2 + 1 : n(); }
};

/// The spectrum of frames x [.., n]: n bins of complex ones, n/2 + 1 of real ones, of which a
/// transform of complex numbers computes all n. `learned` is what computes them, nullptr the exact
/// unscaled transform. Throws UserError, tagged with the verb, for frames that `learned` does not
/// take.
ir::NodeId add_transform(ir::GraphBuilder& builder, ir::NodeId x, const LearnedTransform* learned,
                         std::string_view verb);

/// Output "fft" [rows, outputs] of rows of exactly `length` elements, which are cut or zero-padded
/// to n. Reads complex rows unless the input is real.
ir::Graph build_learned(const LearnedTransform& learned, std::int64_t length, DType compute);

}  // namespace papilio::spectral
