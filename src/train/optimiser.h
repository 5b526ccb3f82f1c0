/// Optimisers on one flat vector of real parameters, in double. What they remember can be saved and
/// put back bit for bit.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "train/lbfgs.h"

namespace papilio::train {

/// How much of the means and mean squares of Adam a step keeps.
inline constexpr double kBeta1 = 0.9, kBeta2 = 0.999;

/// A named vector of what an optimiser remembers.
struct OptimiserState {
  std::string name;
  std::vector<double> values;
};

/// The loss on the rows of one step, for optimisers that look further than at its gradient.
struct StepLoss {
  double value = 0.0;  ///< at the parameters
  Smooth evaluate;     ///< anywhere
  /// Writes a matrix of second derivatives at the parameters, times v: Gauss-Newton's.
  std::function<void(std::span<const double> v, std::span<double> product)> curvature;
};

class Optimiser {
 public:
  virtual ~Optimiser() = default;
  /// Moves `parameters` by one step. `gradient` and `loss` are those of the step's rows. Returns
  /// the rate of the step: `rate`, or what an optimiser with a step length of its own has chosen.
  virtual double step(std::span<double> parameters, std::span<const double> gradient, double rate,
                      const StepLoss& loss) = 0;
  /// Everything that the next step depends on.
  virtual std::vector<OptimiserState> save() const = 0;
  /// Takes back what save() gave. Throws UserError for anything else; the message, such as "it
  /// holds no mean of 8 values", goes on from the name of the file.
  virtual void load(std::span<const OptimiserState> state) = 0;
};

/// "sgd" (momentum 0.9, Polyak 1964), "adam" (Kingma and Ba 2015, beta 0.9 and 0.999, epsilon
/// 1e-8), "diagonal" (each coordinate divided by the root of the mean of its squared gradients so
/// far: Adagrad, Duchi, Hazan and Singer 2011, without a bias of its own), or one of
/// second_order.h: "lbfgs", "gauss-newton". Throws UserError for any other name.
std::unique_ptr<Optimiser> make_optimiser(std::string_view name, std::size_t size);

/// What make_optimiser knows.
const std::vector<std::string>& optimiser_names();

/// Whether it chooses the length of its steps itself, from more than one look at the loss.
bool is_second_order(std::string_view name);

/// The vector of that name. Throws UserError, as load() does, when there is none, or (`size` not 0)
/// when it is of another length.
const std::vector<double>& saved_vector(std::span<const OptimiserState> state,
                                        const std::string& name, std::size_t size);

}  // namespace papilio::train
