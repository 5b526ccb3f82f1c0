// Networks of the public interface: the exact transform, any numbers against the plain product,
// gradients against central differences, strides, threads and refusals.
#include "papilio/network.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <thread>

#include "api/support.h"
#include "base/rng.h"
#include "papilio/fft.h"
#include "transform/apply.h"
#include "transform/inits.h"

namespace papilio::testing {
namespace {

template <typename R>
std::vector<std::complex<R>> noise(std::int64_t count, std::uint64_t seed) {
  base::Rng rng(seed);
  std::vector<std::complex<R>> values;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto re = static_cast<R>(rng.normal());
    values.emplace_back(re, static_cast<R>(rng.normal()));
  }
  return values;
}

template <typename A, typename B>
double distance(const std::vector<std::complex<A>>& got, const std::vector<std::complex<B>>& want) {
  EXPECT_EQ(got.size(), want.size());
  double error = 0.0, norm = 0.0;
  for (std::size_t i = 0; i < want.size(); ++i) {
    error += std::norm(std::complex<double>(got[i]) - std::complex<double>(want[i]));
    norm += std::norm(std::complex<double>(want[i]));
  }
  const double relative = std::sqrt(error / norm);
  return std::isnan(relative) ? INFINITY : relative;
}

TEST(Network, BeginsAsTheExactTransform) {
  for (const std::int64_t n : {8, 64, 256, 400}) {
    for (const bool inverse : {false, true}) {
      const auto x = noise<double>(3 * n, 1);
      std::vector<std::complex<double>> y(x.size()), want(x.size());
      Network<double>({.n = n, .inverse = inverse}).forward({x.data(), 3, n}, {y.data(), 3, n});
      Fft<double>(n, {.inverse = inverse, .norm = inverse ? Norm::forward : Norm::backward})
          .run(View<const std::complex<double>>(x.data(), 3, n), View(want.data(), 3, n));
      EXPECT_LT(distance(y, want), 1e-14) << n;
    }
  }
}

TEST(Network, AnyNumbersAreThePlainProduct) {
  for (const char* radices : {"2,2,2,2,2,2,2", "4,3,5", "16,16"}) {
    for (const bool blocks : {false, true}) {
      transform::NetworkSpec spec;
      spec.layout = transform::parse_layout(radices);
      spec.form = blocks ? transform::Form::block : transform::Form::twiddle;
      const transform::Network plain = transform::random_butterfly(spec, 7);
      const std::int64_t n = plain.spec.n();
      for (const bool transposed : {false, true}) {
        Network<double> network(
            {.n = n, .radices = spec.layout.radices, .blocks = blocks, .transposed = transposed});
        std::vector<std::complex<double>> numbers;
        for (const auto& stage : plain.stages) {
          numbers.insert(numbers.end(), stage.parameters.begin(), stage.parameters.end());
        }
        network.set_parameters(numbers);
        const auto x = noise<double>(n, 2);
        std::vector<std::complex<double>> y(x.size());
        network.forward({x.data(), 1, n}, {y.data(), 1, n});
        const auto want = transform::apply_network(
            plain, x, transposed ? transform::Reading::transpose : transform::Reading::forward);
        EXPECT_LT(distance(y, want), 1e-13) << radices << (blocks ? " blocks" : " twiddles");
      }
    }
  }
}

/// Re <dy, A(p) x> over all rows.
double value(Network<double>& network, const std::vector<std::complex<double>>& p,
             const std::vector<std::complex<double>>& x,
             const std::vector<std::complex<double>>& dy) {
  network.set_parameters(p);
  std::vector<std::complex<double>> y(x.size());
  const auto rows = static_cast<std::int64_t>(x.size()) / network.n();
  network.forward({x.data(), rows, network.n()}, {y.data(), rows, network.n()});
  double sum = 0.0;
  for (std::size_t i = 0; i < y.size(); ++i) sum += (std::conj(dy[i]) * y[i]).real();
  return sum;
}

TEST(Network, GradientsAreThoseOfCentralDifferences) {
  for (const char* radices : {"2,2,2,2,2", "3,4"}) {
    for (const bool blocks : {false, true}) {
      const transform::Layout layout = transform::parse_layout(radices);
      Network<double> network({.n = layout.n, .radices = layout.radices, .blocks = blocks});
      const auto count = static_cast<std::int64_t>(network.parameters().size());
      const auto p = noise<double>(count, 3);
      const auto x = noise<double>(3 * layout.n, 4), dy = noise<double>(3 * layout.n, 5);
      network.set_parameters(p);
      std::vector<std::complex<double>> dx(x.size()), gradient(p.size());
      network.backward({x.data(), 3, layout.n}, {dy.data(), 3, layout.n}, {dx.data(), 3, layout.n},
                       gradient);
      const double h = 1e-5;
      const auto difference = [&](std::vector<std::complex<double>> at, std::size_t i,
                                  std::complex<double> step, bool of_x) {
        at[i] += step;
        const double up = of_x ? value(network, p, at, dy) : value(network, at, x, dy);
        at[i] -= 2.0 * step;
        const double down = of_x ? value(network, p, at, dy) : value(network, at, x, dy);
        return (up - down) / (2.0 * h);
      };
      std::vector<std::complex<double>> dp(p.size()), want_dx(x.size());
      for (std::size_t i = 0; i < p.size(); ++i) {
        dp[i] = {difference(p, i, h, false), difference(p, i, {0.0, h}, false)};
      }
      for (std::size_t i = 0; i < x.size(); ++i) {
        want_dx[i] = {difference(x, i, h, true), difference(x, i, {0.0, h}, true)};
      }
      EXPECT_LT(distance(gradient, dp), 1e-8) << radices;
      EXPECT_LT(distance(dx, want_dx), 1e-8) << radices;
    }
  }
}

TEST(Network, StridesAndScalesAreMet) {
  const std::int64_t n = 64, rows = 21;
  Network<float> network({.n = n});
  network.set_parameters(noise<float>(static_cast<std::int64_t>(network.parameters().size()), 6));
  const auto x = noise<float>(rows * n, 7), dy = noise<float>(rows * n, 8);
  std::vector<std::complex<float>> y(x.size()), dx(x.size()), gradient(network.parameters().size());
  network.forward({x.data(), rows, n}, {y.data(), rows, n});
  network.backward({x.data(), rows, n}, {dy.data(), rows, n}, {dx.data(), rows, n}, gradient);

  // Columns of [n, rows], half as large.
  std::vector<std::complex<float>> xt(x.size()), yt(x.size()), dxt(x.size()), gt(gradient.size());
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t i = 0; i < n; ++i) {
      xt[static_cast<std::size_t>(i * rows + row)] =
          0.5F * x[static_cast<std::size_t>(row * n + i)];
    }
  }
  const View<const std::complex<float>> columns(xt.data(), {rows, n}, {1, rows}, 2.0);
  network.forward(columns, View(yt.data(), {rows, n}, {1, rows}));
  network.backward(columns, {dy.data(), rows, n}, View(dxt.data(), {rows, n}, {1, rows}), gt);
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t i = 0; i < n; ++i) {
      const auto at = static_cast<std::size_t>(row * n + i);
      const auto there = static_cast<std::size_t>(i * rows + row);
      EXPECT_EQ(y[at], yt[there]);
      EXPECT_EQ(dx[at], dxt[there]);
    }
  }
  EXPECT_LT(distance(gt, gradient), 1e-6);
}

