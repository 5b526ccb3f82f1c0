// Mel scales and banded triangles.
#include "spectral/filterbank.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace papilio::spectral {
namespace {

// Slaney's scale: below kBreakHz 200/3 Hz per mel, above a factor 6.4 per 27 mel.
constexpr double kHzPerMel = 200.0 / 3.0;
constexpr double kBreakHz = 1000.0;
constexpr double kBreakMel = kBreakHz / kHzPerMel;
const double kLogStep = std::log(6.4) / 27.0;

constexpr double kCornerHz = 700.0;

std::vector<double> edges_mel(const BankSpec& spec) {
  const double low = hz_to_mel(spec.fmin, spec.scale);
  const double high = hz_to_mel(spec.upper_hz(), spec.scale);
  const double step = (high - low) / static_cast<double>(spec.bands + 1);
  std::vector<double> edges;
  for (std::int64_t i = 0; i < spec.bands + 2; ++i) {
    edges.push_back(low + static_cast<double>(i) * step);
  }
  return edges;
}

/// The height at x of the triangle over left, center, right; not above 0 outside.
double triangle(double x, double left, double center, double right) {
  return std::min((x - left) / (center - left), (right - x) / (right - center));
}

/// Adds a band of the weights above 0 of a run that starts at bin `first`.
void append_band(std::int64_t first, const std::vector<double>& run, ir::BandedMatrix& matrix) {
  const auto above = [](double w) { return w > 0.0; };
  const auto begin = std::find_if(run.begin(), run.end(), above);
  const auto end = std::find_if(run.rbegin(), run.rend(), above).base();
  const auto offset = static_cast<std::int64_t>(matrix.weights.size());
  if (begin == run.end()) {
    matrix.bands.push_back({0, 0, offset});
    return;
  }
  matrix.bands.push_back({first + (begin - run.begin()), end - begin, offset});
  matrix.weights.insert(matrix.weights.end(), begin, end);
}

/// The bins' positions on the axis on which the triangles are linear.
std::vector<double> positions_of(const BankSpec& spec) {
  const bool kaldi = spec.scale == MelScale::kaldi;
  // Kaldi's triangles do not see the Nyquist bin.
  const std::int64_t bins = kaldi ? (spec.n_fft + 1) / 2 : spec.n_fft / 2 + 1;
  std::vector<double> positions;
  for (std::int64_t k = 0; k < bins; ++k) {
    const double hz = static_cast<double>(k) * spec.fs / static_cast<double>(spec.n_fft);
    positions.push_back(kaldi ? hz_to_mel(hz, spec.scale) : hz);
  }
  return positions;
}

}  // namespace

double hz_to_mel(double hz, MelScale scale) {
  switch (scale) {
    case MelScale::slaney:
      return hz < kBreakHz ? hz / kHzPerMel : kBreakMel + std::log(hz / kBreakHz) / kLogStep;
    case MelScale::htk:
      return 2595.0 * std::log10(1.0 + hz / kCornerHz);
    case MelScale::kaldi:
      return 1127.0 * std::log(1.0 + hz / kCornerHz);
  }
  return 0.0;
}

double mel_to_hz(double mel, MelScale scale) {
  switch (scale) {
    case MelScale::slaney:
      return mel < kBreakMel ? mel * kHzPerMel : kBreakHz * std::exp(kLogStep * (mel - kBreakMel));
    case MelScale::htk:
      return kCornerHz * (std::pow(10.0, mel / 2595.0) - 1.0);
    case MelScale::kaldi:
      return kCornerHz * (std::exp(mel / 1127.0) - 1.0);
  }
  return 0.0;
}

std::vector<double> edges_hz(const BankSpec& spec) {
  std::vector<double> edges = edges_mel(spec);
  for (double& edge : edges) edge = mel_to_hz(edge, spec.scale);
  return edges;
}

Filterbank make_filterbank(const BankSpec& spec) {
  const std::vector<double> hz = edges_hz(spec);
  const std::vector<double> edges = spec.scale == MelScale::kaldi ? edges_mel(spec) : hz;
  const std::vector<double> positions = positions_of(spec);
  auto matrix = std::make_shared<ir::BandedMatrix>();
  matrix->bins = spec.n_fft / 2 + 1;
  Filterbank bank;
  std::vector<double> run;
  for (std::size_t b = 0; b + 2 < edges.size(); ++b) {
    const double norm = spec.norm == MelNorm::slaney ? 2.0 / (hz[b + 2] - hz[b]) : 1.0;
    const auto begin = std::lower_bound(positions.begin(), positions.end(), edges[b]);
    const auto end = std::upper_bound(begin, positions.end(), edges[b + 2]);
    run.clear();
    for (auto x = begin; x != end; ++x) {
      run.push_back(norm * std::max(0.0, triangle(*x, edges[b], edges[b + 1], edges[b + 2])));
    }
    append_band(begin - positions.begin(), run, *matrix);
    if (matrix->bands.back().count == 0) bank.empty_bands.push_back(static_cast<std::int64_t>(b));
    bank.center_hz.push_back(hz[b + 1]);
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
