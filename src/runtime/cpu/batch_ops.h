/// One op on a block of items in memory, as a batch program runs it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "ir/graph.h"
#include "kernels/isa.h"
#include "runtime/cpu/batch_fusion.h"

namespace papilio::runtime::cpu {

/// An operand: items (rows, or the frames of rows) of `width` T, or one value that all of them
/// share.
template <typename T>
struct BatchOperand {
  const T* data = nullptr;
  std::int64_t length = 0;  ///< elements of an item
  bool complex = false;
  bool shared = false;
  std::int64_t items = 1;  ///< of a row

  std::int64_t width() const { return complex ? 2 * length : length; }
  const T* item(std::int64_t i) const { return shared ? data : data + i * width(); }
};

/// What a step works on.
template <typename T>
struct BatchCall {
  std::span<const BatchOperand<T>> in;
  T* out = nullptr;
  std::int64_t rows = 1;         ///< in this block; 1 for a shared result
  std::int64_t items = 1;        ///< of the result in this block; of a sum, of what it adds
  std::int64_t total_items = 1;  ///< of the run
  const T* table = nullptr;      ///< what BatchStep::prepare made
  T* work = nullptr;             ///< BatchStep::work values, aligned
  T* kept = nullptr;             ///< of a forward step and its gradient, or nullptr
};

template <typename T>
using Run = std::function<void(const BatchCall<T>&)>;

/// A node bound to its kernels: immutable, thread-safe.
template <typename T>
struct BatchStep {
  Run<T> run;
  std::int64_t work = 0;  ///< values of T
  /// Once a run, from the shared operands: a table of so many T, aligned; none: nothing to make.
  std::function<void(std::span<const BatchOperand<T>>, T* table)> prepare = {};
  std::int64_t table = 0;
  /// Values of T a row that a forward step can leave behind for its gradient; the same for both.
  std::int64_t kept = 0;
};

/// A sum over all rows, gathered in parts: `step.run` adds the rows of a block to the part at
/// `out`, which is `part` bytes of zeros at first.
template <typename T>
struct BatchSum {
  BatchStep<T> step;
  std::int64_t part = 0;
  /// The value of all parts, which lie `step` bytes apart, added in their order.
  std::function<void(std::byte* parts, std::int64_t step, std::int64_t count,
                     std::int64_t total_items, T* out)>
      finish;
};

/// The step of a node that is neither a port, a constant nor a sum over rows, for rows of
/// `samples`. Throws DeviceError for an op that has no kernel here.
template <typename T>
BatchStep<T> make_batch_step(const ir::Graph& graph, const ir::Node& node, const FusedNode& fused,
                             std::int64_t samples, kernels::Isa isa);

/// The sum of a node of space batch whose first input is of rows.
template <typename T>
BatchSum<T> make_batch_sum(const ir::Graph& graph, const ir::Node& node, const FusedNode& fused,
                           kernels::Isa isa);

}  // namespace papilio::runtime::cpu
