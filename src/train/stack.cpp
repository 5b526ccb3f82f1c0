// Stages on batches. The inner loops run over kBatch signals with split real and imaginary parts,
// which compilers turn into vector code.
#include "train/stack.h"

#include <algorithm>
#include <string>
#include <utility>

#include "papilio/error.h"

namespace papilio::train {
namespace {

using transform::Chain;
using transform::Network;
using transform::StageShape;

constexpr std::int64_t kRow = 2 * kBatch;

/// sum += a x, for kBatch complex numbers x.
template <typename T>
void add_scaled(T* sum, std::complex<T> a, const T* x) {
  const T re = a.real();
  const T im = a.imag();
  for (std::int64_t c = 0; c < kBatch; ++c) {
    sum[c] += re * x[c] - im * x[kBatch + c];
    sum[kBatch + c] += re * x[kBatch + c] + im * x[c];
  }
}

/// sum of y conj(x) over the batch.
template <typename T>
std::complex<T> correlation(const T* y, const T* x) {
  T re[kBatch];
  T im[kBatch];
  for (std::int64_t c = 0; c < kBatch; ++c) {
    re[c] = y[c] * x[c] + y[kBatch + c] * x[kBatch + c];
    im[c] = y[kBatch + c] * x[c] - y[c] * x[kBatch + c];
  }
  T sum_re = 0;
  T sum_im = 0;
  for (std::int64_t c = 0; c < kBatch; ++c) {
    sum_re += re[c];
    sum_im += im[c];
  }
  return {sum_re, sum_im};
}

/// out += B in, for every block B of a stage, or out += B^H in.
template <typename T>
void multiply(const StageShape& shape, const std::complex<T>* values, bool adjoint, const T* in,
              T* out) {
  const std::int64_t r = shape.radix;
  for (std::int64_t b = 0; b < shape.blocks(); ++b) {
    const std::complex<T>* block = values + b * r * r;
    for (std::int64_t q = 0; q < r; ++q) {
      T* const row = out + kRow * shape.position(b, q);
      T sum[kRow];
      std::copy(row, row + kRow, sum);
      for (std::int64_t j = 0; j < r; ++j) {
        const std::complex<T> entry = adjoint ? std::conj(block[j * r + q]) : block[q * r + j];
        add_scaled(sum, entry, in + kRow * shape.position(b, j));
      }
      std::copy(sum, sum + kRow, row);
    }
  }
}

/// gradient += out in^H, for every block.
template <typename T>
void accumulate(const StageShape& shape, const T* out, const T* in, std::complex<T>* gradient) {
  const std::int64_t r = shape.radix;
  for (std::int64_t b = 0; b < shape.blocks(); ++b) {
    for (std::int64_t q = 0; q < r; ++q) {
      const T* row = out + kRow * shape.position(b, q);
      for (std::int64_t j = 0; j < r; ++j) {
        gradient[(b * r + q) * r + j] += correlation(row, in + kRow * shape.position(b, j));
      }
    }
  }
}

template <typename T>
double power_of(const Batch<T>& batch) {
  double sum = 0.0;
  for (const T value : batch) sum += static_cast<double>(value) * static_cast<double>(value);
  return sum;
}

template <typename T>
std::vector<Batch<T>> batches_of_rows(const transform::Matrix& rows) {
  std::vector<Batch<T>> list(static_cast<std::size_t>((rows.rows + kBatch - 1) / kBatch));
  for (Batch<T>& batch : list) batch.assign(static_cast<std::size_t>(kRow * rows.columns), T(0));
  for (std::int64_t p = 0; p < rows.rows; ++p) {
    T* const first = list[static_cast<std::size_t>(p / kBatch)].data() + p % kBatch;
    for (std::int64_t i = 0; i < rows.columns; ++i) {
      first[kRow * i] = static_cast<T>(rows.at(p, i).real());
      first[kRow * i + kBatch] = static_cast<T>(rows.at(p, i).imag());
    }
  }
  return list;
}

}  // namespace

template <typename T>
Batches<T> batches_of(const Pairs& pairs) {
  validate(pairs);
  Batches<T> batches{batches_of_rows<T>(pairs.x), batches_of_rows<T>(pairs.y)};
  for (const Batch<T>& y : batches.y) batches.power += power_of(y);
  return batches;
}

template Batches<float> batches_of(const Pairs& pairs);
template Batches<double> batches_of(const Pairs& pairs);

template <typename T>
Stack<T>::Stack(const Chain& chain) : n_(chain.n) {
  transform::validate(chain);
  for (const transform::Factor& factor : chain.factors) {
    if (const auto* network = std::get_if<Network>(&factor)) {
      add_network(*network);
      continue;
    }
    Step step;
    if (const auto* permutation = std::get_if<transform::Permutation>(&factor)) {
      step.kind = Kind::permutation;
      step.source = permutation->source;
    } else if (const auto* diagonal = std::get_if<transform::Diagonal>(&factor)) {
      step.kind = Kind::diagonal;
      step.diagonal.assign(diagonal->values.begin(), diagonal->values.end());
    } else {
      step.kind = Kind::real_part;
    }
    steps_.push_back(std::move(step));
  }
}

template <typename T>
void Stack<T>::add_network(const Network& network) {
  const bool gated = std::any_of(network.stages.begin(), network.stages.end(),
                                 [](const auto& stage) { return !stage.gates.empty(); });
  if (network.spec.form != transform::Form::block || network.scale != 1.0 || gated ||
      network.spec.order == transform::Order::dif) {
    throw UserError(
        "[recover] the networks of a fitted chain have block form, order dit or stockham, scale 1 "
        "and no gates; give such ones");
  }
  Step permutation;
  permutation.kind = Kind::permutation;
  permutation.source = network.permutation;
  steps_.push_back(std::move(permutation));
  for (int s = 0; s < network.spec.layout.stages(); ++s) {
    stages_.push_back(steps_.size());
    Step step;
    step.shape = network.spec.layout.stage(s);
    step.first = count_;
    count_ += static_cast<std::size_t>(step.shape.n * step.shape.radix);
    steps_.push_back(std::move(step));
  }
}

template <typename T>
std::span<std::complex<T>> Stack<T>::block_values(Parameters<T>& values, std::size_t s) const {
  const Step& step = steps_[stages_[s]];
  return {values.data() + step.first, static_cast<std::size_t>(step.shape.n * step.shape.radix)};
}

template <typename T>
Parameters<T> Stack<T>::parameters(const Chain& chain) const {
  Parameters<T> values;
  values.reserve(count_);
  for (const transform::Factor& factor : chain.factors) {
    const auto* network = std::get_if<Network>(&factor);
    if (network == nullptr) continue;
    for (const transform::Stage& stage : network->stages) {
      values.insert(values.end(), stage.parameters.begin(), stage.parameters.end());
    }
  }
  return values;
}

template <typename T>
Chain Stack<T>::with(Chain chain, const Parameters<T>& values) const {
  auto next = values.begin();
  for (transform::Factor& factor : chain.factors) {
    auto* network = std::get_if<Network>(&factor);
    if (network == nullptr) continue;
    for (transform::Stage& stage : network->stages) {
      for (auto& value : stage.parameters) value = std::complex<double>(*next++);
    }
  }
  return chain;
}

template <typename T>
void Stack<T>::forward(const Step& step, const Parameters<T>& values, const Batch<T>& in,
                       Batch<T>& out) const {
  out.assign(in.size(), T(0));
  if (step.kind == Kind::stage) {
    multiply(step.shape, values.data() + step.first, false, in.data(), out.data());
    return;
  }
  for (std::int64_t i = 0; i < n_; ++i) {
    T* const row = out.data() + kRow * i;
    if (step.kind == Kind::permutation) {
      const T* from = in.data() + kRow * step.source[static_cast<std::size_t>(i)];
      std::copy(from, from + kRow, row);
    } else if (step.kind == Kind::diagonal) {
      add_scaled(row, step.diagonal[static_cast<std::size_t>(i)], in.data() + kRow * i);
    } else {
      std::copy(in.data() + kRow * i, in.data() + kRow * i + kBatch, row);
    }
  }
}

template <typename T>
void Stack<T>::backward(const Step& step, const Parameters<T>& values, const Batch<T>& out,
                        Batch<T>& in) const {
  in.assign(out.size(), T(0));
  if (step.kind == Kind::stage) {
    multiply(step.shape, values.data() + step.first, true, out.data(), in.data());
    return;
  }
  for (std::int64_t i = 0; i < n_; ++i) {
    const T* row = out.data() + kRow * i;
    if (step.kind == Kind::permutation) {
      std::copy(row, row + kRow, in.data() + kRow * step.source[static_cast<std::size_t>(i)]);
    } else if (step.kind == Kind::diagonal) {
      add_scaled(in.data() + kRow * i, std::conj(step.diagonal[static_cast<std::size_t>(i)]), row);
    } else {
      std::copy(row, row + kBatch, in.data() + kRow * i);
    }
  }
}

template <typename T>
void Stack<T>::run(const Parameters<T>& at, const Batch<T>& x,
                   std::vector<Batch<T>>& states) const {
  states.resize(steps_.size() + 1);
  states[0] = x;
  for (std::size_t s = 0; s < steps_.size(); ++s) forward(steps_[s], at, states[s], states[s + 1]);
}

template <typename T>
void Stack<T>::pull_back(const Parameters<T>& at, const std::vector<Batch<T>>& states,
                         StepRange range, Batch<T> cotangent, Parameters<T>& result) const {
  Batch<T> next;
  for (std::size_t s = steps_.size(); s-- > range.first;) {
    const Step& step = steps_[s];
    if (step.kind == Kind::stage && s < range.last) {
      accumulate(step.shape, cotangent.data(), states[s].data(), result.data() + step.first);
    }
    if (s == range.first) return;
    backward(step, at, cotangent, next);
    std::swap(cotangent, next);
  }
}

template <typename T>
double Stack<T>::gradient(const Parameters<T>& at, const Batches<T>& data, StepRange range,
                          Parameters<T>& gradient) const {
  std::vector<Batch<T>> states;
  double sum = 0.0;
  for (std::size_t b = 0; b < data.x.size(); ++b) {
    run(at, data.x[b], states);
    Batch<T> residual = states.back();
    for (std::size_t i = 0; i < residual.size(); ++i) residual[i] -= data.y[b][i];
    sum += power_of(residual);
    pull_back(at, states, range, std::move(residual), gradient);
  }
  return sum;
}

template <typename T>
double Stack<T>::loss(const Parameters<T>& at, const Batches<T>& data) const {
  Parameters<T> none;
  return gradient(at, data, {steps_.size(), steps_.size()}, none);
}

template <typename T>
void Stack<T>::normal_product(const Parameters<T>& at, const Batches<T>& data, StepRange range,
                              const Parameters<T>& v, Parameters<T>& result) const {
  result.assign(count_, std::complex<T>(0));
  std::vector<Batch<T>> states;
  Batch<T> next;
  for (const Batch<T>& x : data.x) {
    run(at, x, states);
    Batch<T> tangent(x.size());
    for (std::size_t s = range.first; s < steps_.size(); ++s) {
      forward(steps_[s], at, tangent, next);
      if (steps_[s].kind == Kind::stage && s < range.last) {
        multiply(steps_[s].shape, v.data() + steps_[s].first, false, states[s].data(), next.data());
      }
      std::swap(tangent, next);
    }
    pull_back(at, states, range, std::move(tangent), result);
  }
}

template class Stack<float>;
template class Stack<double>;

}  // namespace papilio::train
