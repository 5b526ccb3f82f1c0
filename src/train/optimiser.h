/// First-order optimisers on one flat vector of real parameters, in double. What they remember can
/// be saved and put back bit for bit.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace papilio::train {

/// A named vector of what an optimiser remembers.
struct OptimiserState {
  std::string name;
  std::vector<double> values;
};

class Optimiser {
 public:
  virtual ~Optimiser() = default;
  /// Moves `parameters` by one step against `gradient`.
  virtual void step(std::span<double> parameters, std::span<const double> gradient,
                    double rate) = 0;
  /// Everything that the next step depends on.
  virtual std::vector<OptimiserState> save() const = 0;
  /// Takes back what save() gave. Throws UserError when names or lengths differ.
  virtual void load(std::span<const OptimiserState> state) = 0;
};

/// "sgd" (momentum 0.9, Polyak 1964), "adam" (Kingma and Ba 2015, beta 0.9 and 0.999, epsilon 1e-8)
/// or "diagonal" (each coordinate divided by the root of the mean of its squared gradients so far:
/// Adagrad, Duchi, Hazan and Singer 2011, without a bias of its own). Throws UserError for any
/// other name.
std::unique_ptr<Optimiser> make_optimiser(std::string_view name, std::size_t size);

/// What make_optimiser knows.
const std::vector<std::string>& optimiser_names();

}  // namespace papilio::train
