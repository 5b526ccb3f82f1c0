// A butterfly network that learns: from perturbed twiddles back to the Fourier transform, by plain
// gradient descent on rows of noise.
#include <papilio/papilio.h>

#include <cmath>
#include <complex>
#include <cstdio>
#include <random>
#include <vector>

int main() {
  using Complex = std::complex<float>;
  constexpr std::int64_t kRows = 64, kN = 32;
  constexpr std::size_t kValues = kRows * kN;
  std::mt19937 random(1);
  std::normal_distribution<float> normal;

  const papilio::Network<float> exact({.n = kN});  // begins as the DFT
  papilio::Network<float> network({.n = kN});
  std::vector<Complex> numbers(network.parameters().begin(), network.parameters().end());
  for (Complex& w : numbers) w *= std::polar(1.0F, 0.3F * normal(random));
  network.set_parameters(numbers);

  std::vector<Complex> x(kValues), y(kValues), target(kValues), gradient(numbers.size());
  papilio::Scratch scratch;
  double first = 0.0, last = 0.0;
  for (int step = 0; step < 400; ++step) {
    for (Complex& value : x) value = {normal(random), normal(random)};
    const papilio::View<const Complex> rows(x.data(), kRows, kN);
    exact.forward(rows, papilio::View(target.data(), kRows, kN), scratch);
    network.forward(rows, papilio::View(y.data(), kRows, kN), scratch);
    // Loss: mean |y - t|^2 / n over rows; dL/dy is 2 (y - t) times the same factor.
    double loss = 0.0;
    for (std::size_t i = 0; i < kValues; ++i) {
      y[i] -= target[i];
      loss += std::norm(y[i]) / (kRows * kN * kN);
      y[i] *= 2.0F / (kRows * kN * kN);
    }
    network.backward(rows, papilio::View<const Complex>(y.data(), kRows, kN), {}, gradient,
                     scratch);
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] -= 4.0F * gradient[i];
    network.set_parameters(numbers);
    if (step == 0) first = loss;
    last = loss;
  }
  std::printf("%zu twiddles, loss %.3g -> %.3g\n", numbers.size(), first, last);
  return first > 0.05 && last < 1e-6 ? 0 : 1;
}
