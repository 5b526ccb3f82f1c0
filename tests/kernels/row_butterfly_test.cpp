// Learned radix-2 networks along rows against plain loops in double: every power of two, all three
// kernels, any number of rows anywhere.
#include "kernels/row_butterfly.h"

#include <algorithm>
#include <complex>
#include <cstring>
#include <limits>

#include "base/buffer.h"
#include "kernels/fft_support.h"

namespace papilio::kernels {
namespace {

using Complex = std::complex<double>;
using Values = std::vector<Complex>;

class RowButterflies : public EveryIsa {};

Values random_complex(std::int64_t count, unsigned seed) {
  const std::vector<double> numbers = random_values(2 * count, seed);
  Values values;
  for (std::size_t i = 0; i < numbers.size(); i += 2) {
    values.emplace_back(numbers[i], numbers[i + 1]);
  }
  return values;
}

/// Decimation in time as numerics.md writes it, with the weights in the order of the files.
struct PlainNetwork {
  int stages;
  Values weights;

  std::size_t n() const { return std::size_t{1} << stages; }
  std::size_t reversed(std::size_t i) const {
    std::size_t result = 0;
    for (int bit = 0; bit < stages; ++bit) result |= (i >> bit & 1) << (stages - 1 - bit);
    return result;
  }
  Values in_reverse(const Values& x) const {
    Values z(n());
    for (std::size_t i = 0; i < n(); ++i) z[i] = x[reversed(i)];
    return z;
  }
  /// Calls body(first element, second element, weight) for the butterflies of stage s.
  template <class Body>
  void for_butterflies(int s, Body&& body) const {
    const std::size_t m = std::size_t{1} << s;
    for (std::size_t b = 0; b < n() / 2; ++b) {
      const std::size_t at = 2 * m * (b / m) + b % m;
      body(at, at + m, static_cast<std::size_t>(s) * (n() / 2) + b);
    }
  }
  void run(int s, Values& x) const {
    for_butterflies(s, [&](std::size_t a, std::size_t b, std::size_t w) {
      const Complex t = weights[w] * x[b];
      x[b] = x[a] - t;
      x[a] += t;
    });
  }
  Values forward(const Values& x) const {
    Values y = in_reverse(x);
    for (int s = 0; s < stages; ++s) run(s, y);
    return y;
  }
  Values transposed(Values x) const {
    for (int s = stages - 1; s >= 0; --s) {
      for_butterflies(s, [&](std::size_t a, std::size_t b, std::size_t w) {
        const Complex difference = x[a] - x[b];
        x[a] += x[b];
        x[b] = weights[w] * difference;
      });
    }
    return in_reverse(x);
  }
  /// dx; dw is added to.
  Values backward(const Values& x, Values g, Values& dw) const {
    std::vector<Values> inputs{in_reverse(x)};
    for (int s = 0; s < stages; ++s) {
      inputs.push_back(inputs.back());
      run(s, inputs.back());
    }
    for (int s = stages - 1; s >= 0; --s) {
      const Values& input = inputs[static_cast<std::size_t>(s)];
      for_butterflies(s, [&](std::size_t a, std::size_t b, std::size_t w) {
        const Complex dt = g[a] - g[b];
        g[a] += g[b];
        g[b] = std::conj(weights[w]) * dt;
        dw[w] += dt * std::conj(input[b]);
      });
    }
    return in_reverse(g);
  }
};

/// Unit-modulus weights, exact in float only up to rounding: rounded first.
PlainNetwork random_network(int stages) {
  PlainNetwork net{stages, random_complex((std::int64_t{1} << stages) / 2 * stages, 1)};
  for (Complex& w : net.weights) {
    w /= std::abs(w);
    w = {static_cast<double>(static_cast<float>(w.real())),
         static_cast<double>(static_cast<float>(w.imag()))};
  }
  return net;
}

template <typename T>
std::vector<std::complex<T>> narrowed(const Values& values) {
  std::vector<std::complex<T>> result;
  for (const Complex& value : values) {
    result.emplace_back(static_cast<T>(value.real()), static_cast<T>(value.imag()));
  }
  return result;
}

template <typename T>
double distance(const std::complex<T>* got, const Values& want) {
  const double error =
      row_error(reinterpret_cast<const T*>(got), reinterpret_cast<const double*>(want.data()),
                2 * static_cast<std::int64_t>(want.size()));
  return std::isnan(error) ? HUGE_VAL : error;
}

/// Rows `gap` values apart, `offset` values behind a cache line.
template <typename T>
struct Rows {
  Rows(std::int64_t rows, std::int64_t n, std::int64_t gap, std::int64_t offset)
      : memory(static_cast<std::size_t>(offset + rows * (n + gap) + 1)),
        view{memory.data() + offset, n + gap} {
    constexpr T nan = std::numeric_limits<T>::quiet_NaN();
    std::fill_n(memory.data(), memory.size(), std::complex<T>(nan, nan));
  }
  void set(std::int64_t row, const Values& values) {
    const std::vector<std::complex<T>> own = narrowed<T>(values);
    std::copy(own.begin(), own.end(), view.from(row).values);
  }
  base::Buffer<std::complex<T>> memory;
  PairRows<T> view;
};

template <typename T>
void expect_rows(int stages, Isa isa, std::int64_t rows, std::int64_t gap, std::int64_t offset,
                 Writes writes) {
  SCOPED_TRACE("n = 2^" + std::to_string(stages) + ", rows " + std::to_string(rows));
  const double limit = sizeof(T) == 4 ? 1e-6 : 2e-15;
  const PlainNetwork net = random_network(stages);
  const RowButterfly<T> plan(stages, isa);
  const std::int64_t n = plan.n();
  ASSERT_EQ(plan.weights(), static_cast<std::int64_t>(net.weights.size()));
  base::Buffer<T> table(static_cast<std::size_t>(plan.table_size()));
  base::Buffer<T> gradient(static_cast<std::size_t>(plan.table_size()));
  base::Buffer<T> work(static_cast<std::size_t>(plan.work_size() + plan.backward_work_size()));
  std::fill_n(gradient.data(), gradient.size(), T(0));
  const auto weights = narrowed<T>(net.weights);
  plan.pack(weights.data(), table.data());
  Rows<T> x(rows, n, gap, offset), g(rows, n, gap, offset), y(rows, n, gap, offset),
      t(rows, n, gap, offset), dx(rows, n, gap, offset);
  std::vector<Values> xs, gs;
  for (std::int64_t row = 0; row < rows; ++row) {
    xs.push_back(random_complex(n, static_cast<unsigned>(2 * row + 2)));
    gs.push_back(random_complex(n, static_cast<unsigned>(2 * row + 3)));
    x.set(row, xs.back());
    g.set(row, gs.back());
  }
  plan.forward(table.data(), x.view, y.view, rows, work.data(), writes);
  plan.transposed(table.data(), x.view, t.view, rows, work.data(), writes);
  plan.backward(table.data(), x.view, g.view, dx.view, rows, gradient.data(), work.data());
  Values dw(net.weights.size());
  for (std::int64_t row = 0; row < rows; ++row) {
    const auto i = static_cast<std::size_t>(row);
    EXPECT_LE(distance(y.view.from(row).values, net.forward(xs[i])), limit);
    EXPECT_LE(distance(t.view.from(row).values, net.transposed(xs[i])), limit);
    EXPECT_LE(distance(dx.view.from(row).values, net.backward(xs[i], gs[i], dw)), limit);
  }
  std::vector<std::complex<T>> got(net.weights.size());
  plan.unpack_add(gradient.data(), got.data());
  EXPECT_LE(distance(got.data(), dw), 2 * limit);

  // What forward keeps spares work and changes no bit; nor does a dx that nobody wants.
  base::Buffer<T> kept(static_cast<std::size_t>(plan.kept_size() * (rows + 1)));
  base::Buffer<T> again(gradient.size());
  std::fill_n(again.data(), again.size(), T(0));
  Rows<T> same(rows, n, gap, offset);
  plan.forward(table.data(), x.view, same.view, rows, work.data(), writes, kept.data());
  plan.backward(table.data(), x.view, g.view, {}, rows, again.data(), work.data(), kept.data());
  EXPECT_EQ(std::memcmp(again.data(), gradient.data(), gradient.size() * sizeof(T)), 0);
  for (std::int64_t row = 0; row < rows; ++row) {
    EXPECT_TRUE(std::equal(y.view.from(row).values, y.view.from(row).values + n,
                           same.view.from(row).values));
  }
}

TEST_P(RowButterflies, every_power_of_two) {
  for (int stages = 1; stages <= 13; ++stages) {
    if (RowButterfly<float>::possible(stages, GetParam())) {
      expect_rows<float>(stages, GetParam(), 3, 0, 0, Writes::cached);
    }
    if (RowButterfly<double>::possible(stages, GetParam())) {
      expect_rows<double>(stages, GetParam(), 3, 0, 0, Writes::cached);
    }
  }
}

TEST_P(RowButterflies, lengths_from_64_on_are_possible) {
  for (int stages = 6; stages <= 20; ++stages) {
    EXPECT_TRUE(RowButterfly<float>::possible(stages, GetParam())) << stages;
    EXPECT_TRUE(RowButterfly<double>::possible(stages, GetParam())) << stages;
  }
}

TEST_P(RowButterflies, any_number_of_rows_anywhere) {
  for (const int stages : {6, 7, 9}) {
    for (const std::int64_t rows : {0, 1, 2, 5, 8, 19}) {
      for (const Writes writes : {Writes::cached, Writes::streamed}) {
        expect_rows<float>(stages, GetParam(), rows, rows % 3, rows % 2, writes);
        expect_rows<double>(stages, GetParam(), rows, rows % 3, rows % 2, writes);
      }
    }
  }
}

/// Rows that are asked for ahead.
TEST_P(RowButterflies, more_rows_than_lie_near) {
  expect_rows<float>(9, GetParam(), 521, 0, 0, Writes::cached);
  expect_rows<double>(9, GetParam(), 259, 0, 0, Writes::streamed);
}

TEST_P(RowButterflies, conjugated_weights) {
  for (const int stages : {6, 7}) {
    const Values weights = random_network(stages).weights;
    Values conjugated = weights;
    for (Complex& w : conjugated) w = std::conj(w);
    const RowButterfly<double> plan(stages, GetParam());
    std::vector<double> want(static_cast<std::size_t>(plan.table_size())), got = want;
    plan.pack(conjugated.data(), want.data());
    plan.pack_conjugate(weights.data(), got.data());
    EXPECT_EQ(got, want);
    Values sums(weights.size()), conjugated_sums = sums;
    plan.unpack_add(got.data(), sums.data());
    plan.unpack_add_conjugate(got.data(), conjugated_sums.data());
    for (std::size_t i = 0; i < sums.size(); ++i) {
      EXPECT_EQ(conjugated_sums[i], std::conj(sums[i]));
    }
  }
}

PAPILIO_EVERY_ISA(RowButterflies);

}  // namespace
}  // namespace papilio::kernels
