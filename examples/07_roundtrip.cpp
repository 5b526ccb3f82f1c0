// An encoder and its decoder, two networks that learn together to give back what came in: backward
// of the decoder first, whose dx is the upstream gradient of the encoder.
#include <papilio/papilio.h>

#include <cmath>
#include <complex>
#include <cstdio>
#include <random>
#include <vector>

using Complex = std::complex<float>;
using Numbers = std::vector<Complex>;

int main() {
  constexpr std::int64_t kRows = 64, kN = 32;
  constexpr std::size_t kValues = kRows * kN;
  std::mt19937 random(1);
  std::normal_distribution<float> normal;

  papilio::Network<float> encoder({.n = kN}), decoder({.n = kN, .inverse = true});
  const auto perturbed = [&](papilio::Network<float>& network) {
    Numbers numbers(network.parameters().begin(), network.parameters().end());
    for (Complex& w : numbers) w *= std::polar(1.0F, 0.2F * normal(random));
    network.set_parameters(numbers);
    return numbers;
  };
  Numbers of_encoder = perturbed(encoder), of_decoder = perturbed(decoder);

  Numbers x(kValues), code(kValues), back(kValues), gradient(of_encoder.size());
  const auto rows = [](Numbers& values) { return papilio::View(values.data(), kRows, kN); };
  const auto read = [](const Numbers& values) {
    return papilio::View<const Complex>(values.data(), kRows, kN);
  };
  const auto step_down = [&](papilio::Network<float>& network, Numbers& numbers) {
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] -= 2.0F * gradient[i];
    network.set_parameters(numbers);
  };
  papilio::Scratch scratch;
  double first = 0.0, last = 0.0;
  for (int step = 0; step < 400; ++step) {
    for (Complex& value : x) value = {normal(random), normal(random)};
    encoder.forward(read(x), rows(code), scratch);
    decoder.forward(read(code), rows(back), scratch);
    // Both are unscaled, so that n x comes back. Loss: mean |back / n - x|^2.
    double loss = 0.0;
    for (std::size_t i = 0; i < kValues; ++i) {
      const Complex error = back[i] / float(kN) - x[i];
      loss += std::norm(error) / kValues;
      back[i] = error * (2.0F / (kValues * kN));
    }
    Numbers of_code(kValues);
    decoder.backward(read(code), read(back), rows(of_code), gradient, scratch);
    step_down(decoder, of_decoder);
    encoder.backward(read(x), read(of_code), {}, gradient, scratch);
    step_down(encoder, of_encoder);
    if (step == 0) first = loss;
    last = loss;
  }
  std::printf("round trip: relative squared error %.3g -> %.3g\n", first / 2, last / 2);
  return first > 0.05 && last < 1e-3 * first ? 0 : 1;
}
