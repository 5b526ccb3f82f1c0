// Gates and real input of public networks: against the plain product, and central differences.
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "api/support.h"
#include "base/rng.h"
#include "papilio/fft.h"
#include "papilio/network.h"
#include "transform/apply.h"
#include "transform/inits.h"

namespace papilio::testing {
namespace {

using Complex = std::complex<double>;
using Values = std::vector<Complex>;

template <typename T>
std::vector<T> noise(std::size_t count, std::uint64_t seed) {
  base::Rng rng(seed);
  std::vector<T> values(count);
  for (T& value : values) {
    if constexpr (std::is_same_v<T, Complex>) {
      const double re = rng.normal();
      value = {re, rng.normal()};
    } else {
      value = rng.normal();
    }
  }
  return values;
}

template <typename A, typename B>
double distance(const std::vector<A>& got, const std::vector<B>& want) {
  EXPECT_EQ(got.size(), want.size());
  double error = 0.0, norm = 0.0;
  for (std::size_t i = 0; i < want.size(); ++i) {
    error += std::norm(Complex(got[i]) - Complex(want[i]));
    norm += std::norm(Complex(want[i]));
  }
  const double relative = std::sqrt(error / norm);
  return std::isnan(relative) ? INFINITY : relative;
}

struct Case {
  std::string name;
  NetworkOptions options;
};

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const bool real : {false, true}) {
    for (const bool gates : {false, true}) {
      if (!real && !gates) continue;  // network_test.cpp
      for (const bool blocks : {false, true}) {
        for (const bool inverse : {false, true}) {
          const std::int64_t n = real ? 24 : 12;
          NetworkOptions options{.n = n,
                                 .radices = {3, 4},
                                 .blocks = blocks,
                                 .inverse = inverse,
                                 .gates = gates,
                                 .real = real};
          all.push_back({std::string(real ? "Real" : "Complex") + (gates ? "Gated" : "") +
                             (blocks ? "Blocks" : "Twiddles") + (inverse ? "Inverse" : ""),
                         options});
        }
      }
    }
  }
  all.push_back(
      {"ComplexGatedTransposed", {.n = 12, .radices = {2, 6}, .transposed = true, .gates = true}});
  all.push_back({"RealOfTwos", {.n = 64, .real = true}});
  return all;
}

class NetworkParts : public ::testing::TestWithParam<Case> {
 protected:
  static std::vector<double> some_gates(std::size_t count) {
    base::Rng rng(3);
    std::vector<double> values(count);
    for (double& value : values) value = rng.uniform();
    return values;
  }

  /// The same network in the transform folder.
  static transform::Network plain(const Network<double>& network, const NetworkOptions& options) {
    transform::NetworkSpec spec;
    const std::int64_t points = options.real ? options.n / 2 : options.n;
    spec.layout = options.radices.empty() ? transform::default_layout(points)
                                          : transform::layout_of(options.radices);
    spec.form = options.blocks ? transform::Form::block : transform::Form::twiddle;
    spec.norm = transform::Norm::none;
    if (options.inverse) spec.direction = transform::Direction::inverse;
    if (options.transposed) spec.order = transform::Order::dif;
    if (options.real) spec.input = transform::Input::real;
    transform::Network result = transform::exact_dft(spec);
    auto p = network.parameters().begin();
    auto g = network.gates().begin();
    for (int s = 0; s < spec.layout.stages(); ++s) {
      auto& stage = result.stages[static_cast<std::size_t>(s)];
      for (auto& value : stage.parameters) value = *p++;
      if (!options.gates) continue;
      for (std::int64_t b = 0; b < spec.layout.stage(s).blocks(); ++b) stage.gates.push_back(*g++);
    }
    for (auto& value : result.recombination) value = *p++;
    return result;
  }

  template <typename X>
  static Values forward(const Network<double>& network, const std::vector<X>& x) {
    const auto rows = static_cast<std::int64_t>(x.size()) / network.n();
    Values y(static_cast<std::size_t>(rows * network.outputs()));
    network.forward(View<const X>(x.data(), rows, network.n()),
                    View(y.data(), rows, network.outputs()));
    return y;
  }

