/// Training steps that stay on a device: parameters, what the optimiser remembers and gradients
/// never leave it; rows go in, a few numbers come out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "codegen/descent.h"
#include "ir/graph.h"

namespace papilio::runtime {

using codegen::Descent;
using codegen::StepFacts;

/// Used from one thread at a time: take() rows, start() a step on them, take() the next ones while
/// it runs, finish() it.
class Steps {
 public:
  virtual ~Steps() = default;

  /// Free parameters.
  virtual std::size_t size() const = 0;
  /// The state, 3 size() doubles: the free parameters, and the two vectors of the optimiser (means
  /// or velocities, and squares). No step may be under way.
  virtual void put(std::span<const double> state) = 0;
  virtual void get(std::span<double> state) const = 0;

  /// Rows of every input, dense, complex ones as pairs, in the compute type; read before it
  /// returns. Those of two steps at most are held.
  virtual void take(std::span<const std::span<const std::byte>> inputs) = 0;
  /// Queues a step on the rows that were taken first.
  virtual void start(const StepFacts& facts) = 0;
  /// Waits for it; what it was told and what it tells.
  virtual StepFacts finish() = 0;
};

/// For steps of `rows` rows. The graph's outputs are the loss and the gradient of every param.
/// Throws UserError for devices without such steps, which are all but GPUs, and as compile does.
std::unique_ptr<Steps> compile_steps(const ir::Graph& graph, const Descent& descent,
                                     const std::string& device, std::int64_t rows);

}  // namespace papilio::runtime
