/// Band powers of a PSD: --band NAME=LO:HI.
#pragma once

#include <string>
#include <vector>

#include "api/feature.h"
#include "flags.h"

namespace papilio::app {

/// Frequencies LO <= f < HI.
struct Band {
  std::string name;
  double low = 0.0;
  double high = 0.0;
};

/// [rows][bands], flat. Absolute: the PSD's sum over the band's bins, times the bin width where its
/// scaling is a density. Relative: divided by the same sum over all bins of the result.
struct BandPowers {
  std::vector<double> absolute;
  std::vector<double> relative;
};

/// --band, which appends such as "alpha=8:13". UsageError also for a name that is taken.
void add_band_flag(Flags& flags, std::vector<Band>& bands);

/// Throws UserError for a band that holds no bin or reaches outside --fmin and --fmax; `verb` is
/// the one that asks.
BandPowers band_powers(const api::FeatureResult& psd, const std::vector<Band>& bands,
                       const std::string& verb);

}  // namespace papilio::app
