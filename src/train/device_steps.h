/// Steps of a first-order optimiser that stay on a GPU, in the words of a training.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/steps.h"
#include "train/free_parameters.h"
#include "train/objective.h"
#include "train/optimiser.h"

namespace papilio::train {

/// Whether steps on a device of that name stay there.
bool stays_on_device(std::string_view device);

/// What such a device's bits depend on: " cuda sm_90"; "" for others.
std::string device_kind(std::string_view device);

/// Optimisers with such steps.
const std::vector<std::string>& device_optimiser_names();

class DeviceSteps {
 public:
  DeviceSteps(const Objective& objective, const FreeParameters& free, const std::string& optimiser,
              double clip, std::int64_t rows);

  /// Free parameters and what the optimiser remembers, to the device and back, bit for bit.
  void put(std::span<const double> values, const std::vector<OptimiserState>& state);
  void get(std::span<double> values, Optimiser& optimiser) const;

  /// Whether the next step has its rows.
  bool has_rows() const { return taken_ > started_; }
  void take(const PreparedBatch& batch);
  /// Queues a step.
  void start(double rate);
  /// What the step tells once it is done. `bad`: the first of all numbers whose gradient is not
  /// finite, or as many as there are; then, or if the loss is not finite, nothing has moved.
  struct Told {
    double loss = 0.0;
    double gradient_norm = 0.0;
    std::size_t bad = 0;
  };
  Told finish();

 private:
  std::string optimiser_;
  double clip_;
  std::size_t numbers_;
  bool targets_;
  std::unique_ptr<runtime::Steps> steps_;
  double count_ = 0.0;  ///< steps so far, as the optimiser counts them
  std::int64_t taken_ = 0, started_ = 0;
};

}  // namespace papilio::train
