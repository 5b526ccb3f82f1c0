// Gradient descent with momentum, Adam, diagonal preconditioning.
#include "train/optimiser.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "papilio/error.h"
#include "train/second_order.h"

namespace papilio::train {
namespace {

constexpr double kMomentum = 0.9, kEpsilon = 1e-8;

void take_back(std::span<const OptimiserState> state, const std::string& name,
               std::vector<double>& values) {
  values = saved_vector(state, name, values.size());
}

/// What is 0 or more in every state that a training reaches.
void take_back_sizes(std::span<const OptimiserState> state, const std::string& name,
                     std::vector<double>& values) {
  take_back(state, name, values);
  if (std::all_of(values.begin(), values.end(), [](double value) { return value >= 0.0; })) return;
  throw UserError("its " + name + " is negative");
}

class Sgd final : public Optimiser {
 public:
  explicit Sgd(std::size_t size) : velocity_(size, 0.0) {}

  double step(std::span<double> parameters, std::span<const double> gradient, double rate,
              const StepLoss&) override {
    for (std::size_t i = 0; i < velocity_.size(); ++i) {
      velocity_[i] = kMomentum * velocity_[i] + gradient[i];
      parameters[i] -= rate * velocity_[i];
    }
    return rate;
  }
  std::vector<OptimiserState> save() const override { return {{"velocity", velocity_}}; }
  void load(std::span<const OptimiserState> state) override {
    take_back(state, "velocity", velocity_);
  }

 private:
  std::vector<double> velocity_;
};

class Adam final : public Optimiser {
 public:
  explicit Adam(std::size_t size) : steps_(1, 0.0), mean_(size, 0.0), square_(size, 0.0) {}

  double step(std::span<double> parameters, std::span<const double> gradient, double rate,
              const StepLoss&) override {
    steps_[0] += 1.0;
    // Divided by once for all: a division costs as much as the rest of an element.
    const double mean_rate = rate / (1.0 - std::pow(kBeta1, steps_[0]));
    const double square_factor = 1.0 / (1.0 - std::pow(kBeta2, steps_[0]));
    for (std::size_t i = 0; i < mean_.size(); ++i) {
      mean_[i] += (1.0 - kBeta1) * (gradient[i] - mean_[i]);
      square_[i] += (1.0 - kBeta2) * (gradient[i] * gradient[i] - square_[i]);
      parameters[i] -= mean_rate * mean_[i] / (std::sqrt(square_[i] * square_factor) + kEpsilon);
    }
    return rate;
  }
  std::vector<OptimiserState> save() const override {
    return {{"steps", steps_}, {"mean", mean_}, {"square", square_}};
  }
  void load(std::span<const OptimiserState> state) override {
    take_back_sizes(state, "steps", steps_);
    take_back(state, "mean", mean_);
    take_back_sizes(state, "square", square_);
  }

 private:
  std::vector<double> steps_, mean_, square_;
};

class Diagonal final : public Optimiser {
 public:
  explicit Diagonal(std::size_t size) : steps_(1, 0.0), square_(size, 0.0) {}

  double step(std::span<double> parameters, std::span<const double> gradient, double rate,
              const StepLoss&) override {
    steps_[0] += 1.0;
    for (std::size_t i = 0; i < square_.size(); ++i) {
      square_[i] += gradient[i] * gradient[i];
      parameters[i] -= rate * gradient[i] / (std::sqrt(square_[i] / steps_[0]) + kEpsilon);
    }
    return rate;
  }
  std::vector<OptimiserState> save() const override {
    return {{"steps", steps_}, {"square", square_}};
  }
  void load(std::span<const OptimiserState> state) override {
    take_back_sizes(state, "steps", steps_);
    take_back_sizes(state, "square", square_);
  }

 private:
  std::vector<double> steps_, square_;
};

}  // namespace

const std::vector<double>& saved_vector(std::span<const OptimiserState> state,
                                        const std::string& name, std::size_t size) {
  const auto found = std::find_if(state.begin(), state.end(),
                                  [&](const OptimiserState& s) { return s.name == name; });
  if (found == state.end() || (size != 0 && found->values.size() != size)) {
    throw UserError("it holds no " + name + " of " + std::to_string(size) + " values");
  }
  return found->values;
}

bool is_second_order(std::string_view name) { return name == "lbfgs" || name == "gauss-newton"; }

const std::vector<std::string>& optimiser_names() {
  static const std::vector<std::string> names{"sgd", "adam", "diagonal", "lbfgs", "gauss-newton"};
  return names;
}

std::unique_ptr<Optimiser> make_optimiser(std::string_view name, std::size_t size) {
  if (name == "sgd") return std::make_unique<Sgd>(size);
  if (name == "adam") return std::make_unique<Adam>(size);
  if (name == "diagonal") return std::make_unique<Diagonal>(size);
  if (is_second_order(name)) return make_second_order(name, size);
  throw UserError("[train] no optimiser is called " + std::string(name) +
                  base::did_you_mean(std::string(name), optimiser_names()) + "; choose one of " +
                  base::join(optimiser_names()));
}

}  // namespace papilio::train
