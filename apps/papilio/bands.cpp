// Band powers, summed in double in the order of the bins.
#include "bands.h"

#include "row_values.h"
#include "spectral/welch.h"
#include "values.h"

namespace papilio::app {
namespace {

bool holds(const Band& band, double hz) { return band.low <= hz && hz < band.high; }

void check_band(const Band& band, const WelchOptions& welch, const std::vector<double>& hz,
                const std::string& verb) {
  const std::string who = "[" + verb + "] --band " + band.name;
  if ((welch.fmin && band.low < *welch.fmin) || (welch.fmax && band.high > *welch.fmax)) {
    throw UserError(who + " reaches outside --fmin and --fmax; widen them or narrow the band");
  }
  for (const double frequency : hz) {
    if (holds(band, frequency)) return;
  }
  const double width = welch.fs / static_cast<double>(spectral::n_fft_of(welch));
  throw UserError(who + " holds no bin (they are " + base::to_text(width) + " Hz apart, up to " +
                  base::to_text(welch.fs / 2.0) + " Hz); give a wider band or a longer --nperseg");
}

void add_band(const std::string& flag, const std::string& text, std::vector<Band>& bands) {
  const std::size_t equals = text.find('=');
  const std::size_t colon = text.rfind(':');
  if (equals == std::string::npos || equals == 0 || colon == std::string::npos ||
      colon <= equals + 1 || colon + 1 == text.size()) {
    refuse_value(flag, text, "is no band; give NAME=LO:HI such as alpha=8:13");
  }
  Band band{text.substr(0, equals), 0.0, 0.0};
  parse_value(flag, text.substr(equals + 1, colon - equals - 1), band.low);
  parse_value(flag, text.substr(colon + 1), band.high);
  if (band.low >= band.high) {
    refuse_value(flag, text, "holds no frequency (LO <= f < HI); give LO below HI");
  }
  for (const Band& other : bands) {
    if (other.name == band.name) {
      refuse_value(flag, text, "names a band for the second time; give it another name");
    }
  }
  bands.push_back(std::move(band));
}

}  // namespace

void add_band_flag(Flags& flags, std::vector<Band>& bands) {
  flags
      .on("--band", "NAME=LO:HI", "power of LO <= f < HI, absolute and of the total (repeatable)",
          [&bands](const std::string& flag, const std::string& text) {
            add_band(flag, text, bands);
          })
      ->take_all();
}

BandPowers band_powers(const api::FeatureResult& psd, const std::vector<Band>& bands,
                       const std::string& verb) {
  BandPowers powers;
  const auto& welch = std::get<WelchOptions>(psd.definition.options);
  const std::vector<double>& hz = psd.frequencies;
  for (const Band& band : bands) check_band(band, welch, hz, verb);
  const double width = welch.scaling == Scaling::density
                           ? welch.fs / static_cast<double>(spectral::n_fft_of(welch))
                           : 1.0;
  const auto bins = static_cast<std::int64_t>(hz.size());
  for (std::int64_t row = 0; row < psd.shape.front(); ++row) {
    const auto sum_over = [&](auto&& wanted) {
      double sum = 0.0;
      for (std::int64_t bin = 0; bin < bins; ++bin) {
        if (wanted(hz[static_cast<std::size_t>(bin)])) sum += value_at(psd, row * bins + bin);
      }
      return sum * width;
    };
    const double total = sum_over([](double) { return true; });
    for (const Band& band : bands) {
      const double power = sum_over([&](double f) { return holds(band, f); });
      powers.absolute.push_back(power);
      powers.relative.push_back(power / total);
    }
  }
  return powers;
}

}  // namespace papilio::app
