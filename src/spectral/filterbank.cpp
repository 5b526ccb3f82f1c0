// Mel scales and banded triangles, formed in extended precision where there is one: a narrow
// triangle is a difference of nearly equal edges, and in double it would lose digits of its
// weights.
#include "spectral/filterbank.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace papilio::spectral {
namespace {

// Slaney's scale: below kBreakHz 200/3 Hz per mel, above a factor 6.4 per 27 mel.
constexpr long double kHzPerMel = 200.0L / 3.0L;
constexpr long double kBreakHz = 1000.0L;
constexpr long double kBreakMel = 15.0L;
const long double kLogStep = std::log(6.4L) / 27.0L;

constexpr long double kCornerHz = 700.0L;

using Values = std::vector<long double>;

Values edges_mel(const BankSpec& spec) {
  const long double low = hz_to_mel(spec.fmin, spec.scale);
  const long double high = hz_to_mel(spec.upper_hz(), spec.scale);
  const long double step = (high - low) / static_cast<long double>(spec.bands + 1);
  Values edges;
  for (std::int64_t i = 0; i < spec.bands + 2; ++i) {
    edges.push_back(low + static_cast<long double>(i) * step);
  }
  return edges;
}

Values to_hz(Values edges, MelScale scale) {
  for (long double& edge : edges) edge = mel_to_hz(edge, scale);
  return edges;
}

/// The height at x of the triangle over left, center, right; 0 outside, and on an edge that x would
/// meet exactly but for rounding.
long double triangle(long double x, long double left, long double center, long double right) {
  constexpr long double kRounding = 1e-15L;
  const long double height = std::min((x - left) / (center - left), (right - x) / (right - center));
  return height > kRounding ? height : 0.0L;
}

/// Adds a band of the weights above 0 of a run that starts at bin `first`.
void append_band(std::int64_t first, const Values& run, ir::BandedMatrix& matrix) {
  const auto above = [](long double w) { return static_cast<double>(w) > 0.0; };
  const auto begin = std::find_if(run.begin(), run.end(), above);
  const auto end = std::find_if(run.rbegin(), run.rend(), above).base();
  const auto offset = static_cast<std::int64_t>(matrix.weights.size());
  if (begin == run.end()) {
    matrix.bands.push_back({0, 0, offset});
    return;
  }
  matrix.bands.push_back({first + (begin - run.begin()), end - begin, offset});
  for (auto w = begin; w != end; ++w) matrix.weights.push_back(static_cast<double>(*w));
}

/// The bins' positions on the axis on which the triangles are linear.
Values positions_of(const BankSpec& spec) {
  const bool kaldi = spec.scale == MelScale::kaldi;
  // Kaldi's triangles do not see the Nyquist bin.
  const std::int64_t bins = kaldi ? (spec.n_fft + 1) / 2 : spec.n_fft / 2 + 1;
  Values positions;
  for (std::int64_t k = 0; k < bins; ++k) {
    const long double hz =
        static_cast<long double>(k) * spec.fs / static_cast<long double>(spec.n_fft);
    positions.push_back(kaldi ? hz_to_mel(hz, spec.scale) : hz);
  }
  return positions;
}

}  // namespace

long double hz_to_mel(long double hz, MelScale scale) {
  switch (scale) {
    case MelScale::slaney:
      return hz < kBreakHz ? hz / kHzPerMel : kBreakMel + std::log(hz / kBreakHz) / kLogStep;
    case MelScale::htk:
      return 2595.0L * std::log10(1.0L + hz / kCornerHz);
    case MelScale::kaldi:
      return 1127.0L * std::log(1.0L + hz / kCornerHz);
  }
  return 0.0L;
}

long double mel_to_hz(long double mel, MelScale scale) {
  switch (scale) {
    case MelScale::slaney:
      return mel < kBreakMel ? mel * kHzPerMel : kBreakHz * std::exp(kLogStep * (mel - kBreakMel));
    case MelScale::htk:
      return kCornerHz * (std::pow(10.0L, mel / 2595.0L) - 1.0L);
    case MelScale::kaldi:
      return kCornerHz * (std::exp(mel / 1127.0L) - 1.0L);
  }
  return 0.0L;
}

std::vector<double> edges_hz(const BankSpec& spec) {
  const Values edges = to_hz(edges_mel(spec), spec.scale);
  return {edges.begin(), edges.end()};
}

Filterbank make_filterbank(const BankSpec& spec) {
  const Values mel = edges_mel(spec);
  const Values hz = to_hz(mel, spec.scale);
  const Values& edges = spec.scale == MelScale::kaldi ? mel : hz;
  const Values positions = positions_of(spec);
  auto matrix = std::make_shared<ir::BandedMatrix>();
  matrix->bins = spec.n_fft / 2 + 1;
  Filterbank bank;
  Values run;
  for (std::size_t b = 0; b + 2 < edges.size(); ++b) {
    const long double norm = spec.norm == MelNorm::slaney ? 2.0L / (hz[b + 2] - hz[b]) : 1.0L;
    const auto begin = std::lower_bound(positions.begin(), positions.end(), edges[b]);
    const auto end = std::upper_bound(begin, positions.end(), edges[b + 2]);
    run.clear();
    for (auto x = begin; x != end; ++x) {
      run.push_back(norm * triangle(*x, edges[b], edges[b + 1], edges[b + 2]));
    }
    append_band(begin - positions.begin(), run, *matrix);
    if (matrix->bands.back().count == 0) bank.empty_bands.push_back(static_cast<std::int64_t>(b));
    bank.center_hz.push_back(static_cast<double>(hz[b + 1]));
  }
  bank.matrix = std::move(matrix);
  return bank;
}

std::string warning_of(const Filterbank& bank) {
  if (bank.empty_bands.empty()) return {};
  std::vector<std::string> names;
  for (const std::int64_t band : bank.empty_bands) {
    if (names.size() == 8) {
      names.emplace_back("...");
      break;
    }
    names.push_back(std::to_string(band));
  }
  return "[mel] " + std::to_string(bank.empty_bands.size()) + " of " +
         std::to_string(bank.center_hz.size()) + " bands hold no bin and stay silent (" +
         base::join(names) + "); give a larger --n-fft, fewer --n-mels or a higher --fmin";
}

}  // namespace papilio::spectral