  template <typename X>
  static void check_values(const NetworkOptions& options) {
    Network<double> network(options);
    network.set_parameters(noise<Complex>(network.parameters().size(), 1));
    network.set_gates(some_gates(network.gates().size()));
    const std::int64_t rows = 21;
    const auto x = noise<X>(static_cast<std::size_t>(rows * options.n), 2);
    const Values y = forward(network, x);
    const transform::Network same = plain(network, options);
    Values want;
    for (std::int64_t row = 0; row < rows; ++row) {
      const Values one(x.begin() + row * options.n, x.begin() + (row + 1) * options.n);
      const Values result = transform::apply_network(same, one);
      want.insert(want.end(), result.begin(), result.end());
    }
    EXPECT_LT(distance(y, want), 1e-13);
  }

  /// Re <dy, A x>.
  template <typename X>
  static double loss(const Network<double>& network, const std::vector<X>& x, const Values& dy) {
    const Values y = forward(network, x);
    double sum = 0.0;
    for (std::size_t i = 0; i < y.size(); ++i) sum += (std::conj(dy[i]) * y[i]).real();
    return sum;
  }

  /// (loss after a step of h - loss after one of -h) / 2h, for each value of `at`.
  template <typename V, typename Loss>
  static std::vector<V> differences(std::vector<V> at, Loss&& loss) {
    constexpr double h = 1e-5;
    std::vector<V> result;
    for (V& value : at) {
      const V held = value;
      const auto by = [&](V step) {
        value = held + step;
        const double up = loss(at);
        value = held - step;
        const double down = loss(at);
        value = held;
        return (up - down) / (2.0 * h);
      };
      if constexpr (std::is_same_v<V, Complex>) {
        const double re = by(h);
        result.emplace_back(re, by({0.0, h}));
      } else {
        result.push_back(by(h));
      }
    }
    return result;
  }

  template <typename X>
  static void check_gradients(const NetworkOptions& options) {
    Network<double> network(options);
    const Values p = noise<Complex>(network.parameters().size(), 4);
    std::vector<double> gates = some_gates(network.gates().size());
    for (double& gate : gates) gate = 0.1 + 0.8 * gate;  // room for the differences
    network.set_parameters(p);
    network.set_gates(gates);
    const std::int64_t rows = 3;
    const auto x = noise<X>(static_cast<std::size_t>(rows * options.n), 5);
    const auto dy = noise<Complex>(static_cast<std::size_t>(rows * network.outputs()), 6);
    Values dp(p.size());
    std::vector<double> dg(gates.size());
    std::vector<X> dx(x.size());
    network.backward(View<const X>(x.data(), rows, options.n),
                     View<const Complex>(dy.data(), rows, network.outputs()),
                     View(dx.data(), rows, options.n), dp, dg);
    EXPECT_LT(distance(dx, differences(x, [&](auto& at) { return loss(network, at, dy); })), 1e-8);
    const auto by_p = differences(p, [&](const Values& at) {
      network.set_parameters(at);
      return loss(network, x, dy);
    });
    EXPECT_LT(distance(dp, by_p), 1e-8);
    network.set_parameters(p);
    if (gates.empty()) return;
    const auto by_g = differences(gates, [&](const std::vector<double>& at) {
      network.set_gates(at);
      return loss(network, x, dy);
    });
    EXPECT_LT(distance(dg, by_g), 1e-8);
  }
};

TEST_P(NetworkParts, AreThePlainProduct) {
  const NetworkOptions& options = GetParam().options;
  options.real ? check_values<double>(options) : check_values<Complex>(options);
}

TEST_P(NetworkParts, HaveTheGradientsOfCentralDifferences) {
  const NetworkOptions& options = GetParam().options;
  options.real ? check_gradients<double>(options) : check_gradients<Complex>(options);
}

