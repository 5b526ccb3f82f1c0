/// The numbers of networks as named tensors: what training moves, what graphs take as params.
#pragma once

#include <string>
#include <vector>

#include "transform/chain.h"
#include "transform/network.h"

namespace papilio::transform {

/// One tensor of numbers, named as the files name it.
struct Parameter {
  std::string name;
  bool complex = false;
  std::vector<double> values;  ///< complex: re, im interleaved

  std::int64_t count() const {
    return static_cast<std::int64_t>(values.size()) / (complex ? 2 : 1);
  }
};

/// Stage by stage `stage.<s>.twiddle` (the free ones, if tied) or `stage.<s>.block`, both real in a
/// real field, then `stage.<s>.gate` where the stage has gates; then `recombination.twiddle` of a
/// real input; then `scale`. Each name has the prefix in front, such as "encoder.".
std::vector<Parameter> get_parameters(const Network& network, const std::string& prefix = "");

/// Those of the factors in order: of networks, and the values of diagonals, `diagonal`. Where there
/// are several networks their names begin with "0.", "1." ..; several diagonals likewise.
std::vector<Parameter> get_parameters(const Chain& chain, const std::string& prefix = "");

/// Writes back what get_parameters gave, in its order; tied twiddles are written out. Throws
/// UserError, naming the tensor, for another number of tensors or values. Does not validate what
/// the values say.
void set_parameters(Network& network, const std::vector<Parameter>& parameters);
void set_parameters(Chain& chain, const std::vector<Parameter>& parameters);

}  // namespace papilio::transform
