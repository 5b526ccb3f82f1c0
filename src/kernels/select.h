/// The K strongest bins or peaks of one power spectrum, as scipy.signal.find_peaks sees peaks.
/// Plain C++, the same on every ISA; works on one contiguous row and allocates nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

namespace papilio::kernels {

/// What the bins of a row mean. Conditions and searches use *positions*: places in ascending
/// frequency. Position = bin for one-sided spectra; two-sided ones, stored in FFT order, are
/// searched as numpy.fft.fftshift shows them, position 0 being the most negative frequency.
struct SpectrumAxis {
  std::int64_t bins;
  /// Hz from one bin to the next.
  double bin_hz = 1.0;
  bool two_sided = false;
  /// One-sided powers whose bins other than DC and Nyquist are doubled.
  bool doubled = false;
  /// The last bin of a one-sided spectrum is Nyquist (even transform length).
  bool has_nyquist = true;

  /// Bin at a position.
  std::int64_t bin_at(std::int64_t position) const {
    if (!two_sided) return position;
    const std::int64_t bin = position + (bins + 1) / 2;
    return bin < bins ? bin : bin - bins;
  }
  /// Frequency of a (fractional) position.
  double frequency(double position) const {
    return (position - static_cast<double>(two_sided ? bins / 2 : 0)) * bin_hz;
  }
};

/// Conditions of scipy.signal.find_peaks on linear power; the defaults let every peak pass.
/// Order: candidates' range, height, threshold, distance, prominence.
struct PeakConditions {
  /// Only local maxima at positions in [lo, hi) take part, from the first condition on; the powers
  /// outside still serve as neighbours and for prominence. hi < 0: no limit.
  std::int64_t lo = 0;
  std::int64_t hi = -1;
  double height = -std::numeric_limits<double>::infinity();
  /// Least rise above both neighbours.
  double threshold = 0.0;
  /// Least distance in bins; of two closer peaks the higher one stays (of equal ones the later).
  std::int64_t distance = 1;
  /// Least prominence over the whole row.
  double prominence = 0.0;
};

/// Values of one slot of the result: bin, power, frequency_hz, peak_power.
inline constexpr std::int64_t kSlotValues = 4;

/// Bytes of scratch (64-byte aligned) that the functions below need for `bins` bins.
template <typename T>
std::size_t select_scratch_bytes(std::int64_t bins);

/// The slots.size() / 4 largest bins with position in [lo, hi) (hi < 0: no limit), by power
/// descending, ties to the lower bin; frequency_hz and peak_power are the bin's own. Unused slots
/// are -1, NaN, NaN, NaN; returns how many are used. NaN powers are never chosen.
template <typename T>
std::int64_t select_bins(std::span<const T> power, const SpectrumAxis& axis, std::int64_t lo,
                         std::int64_t hi, std::span<T> slots, std::span<std::byte> scratch);

/// The slots.size() / 4 highest peaks that meet `conditions`, ordered and padded likewise.
/// frequency_hz and peak_power are the vertex of the parabola through the logs of the peak's and
/// its neighbours' powers without one-sided doubling, the peak's own doubling put back; the bin's
/// own values where one of the three powers is 0, on a plateau, and where the undoubled peak is no
/// longer above both undoubled neighbours (beside DC or Nyquist).
template <typename T>
std::int64_t select_peaks(std::span<const T> power, const SpectrumAxis& axis,
                          const PeakConditions& conditions, std::span<T> slots,
                          std::span<std::byte> scratch);

}  // namespace papilio::kernels
