// Shared by the tests of butterfly plans: the op as numerics.md writes it, in double with plain
// loops, and runs of a plan on rows that lie anywhere.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstdint>
#include <limits>
#include <numbers>
#include <numeric>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "base/buffer.h"
#include "ir/attrs.h"
#include "kernels/isa.h"
#include "runtime/cpu/butterfly_plan.h"

namespace papilio::runtime::testing {

using Complex = std::complex<double>;
using Values = std::vector<Complex>;

/// Normal deviates that float holds exactly.
inline Values random_complex(std::int64_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  Values values(static_cast<std::size_t>(count));
  for (Complex& value : values) {
    value.real(static_cast<double>(normal(random)));
    value.imag(static_cast<double>(normal(random)));
  }
  return values;
}

/// What the plan is tested on: attributes, and what they say in plain loops.
struct PlainButterfly {
  ir::ButterflyAttrs attrs;

  std::int64_t n() const {
    std::int64_t product = 1;
    for (const int radix : attrs.radices) product *= radix;
    return product;
  }
  std::int64_t per_block(int s) const {
    const int r = attrs.radices[static_cast<std::size_t>(s)];
    return attrs.block ? r * r : r - 1;
  }
  std::int64_t parameters() const {
    std::int64_t count = 0;
    for (int s = attrs.first; s < attrs.last; ++s) {
      count += n() / attrs.radices[static_cast<std::size_t>(s)] * per_block(s);
    }
    return count;
  }
  /// Calls body(radix, position of input 0, stride, first parameter) for the blocks of stage s.
  template <class Body>
  void for_blocks(int s, Body&& body) const {
    std::int64_t m = 1, at = 0;
    for (int before = 0; before < s; ++before) {
      const int r = attrs.radices[static_cast<std::size_t>(before)];
      if (before >= attrs.first) at += n() / r * per_block(before);
      m *= r;
    }
    const std::int64_t r = attrs.radices[static_cast<std::size_t>(s)];
    for (std::int64_t b = 0; b < n() / r; ++b, at += per_block(s)) {
      body(r, r * m * (b / m) + b % m, m, static_cast<std::size_t>(at));
    }
  }
  /// M_qj, and dM_qj/dw_j where there are twiddles.
  Complex root(std::int64_t q, std::int64_t j, std::int64_t r) const {
    const double sign = attrs.inverse && !attrs.block ? 2 : -2;
    return std::polar(1.0, sign * std::numbers::pi * double(q * j % r) / double(r));
  }
  Complex entry(const Values& p, std::size_t at, std::int64_t q, std::int64_t j,
                std::int64_t r) const {
    if (attrs.block) return p[at + static_cast<std::size_t>(q * r + j)];
    if (j == 0) return attrs.linear ? 0.0 : 1.0;
    return root(q, j, r) * p[at + static_cast<std::size_t>(j - 1)];
  }
  Values run_stage(int s, const Values& p, const Values& x) const {
    Values y(x.size());
    for_blocks(s, [&](std::int64_t r, std::int64_t i0, std::int64_t m, std::size_t at) {
      for (std::int64_t q = 0; q < r; ++q) {
        for (std::int64_t j = 0; j < r; ++j) {
          const auto row = static_cast<std::size_t>(i0 + m * q);
          const auto column = static_cast<std::size_t>(i0 + m * j);
          const Complex value = entry(p, at, q, j, r);
          if (attrs.transposed) {
            y[column] += value * x[row];
          } else {
            y[row] += value * x[column];
          }
        }
      }
    });
    return y;
  }
  std::vector<int> order() const {
    std::vector<int> stages;
    for (int s = attrs.first; s < attrs.last; ++s) stages.push_back(s);
    if (attrs.transposed) std::reverse(stages.begin(), stages.end());
    return stages;
  }
  /// z[i] = x[permutation[i]], or undone.
  Values permuted(const Values& x, bool undone) const {
    if (attrs.permutation == nullptr) return x;
    Values z(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
      const auto at = static_cast<std::size_t>((*attrs.permutation)[i]);
      (undone ? z[at] : z[i]) = undone ? x[i] : x[at];
    }
    return z;
  }
  Values forward(const Values& p, const Values& x) const {
    Values y = attrs.transposed ? x : permuted(x, false);
    for (const int s : order()) y = run_stage(s, p, y);
    return attrs.transposed ? permuted(y, true) : y;
  }
  /// dx = A^H g; dp += the gradient by p.
  Values backward(const Values& p, const Values& x, const Values& g, Values& dp) const {
    std::vector<Values> inputs{attrs.transposed ? x : permuted(x, false)};
    for (const int s : order()) inputs.push_back(run_stage(s, p, inputs.back()));
    Values back = attrs.transposed ? permuted(g, false) : g;
    const std::vector<int> stages = order();
    for (std::size_t i = stages.size(); i-- > 0;) {
      back = stage_backward(stages[i], p, inputs[i], back, dp);
    }
    return attrs.transposed ? back : permuted(back, true);
  }
  Values stage_backward(int s, const Values& p, const Values& x, const Values& g,
                        Values& dp) const {
    Values dx(x.size());
    for_blocks(s, [&](std::int64_t r, std::int64_t i0, std::int64_t m, std::size_t at) {
      for (std::int64_t q = 0; q < r; ++q) {
        for (std::int64_t j = 0; j < r; ++j) {
          const auto row = static_cast<std::size_t>(i0 + m * q);
          const auto column = static_cast<std::size_t>(i0 + m * j);
          const std::size_t out = attrs.transposed ? column : row;
          const std::size_t in = attrs.transposed ? row : column;
          dx[in] += std::conj(entry(p, at, q, j, r)) * g[out];
          const Complex dm = g[out] * std::conj(x[in]);
          if (attrs.block) {
            dp[at + static_cast<std::size_t>(q * r + j)] += dm;
          } else if (j > 0) {
            dp[at + static_cast<std::size_t>(j - 1)] += std::conj(root(q, j, r)) * dm;
          }
        }
      }
    });
    return dx;
  }
  std::string name() const {
    std::ostringstream text;
    text << (attrs.block ? "block" : "twiddle") << (attrs.linear ? " linear" : "")
         << (attrs.inverse ? " inverse" : "") << (attrs.transposed ? " transposed" : "")
         << (attrs.permutation != nullptr ? " permuted" : "") << " [" << attrs.first << ", "
         << attrs.last << ") of";
    for (const int radix : attrs.radices) text << ' ' << radix;
    return text.str();
  }
};

/// Twiddles or blocks that keep the size of what passes through about the same, exact in float.
inline Values random_parameters(const PlainButterfly& net, unsigned seed) {
  Values p = random_complex(net.parameters(), seed);
  for (int s = net.attrs.first; s < net.attrs.last; ++s) {
    net.for_blocks(s, [&](std::int64_t r, std::int64_t, std::int64_t, std::size_t at) {
      const double scale = net.attrs.block ? std::sqrt(0.5 / double(r)) : std::sqrt(0.5);
      for (std::int64_t i = 0; i < net.per_block(s); ++i) {
        Complex& value = p[at + static_cast<std::size_t>(i)];
        value = {double(float(value.real() * scale)), double(float(value.imag() * scale))};
      }
    });
  }
  return p;
}

/// Rows `step` complex values apart, `offset` T behind a cache line, NaN between them.
template <typename T>
struct ScatteredRows {
  ScatteredRows(std::int64_t rows, std::int64_t n, std::int64_t step, std::int64_t offset)
      : count(rows), size(n), first(offset), memory(offset + 2 * rows * step + 2, kGap) {
    view = {reinterpret_cast<std::complex<T>*>(memory.data() + offset), step};
  }
  /// Other rows that lie likewise.
  ScatteredRows empty() const { return ScatteredRows(count, size, view.step, first); }
  void set(std::int64_t row, const Values& values) {
    for (std::int64_t i = 0; i < size; ++i) {
      const Complex value = values[static_cast<std::size_t>(i)];
      view.from(row).values[i] = {static_cast<T>(value.real()), static_cast<T>(value.imag())};
    }
  }
  Values get(std::int64_t row) const {
    const std::complex<T>* from = view.from(row).values;
    return Values(from, from + size);
  }
  /// Whether nothing was written but the rows.
  bool gaps_untouched() const {
    for (std::int64_t i = 0; i < static_cast<std::int64_t>(memory.size()); ++i) {
      const std::int64_t at = i - first, row = at < 0 ? count : at / (2 * view.step);
      const bool inside = row < count && at - 2 * view.step * row < 2 * size;
      if (!inside && !std::isnan(memory.data()[i])) return false;
    }
    return true;
  }
  static constexpr T kGap = std::numeric_limits<T>::quiet_NaN();
  struct Memory {
    Memory(std::int64_t values, T fill) : buffer(static_cast<std::size_t>(values)) {
      std::fill_n(buffer.data(), buffer.size(), fill);
    }
    T* data() { return buffer.data(); }
    const T* data() const { return buffer.data(); }
    std::size_t size() const { return buffer.size(); }
    base::Buffer<T> buffer;
  };
  std::int64_t count, size, first;
  Memory memory;
  kernels::PairRows<T> view;
};

/// ||got - want|| / ||want||; NaN is an infinite error.
inline double relative_error(const Values& got, const Values& want) {
  double error = 0, norm = 0;
  for (std::size_t i = 0; i < want.size(); ++i) {
    error += std::norm(got[i] - want[i]);
    norm += std::norm(want[i]);
  }
  const double relative = norm > 0 ? std::sqrt(error / norm) : std::sqrt(error);
  return std::isnan(relative) ? HUGE_VAL : relative;
}

/// How the rows of a case lie.
struct Places {
  std::int64_t rows = 1;
  std::int64_t gap = 0;     ///< complex values between rows
  std::int64_t offset = 0;  ///< T
  bool wants_dx = true;
  kernels::Writes writes = kernels::Writes::cached;
};

/// Largest errors of a run against the plain loops.
struct Errors {
  double forward = 0, dx = 0, dp = 0;
};

template <typename T>
void expect_rows(const ScatteredRows<T>& got, const std::vector<Values>& want, double& worst) {
  for (std::size_t row = 0; row < want.size(); ++row) {
    const Values values = got.get(static_cast<std::int64_t>(row));
    worst = std::max(worst, relative_error(values, want[row]));
  }
}

/// Runs forward and backward of a plan and compares.
template <typename T>
Errors errors_of(const PlainButterfly& net, kernels::Isa isa, const Places& at) {
  const std::int64_t n = net.n(), step = n + at.gap;
  const ButterflyPlan<T> plan(net.attrs, isa);
  EXPECT_EQ(plan.parameters(), net.parameters());
  const Values p = random_parameters(net, 1);
  const std::vector<std::complex<T>> narrow(p.begin(), p.end());
  base::Buffer<T> table(static_cast<std::size_t>(plan.table_size()));
  base::Buffer<T> gradient(static_cast<std::size_t>(plan.table_size()));
  base::Buffer<T> work(
      static_cast<std::size_t>(std::max(plan.work_size(), plan.backward_work_size())));
  std::fill_n(work.data(), work.size(), ScatteredRows<T>::kGap);
  std::fill_n(gradient.data(), gradient.size(), T(0));
  plan.pack(narrow.data(), table.data());
  ScatteredRows<T> x(at.rows, n, step, at.offset), g = x.empty(), y = x.empty(), dx = x.empty();
  std::vector<Values> want_y, want_dx;
  Values want_dp(p.size());
  for (std::int64_t row = 0; row < at.rows; ++row) {
    const Values xs = random_complex(n, static_cast<unsigned>(2 * row + 2));
    const Values gs = random_complex(n, static_cast<unsigned>(2 * row + 3));
    x.set(row, xs);
    g.set(row, gs);
    want_y.push_back(net.forward(p, xs));
    want_dx.push_back(net.backward(p, xs, gs, want_dp));
  }
  plan.forward(table.data(), x.view, y.view, at.rows, work.data(), at.writes);
  const kernels::PairRows<T> unwanted{nullptr, 0};
  plan.backward(table.data(), x.view, g.view, at.wants_dx ? dx.view : unwanted, at.rows,
                gradient.data(), work.data());
  std::vector<std::complex<T>> dp(p.size(), std::complex<T>(1, -2));
  plan.unpack_add(gradient.data(), dp.data());
  Values got_dp(dp.begin(), dp.end());
  for (Complex& value : got_dp) value -= Complex(1, -2);
  Errors errors;
  expect_rows(y, want_y, errors.forward);
  if (at.wants_dx) expect_rows(dx, want_dx, errors.dx);
  errors.dp = relative_error(got_dp, want_dp);
  EXPECT_TRUE(x.gaps_untouched() && y.gaps_untouched() && dx.gaps_untouched()) << net.name();
  return errors;
}

/// Bounds of numerics.md: forward and gradients, relative L2.
template <typename T>
void expect_right(const PlainButterfly& net, kernels::Isa isa, const Places& at = {}) {
  SCOPED_TRACE(net.name() + ", rows " + std::to_string(at.rows));
  const Errors errors = errors_of<T>(net, isa, at);
  const bool single = sizeof(T) == 4;
  EXPECT_LE(errors.forward, single ? 1e-6 : 5e-15);
  EXPECT_LE(errors.dx, single ? 1e-6 : 5e-15);
  EXPECT_LE(errors.dp, single ? 2e-6 : 1e-14);
}

/// All stages, in order.
inline PlainButterfly plain_network(std::vector<int> radices, bool block = false) {
  PlainButterfly net;
  net.attrs.last = static_cast<int>(radices.size());
  net.attrs.radices = std::move(radices);
  net.attrs.block = block;
  return net;
}

inline PlainButterfly with_permutation(PlainButterfly net, std::vector<std::int32_t> permutation) {
  net.attrs.permutation = std::make_shared<const std::vector<std::int32_t>>(std::move(permutation));
  return net;
}

inline PlainButterfly digit_reversed(PlainButterfly net) {
  return with_permutation(net, transform::digit_reversal(transform::layout_of(net.attrs.radices)));
}

inline PlainButterfly shuffled(PlainButterfly net) {
  std::vector<std::int32_t> order(static_cast<std::size_t>(net.n()));
  std::iota(order.begin(), order.end(), 0);
  std::shuffle(order.begin(), order.end(), std::mt19937(5));
  return with_permutation(net, std::move(order));
}

inline PlainButterfly transposed(PlainButterfly net) {
  net.attrs.transposed = true;
  return net;
}

inline PlainButterfly inverse(PlainButterfly net) {
  net.attrs.inverse = true;
  return net;
}

inline PlainButterfly linear(PlainButterfly net) {
  net.attrs.linear = true;
  return net;
}

/// Tests with this fixture run once per instruction set; absent ones are visible skips.
class EveryIsa : public ::testing::TestWithParam<kernels::Isa> {
 protected:
  void SetUp() override {
    const std::vector<kernels::Isa> usable = kernels::usable_isas();
    if (std::find(usable.begin(), usable.end(), GetParam()) == usable.end()) {
      GTEST_SKIP() << kernels::name_of(GetParam()) << " is not usable here";
    }
  }
};

#define PAPILIO_EVERY_ISA(fixture)                                                    \
  INSTANTIATE_TEST_SUITE_P(                                                           \
      Isa, fixture,                                                                   \
      ::testing::Values(kernels::Isa::scalar, kernels::Isa::sse4, kernels::Isa::avx2, \
                        kernels::Isa::avx512, kernels::Isa::neon),                    \
      [](const auto& tested) { return std::string(kernels::name_of(tested.param)); })

}  // namespace papilio::runtime::testing
