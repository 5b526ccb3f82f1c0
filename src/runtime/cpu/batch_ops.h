/// One op on a block of items in memory, as a batch program runs it.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "ir/graph.h"
#include "kernels/isa.h"

namespace papilio::runtime::cpu {

/// An operand: `items` rows of `width` T, or one value that all of them share.
template <typename T>
struct BatchOperand {
  const T* data = nullptr;
  std::int64_t length = 0;  ///< elements of an item
  bool complex = false;
  bool shared = false;

  std::int64_t width() const { return complex ? 2 * length : length; }
  const T* item(std::int64_t i) const { return shared ? data : data + i * width(); }
};

/// What a step works on.
template <typename T>
struct BatchCall {
  std::span<const BatchOperand<T>> in;
  T* out = nullptr;
  std::int64_t items = 1;        ///< in this block; 1 for a shared result
  std::int64_t total_items = 1;  ///< of the run
  T* work = nullptr;             ///< BatchStep::work values
};

/// A node bound to its kernels and tables: immutable, thread-safe.
template <typename T>
struct BatchStep {
  std::function<void(const BatchCall<T>&)> run;
  std::int64_t work = 0;
};

/// The step of a node that is neither a port, a constant nor a sum over rows. Throws DeviceError
/// for an op that has no kernel here.
template <typename T>
BatchStep<T> make_batch_step(const ir::Graph& graph, const ir::Node& node, kernels::Isa isa);

}  // namespace papilio::runtime::cpu