TEST(Network, ThreadsRunOneNetworkAtOnce) {
  const std::int64_t n = 128, rows = 9;
  const Network<float> network({.n = n});
  const auto x = noise<float>(rows * n, 9);
  std::vector<std::vector<std::complex<float>>> results(4);
  std::vector<std::thread> threads;
  for (auto& result : results) {
    threads.emplace_back([&] {
      result.resize(x.size());
      Scratch scratch;
      for (int i = 0; i < 50; ++i) {
        network.forward({x.data(), rows, n}, {result.data(), rows, n}, scratch);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  for (const auto& result : results) EXPECT_EQ(result, results[0]);
}

TEST(Network, ThreadsDifferentiateOneNetworkAtOnce) {
  const std::int64_t n = 128, rows = 9;
  const Network<float> network({.n = n});
  const auto x = noise<float>(rows * n, 9), dy = noise<float>(rows * n, 10);
  using Numbers = std::vector<std::complex<float>>;
  std::vector<std::pair<Numbers, Numbers>> results(4);
  std::vector<std::thread> threads;
  for (auto& result : results) {
    threads.emplace_back([&] {
      auto& [dx, gradient] = result;
      dx.resize(x.size());
      gradient.resize(network.parameters().size());
      Scratch scratch;
      for (int i = 0; i < 50; ++i) {
        network.backward({x.data(), rows, n}, {dy.data(), rows, n}, {dx.data(), rows, n}, gradient,
                         scratch);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  for (const auto& result : results) EXPECT_EQ(result, results[0]);
  EXPECT_NE(results[0].second[0], std::complex<float>());
}

TEST(Network, NoRowsGiveNoGradient) {
  const Network<float> network({.n = 16});
  std::vector<std::complex<float>> gradient(network.parameters().size(), {1.0F, 1.0F});
  const View<const std::complex<float>> none(nullptr, 0, 16);
  network.backward(none, none, {}, gradient);
  for (const auto& value : gradient) EXPECT_EQ(value, std::complex<float>());
}

TEST(Network, SaysWhatDoesNotFit) {
  expect_refusal([] { Network<float>({.n = 37}); }, {"37"});
  expect_refusal([] { Network<float>({.n = 16, .radices = {2, 2}}); }, {"make 4 points"});
  Network<float> network({.n = 16});
  expect_refusal([&] { network.set_parameters({}); }, {"the network has 32"});
  std::vector<std::complex<float>> x(64), gradient(3);
  expect_refusal(
      [&] {
        network.forward({x.data(), 2, 16}, {x.data() + 32, 1, 16});
      },
      {"y is [1, 16], needed is [2, 16]"});
  expect_refusal(
      [&] {
        network.backward({x.data(), 1, 16}, {x.data() + 16, 1, 16}, {}, gradient);
      },
      {"the gradient has 3 values"});
}

}  // namespace
}  // namespace papilio::testing
