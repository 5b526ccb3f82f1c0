/// A butterfly network: a permutation and a list of stages whose numbers are exact, learned or
/// random. A value; what it computes is in apply.h, how exact ones are made in inits.h.
#pragma once

#include <complex>
#include <cstdint>
#include <span>
#include <vector>

#include "base/permutation.h"
#include "transform/layout.h"

namespace papilio::transform {

using Complex = std::complex<double>;

/// What a block's parameters are. twiddle: y[i_q] = sum_j exp(-2 pi i q j / r) w_j x[i_j], w_0 = 1
/// not stored. block: y[i_.] = M x[i_.] with a free r x r matrix M.
enum class Form : std::uint8_t { twiddle, block };

/// The field of the parameters; real matrices need the block form.
enum class Field : std::uint8_t { complex, real };

/// dit: the permutation, then the stages first to last. stockham: the same product, sorted on the
/// way by whoever runs it. dif: the transpose of that product, of the same numbers in the same
/// places: the stages last to first, each block transposed, then the permutation undone.
enum class Order : std::uint8_t { dit, dif, stockham };

/// The sign of exp(-+ 2 pi i ...) in DFT_r and in the exact twiddles: - forward, + inverse.
enum class Direction : std::uint8_t { forward, inverse };

/// tied: blocks b of one stage with the same k = b mod m share their twiddles, one parameter for
/// each (k, j). They are held written out, so that readers need not know.
enum class Tying : std::uint8_t { untied, tied };

/// Which scale the exact transform has: numpy's three conventions, or none (1 in both directions).
enum class Norm : std::uint8_t { backward, ortho, forward, none };

/// real: n real samples give n/2 + 1 bins, by a complex network of n/2 points on x[2t] + i x[2t+1]
/// and a recombination stage.
enum class Input : std::uint8_t { complex, real };

/// All of a network but its numbers.
struct NetworkSpec {
  Layout layout;  ///< of the complex network: of n/2 points for real input
  Form form = Form::twiddle;
  Field field = Field::complex;
  Order order = Order::dit;  ///< of the complex network; a recombination is last in every order
  Direction direction = Direction::forward;
  Tying tying = Tying::untied;
  Norm norm = Norm::backward;
  Input input = Input::complex;

  /// Length of a signal.
  std::int64_t n() const { return input == Input::real ? 2 * layout.n : layout.n; }
  /// Length of a result: n, or n/2 + 1 bins for real input.
  std::int64_t outputs() const { return input == Input::real ? layout.n + 1 : layout.n; }
  friend bool operator==(const NetworkSpec&, const NetworkSpec&) = default;
};

/// The numbers of one stage, row-major as the files lay them out.
struct Stage {
  std::vector<Complex> parameters;  ///< twiddles [n/r, r-1], or blocks [n/r, r, r]
  std::vector<double> gates;        ///< [n/r] in [0, 1]: y = g B x + (1-g) x; empty: no gates
};

struct Network {
  NetworkSpec spec;
  double scale = 1.0;  ///< multiplies every output; spec.norm only names what the exact one is
  std::vector<std::int32_t> permutation;  ///< [layout.n]: position i reads x[permutation[i]]
  std::vector<Stage> stages;              ///< first stage first
  /// Real input: the n/2 twiddles w of X[k] = E[k] + w[k] O[k] for k < n/2 and X[n/2] = E[0] -
  /// w[0] O[0], where E and O are the spectra of the even and the odd samples. Else empty.
  std::vector<Complex> recombination;
};

/// Throws UserError, naming the stage and block, for lists of wrong lengths, what is no
/// permutation, numbers that are not finite, gates outside [0, 1], tied twiddles that differ,
/// imaginary parts in a real field, a scale of zero, and kinds that exclude each other.
void validate(const Network& network);

/// The same for what can be told without the numbers.
void validate(const NetworkSpec& spec);

using base::is_permutation;

/// The scale that norm and direction ask for: 1, 1/sqrt(n) or 1/n.
double exact_scale(const NetworkSpec& spec);

/// Parameters of stage s as held: n/r (r-1), or n r.
std::int64_t held_parameters(const NetworkSpec& spec, int s);

/// Which free parameter of stage s each held one is; the identity unless tied. Free parameters are
/// in the order of (k, j).
std::vector<std::int64_t> parameter_map(const NetworkSpec& spec, int s);

/// Free parameters of stage s: m (r-1) when tied, else as held.
std::int64_t free_parameters(const NetworkSpec& spec, int s);

/// Writes free parameters out into stage s. Throws UserError unless there are free_parameters.
void set_free(Network& network, int s, std::span<const Complex> values);

/// The free parameters of stage s: what set_free takes.
std::vector<Complex> get_free(const Network& network, int s);

/// How many numbers a network has.
struct ParameterCounts {
  std::int64_t held = 0;           ///< complex (or real) numbers of all stages, written out
  std::int64_t free = 0;           ///< the same, tied ones counted once
  std::int64_t gates = 0;          ///< real numbers
  std::int64_t recombination = 0;  ///< complex numbers
  std::int64_t reals = 0;          ///< real numbers that training moves: re and im count as two
  friend bool operator==(const ParameterCounts&, const ParameterCounts&) = default;
};

ParameterCounts count_parameters(const Network& network);

/// The network of the hard gates: each gate becomes 1 from 0.5 on, else 0.
Network harden(Network network);

}  // namespace papilio::transform
