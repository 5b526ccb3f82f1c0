// The k strongest bins or peaks of a PSD: slots of bin, power, frequency_hz, peak_power.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "reference/find_peaks.h"
#include "reference/ops.h"

namespace papilio::reference {
namespace {

struct Slot {
  std::int64_t bin = 0;
  double power = 0.0;
  double frequency_hz = 0.0;
  double peak_power = 0.0;
};

/// One row in ascending frequency, and what its positions stand for.
struct Spectrum {
  const ir::TopAttrs& attrs;
  std::vector<double> power;

  Spectrum(const ir::TopAttrs& a, const double* bins, std::int64_t count) : attrs(a) {
    for (std::int64_t i = 0; i < count; ++i) power.push_back(bins[bin_of(i)]);
  }
  /// Two-sided rows are in FFT order: their negative frequencies, in the second half, come first
  /// here.
  std::int64_t bin_of(std::int64_t position) const {
    if (attrs.one_sided) return position;
    return (position + (attrs.n_fft + 1) / 2) % attrs.n_fft;
  }
  double frequency_of(double position) const {
    const auto zero = static_cast<double>(attrs.one_sided ? 0 : attrs.n_fft / 2);
    return (position - zero) * attrs.bin_hz;
  }
  bool candidate(std::int64_t position) const {
    const double hz = frequency_of(static_cast<double>(position));
    return !(hz < attrs.fmin_hz) && !(hz > attrs.fmax_hz);
  }
  double at(std::int64_t position) const { return power[static_cast<std::size_t>(position)]; }
  /// 2 where a one-sided bin holds the power of its negative frequency too.
  double doubling(std::int64_t position) const {
    const bool alone = position == 0 || 2 * position == attrs.n_fft;
    return attrs.one_sided && attrs.doubled && !alone ? 2.0 : 1.0;
  }
  Slot slot_of(std::int64_t position) const {
    const double hz = frequency_of(static_cast<double>(position));
    return {bin_of(position), at(position), hz, at(position)};
  }
};

/// Puts the vertex of the parabola through the logs of three powers in the place of the bin's own
/// values. Beside DC or Nyquist the peak of the doubled powers may be none of the plain ones;
/// there, and where a power is 0, they stay.
void refine(const Spectrum& spectrum, std::int64_t position, Slot& slot) {
  const auto plain = [&](std::int64_t i) { return spectrum.at(i) / spectrum.doubling(i); };
  const double left = plain(position - 1);
  const double middle = plain(position);
  const double right = plain(position + 1);
  if (left <= 0.0 || right <= 0.0 || middle <= left || middle <= right) return;
  const double fall_left = std::log(middle) - std::log(left);
  const double fall_right = std::log(middle) - std::log(right);
  const double sum = fall_left + fall_right;
  if (!(sum > 0.0)) return;  // powers apart by less than a logarithm resolves
  const double difference = fall_left - fall_right;
  const double rise = 0.125 * difference * difference / sum;
  slot.frequency_hz = spectrum.frequency_of(static_cast<double>(position) + 0.5 * difference / sum);
  slot.peak_power = middle * std::exp(rise) * spectrum.doubling(position);
}

std::vector<Slot> all_bins(const Spectrum& spectrum) {
  std::vector<Slot> slots;
  for (std::int64_t i = 0; i < static_cast<std::int64_t>(spectrum.power.size()); ++i) {
    if (spectrum.candidate(i)) slots.push_back(spectrum.slot_of(i));
  }
  return slots;
}

std::vector<Slot> all_peaks(const Spectrum& spectrum) {
  const ir::TopAttrs& a = spectrum.attrs;
  const auto peaks = find_peaks(spectrum.power, {a.height, a.threshold, a.distance, a.prominence},
                                [&](std::int64_t i) { return spectrum.candidate(i); });
  std::vector<Slot> slots;
  for (const Peak& peak : peaks) {
    slots.push_back(spectrum.slot_of(peak.position));
    if (!peak.plateau) refine(spectrum, peak.position, slots.back());
  }
  return slots;
}

/// Power descending, ties to the lower bin; unused slots hold bin -1 and NaN.
void write_strongest(std::vector<Slot> slots, std::int64_t k, double* out) {
  std::sort(slots.begin(), slots.end(), [](const Slot& a, const Slot& b) {
    return a.power != b.power ? a.power > b.power : a.bin < b.bin;
  });
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  for (std::size_t i = 0; i < static_cast<std::size_t>(k); ++i, out += 4) {
    const Slot slot = i < slots.size() ? slots[i] : Slot{-1, nan, nan, nan};
    out[0] = static_cast<double>(slot.bin);
    out[1] = slot.power;
    out[2] = slot.frequency_hz;
    out[3] = slot.peak_power;
  }
}

/// A row that holds a NaN or an infinity has no peaks.
Tensor top(const ir::TopAttrs& a, const Tensor& in,
           std::vector<Slot> (*collect)(const Spectrum& spectrum)) {
  std::vector<std::int64_t> shape = in.shape;
  shape.back() = a.k;
  shape.push_back(4);
  Tensor out = zeros(std::move(shape), false);
  for (std::int64_t item = 0; item < in.items(); ++item) {
    const Spectrum spectrum(a, in.re.data() + item * in.last(), in.last());
    const bool finite = std::all_of(spectrum.power.begin(), spectrum.power.end(),
                                    [](double power) { return std::isfinite(power); });
    write_strongest(finite ? collect(spectrum) : std::vector<Slot>{}, a.k,
                    out.re.data() + item * a.k * 4);
  }
  return out;
}

}  // namespace

Tensor run_TopBins(const ir::Node& node, Inputs in) {
  return top(node.as<ir::TopAttrs>(), *in[0], all_bins);
}

Tensor run_Peaks(const ir::Node& node, Inputs in) {
  return top(node.as<ir::TopAttrs>(), *in[0], all_peaks);
}

}  // namespace papilio::reference
