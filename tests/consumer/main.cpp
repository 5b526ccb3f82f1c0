// A user's first program: the PSD of a tone, and the error that a wrong option gives.
#include <cmath>
#include <iostream>
#include <string>
#include <vector>

#include "papilio/error.h"
#include "papilio/features.h"
#include "papilio/version.h"
#include "papilio/view.h"

namespace {

// A sine of 50 Hz and amplitude 1 has mean square 1/2, and that is the area under its PSD.
bool finds_the_tone(const papilio::View<const double>& row) {
  const auto psd = papilio::welch<double>(row, {.fs = 1000.0, .nperseg = 500});
  std::size_t loudest = 0;
  double area = 0.0;
  for (std::size_t bin = 0; bin < psd.data.size(); ++bin) {
    if (psd.data[bin] > psd.data[loudest]) loudest = bin;
    area += psd.data[bin] * psd.frequencies[1];
  }
  std::cout << "consumer: " << psd.frequencies[loudest] << " Hz, mean square " << area << '\n';
  return psd.frequencies[loudest] == 50.0 && std::abs(area - 0.5) < 1e-9;
}

// Exceptions keep their type across the library's border.
bool refuses(const papilio::View<const double>& row) {
  try {
    (void)papilio::welch<double>(row, {.nperseg = 100000});
  } catch (const papilio::UserError& error) {
    std::cout << "consumer: " << error.what() << '\n';
    return std::string(error.what()).find("nperseg") != std::string::npos;
  }
  return false;
}

}  // namespace

int main() {
  const papilio::BuildInfo& info = papilio::build_info();
  std::cout << "consumer: papilio " << info.version << ", " << info.compiler << ", "
            << papilio::name_of(papilio::DType::f64) << '\n';
  std::vector<double> tone(10000);
  for (std::size_t i = 0; i < tone.size(); ++i) {
    tone[i] = std::sin(2.0 * 3.14159265358979323846 * 50.0 * static_cast<double>(i) / 1000.0);
  }
  const papilio::View<const double> row(tone);
  return finds_the_tone(row) && refuses(row) ? 0 : 1;
}