INSTANTIATE_TEST_SUITE_P(All, NetworkParts, ::testing::ValuesIn(cases()),
                         [](const auto& param) { return param.param.name; });

TEST(RealNetwork, BeginsAsTheExactTransform) {
  for (const std::int64_t n : {8, 64, 400}) {
    const auto x = noise<double>(static_cast<std::size_t>(3 * n), 1);
    Values y(static_cast<std::size_t>(3 * (n / 2 + 1))), want(y.size());
    Network<double>({.n = n, .real = true})
        .forward(View<const double>(x.data(), 3, n), View(y.data(), 3, n / 2 + 1));
    Fft<double>(n, {.real = true})
        .run(View<const double>(x.data(), 3, n), View(want.data(), 3, n / 2 + 1));
    EXPECT_LT(distance(y, want), 1e-14) << n;
  }
}

TEST(RealNetwork, StridesAndScalesAreMet) {
  const std::int64_t n = 16, rows = 19, bins = 9;
  const Network<float> network({.n = n, .real = true});
  std::vector<float> x(static_cast<std::size_t>(rows * n));
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = std::sin(float(i * i % 97));
  std::vector<float> columns(x.size()), dx(x.size()), dx_columns(x.size());
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t i = 0; i < n; ++i) {
      columns[static_cast<std::size_t>(i * rows + row)] =
          0.5F * x[static_cast<std::size_t>(row * n + i)];
    }
  }
  std::vector<std::complex<float>> y(static_cast<std::size_t>(rows * bins)), by_columns(y.size());
  std::vector<std::complex<float>> gradient(network.parameters().size()), other(gradient.size());
  const View<const float> across(columns.data(), {rows, n}, {1, rows}, 2.0);
  const View<const float> dense(x.data(), rows, n);
  network.forward(dense, View(y.data(), rows, bins));
  network.forward(across, View(by_columns.data(), {rows, bins}, {1, rows}));
  const View<const std::complex<float>> dy(y.data(), rows, bins);
  network.backward(dense, dy, View(dx.data(), rows, n), gradient);
  network.backward(across, dy, View(dx_columns.data(), {rows, n}, {1, rows}), other);
  EXPECT_EQ(gradient, other);
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t k = 0; k < bins; ++k) {
      EXPECT_EQ(y[static_cast<std::size_t>(row * bins + k)],
                by_columns[static_cast<std::size_t>(k * rows + row)]);
    }
    for (std::int64_t i = 0; i < n; ++i) {
      EXPECT_EQ(dx[static_cast<std::size_t>(row * n + i)],
                dx_columns[static_cast<std::size_t>(i * rows + row)]);
    }
  }
}

TEST(NetworkRefusals, SayWhatDoesNotFit) {
  expect_refusal([] { Network<double>({.n = 9, .real = true}); }, {"an even n"});
  expect_refusal(
      [] {
        Network<double>({.n = 8, .radices = {2, 4}, .real = true});
      },
      {"n / 2 is 4"});
  expect_refusal([] { Network<double>({.n = 8, .transposed = true, .real = true}); },
                 {"transpose"});
  Network<double> real({.n = 8, .real = true}), gated({.n = 8, .gates = true});
  Values z(8), y(8), gradient(gated.parameters().size());
  const std::vector<double> x(8), wrong(3), large(12, 1.5);
  expect_refusal([&] { real.forward(View<const Complex>(z), View(y.data(), 1, 5)); },
                 {"x is complex"});
  expect_refusal([&] { gated.forward(View<const double>(x), View(y.data(), 1, 8)); },
                 {"x is real"});
  expect_refusal([&] { gated.set_gates(wrong); }, {"3 gates, the network has 12"});
  expect_refusal([&] { gated.set_gates(large); }, {"not from 0 to 1"});
  std::vector<double> few(2);
  expect_refusal(
      [&] { gated.backward(View<const Complex>(z), View<const Complex>(y), {}, gradient, few); },
      {"2 values, the network 12 gates"});
}

}  // namespace
}  // namespace papilio::testing
