/// A chain compiled for fitting: its networks' blocks are unknown, all else is known. Products with
/// the Jacobian cost O(n sum of radices) a signal, since the chain is linear in each stage.
///
/// The inner product of parameters is the real one, Re sum conj(u) v: a real part makes a chain
/// linear over the reals only.
#pragma once

#include <complex>
#include <cstdint>
#include <span>
#include <vector>

#include "train/pairs.h"
#include "transform/chain.h"

namespace papilio::train {

/// Signals worked on at once: enough lanes for any vector unit, few enough for the second cache.
inline constexpr std::int64_t kBatch = 16;

/// kBatch signals: position i has kBatch real parts at [2 i kBatch], then as many imaginary ones.
template <typename T>
using Batch = std::vector<T>;

/// Pairs cut into batches; the last one is filled up with zeros, which fit any chain.
template <typename T>
struct Batches {
  std::vector<Batch<T>> x;
  std::vector<Batch<T>> y;
  double power = 0.0;  ///< sum of |y|^2
};

template <typename T>
Batches<T> batches_of(const Pairs& pairs);

template <typename T>
using Parameters = std::vector<std::complex<T>>;

/// Steps [first, last) of a stack.
struct StepRange {
  std::size_t first = 0;
  std::size_t last = 0;
};

template <typename T>
class Stack {
 public:
  /// Throws UserError unless the networks are of block form, of order dit or stockham, of scale 1
  /// and without gates.
  explicit Stack(const transform::Chain& chain);

  /// The steps that are stages with unknown blocks, in order of application.
  const std::vector<std::size_t>& stages() const { return stages_; }
  StepRange all() const { return {0, steps_.size()}; }
  /// Where the parameters of step stages()[s] lie.
  std::span<std::complex<T>> block_values(Parameters<T>& values, std::size_t s) const;

  Parameters<T> parameters(const transform::Chain& chain) const;
  /// The chain with these parameters.
  transform::Chain with(transform::Chain chain, const Parameters<T>& values) const;

  /// Adds J^H (A x - y) to `gradient`, for the steps of `range`; sum of |A x - y|^2.
  double gradient(const Parameters<T>& at, const Batches<T>& data, StepRange range,
                  Parameters<T>& gradient) const;
  /// Sum of |A x - y|^2.
  double loss(const Parameters<T>& at, const Batches<T>& data) const;
  /// Writes J^H J v to `result`, for the steps of `range`; v and result are zero elsewhere.
  void normal_product(const Parameters<T>& at, const Batches<T>& data, StepRange range,
                      const Parameters<T>& v, Parameters<T>& result) const;

 private:
  enum class Kind : std::uint8_t { stage, permutation, diagonal, real_part };
  struct Step {
    Kind kind = Kind::stage;
    transform::StageShape shape;
    std::size_t first = 0;  ///< of its parameters
    std::vector<std::int32_t> source;
    Parameters<T> diagonal;
  };

  void add_network(const transform::Network& network);
  void forward(const Step& step, const Parameters<T>& values, const Batch<T>& in,
               Batch<T>& out) const;
  void backward(const Step& step, const Parameters<T>& values, const Batch<T>& out,
                Batch<T>& in) const;
  void run(const Parameters<T>& at, const Batch<T>& x, std::vector<Batch<T>>& states) const;
  /// Takes `cotangent` of the result back through `range`, adding to `result`.
  void pull_back(const Parameters<T>& at, const std::vector<Batch<T>>& states, StepRange range,
                 Batch<T> cotangent, Parameters<T>& result) const;

  std::int64_t n_ = 0;
  std::size_t count_ = 0;  ///< of parameters
  std::vector<Step> steps_;
  std::vector<std::size_t> stages_;
};

extern template class Stack<float>;
extern template class Stack<double>;

}  // namespace papilio::train
