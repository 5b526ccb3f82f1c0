// The k strongest bins or peaks of a spectrum: slots of bin, power, frequency_hz, peak_power.
// Positions are places in ascending frequency; two-sided spectra lie in FFT order.
#pragma once

#include "codegen/device/strongest.cuh"

/// What bins mean and which peaks pass; NaN-free: what is not asked for lets everything pass.
template <typename R>
struct Search {
  int bins;
  int lo, hi;  ///< positions of candidates
  int distance;
  bool two_sided, doubled, has_nyquist;
  bool by_prominence;
  double bin_hz;
  double height, threshold, prominence;

  __device__ __forceinline__ int bin_at(int position) const {
    if (!two_sided) return position;
    const int bin = position + (bins + 1) / 2;
    return bin < bins ? bin : bin - bins;
  }
  __device__ __forceinline__ int position_of(int bin) const {
    if (!two_sided) return bin;
    const int position = bin - (bins + 1) / 2;
    return position < 0 ? position + bins : position;
  }
  __device__ __forceinline__ R frequency(double position) const {
    return R((position - double(two_sided ? bins / 2 : 0)) * bin_hz);
  }
  __device__ __forceinline__ bool is_doubled(int position) const {
    const bool alone = position == 0 || (has_nyquist && position == bins - 1);
    return !two_sided && doubled && !alone;
  }
  __device__ __forceinline__ bool whole() const { return lo == 0 && hi == bins; }
  __device__ __forceinline__ bool in_range(int position) const {
    return whole() || (position >= lo && position < hi);
  }
  /// Whether a maximum is high enough, and far enough above the higher one of its neighbours.
  __device__ __forceinline__ bool passes(R power, R below) const {
    if (height > -infinite<double>() && !(double(power) >= height)) return false;
    return !(threshold > 0.0) || double(power - below) >= threshold;
  }
};

/// Writes a slot; `frequency` and `peak_power` are the bin's own unless a peak has better ones.
template <typename R, typename Out>
__device__ __forceinline__ void put_slot(const Out& out, int rank, Pick<R> pick, R frequency,
                                         R peak_power) {
  const R none = not_a_number<R>();
  const bool used = pick.bin >= 0;
  out.set_four(4 * rank, used ? R(pick.bin) : R(-1), used ? pick.power : none,
               used ? frequency : none, used ? peak_power : none);
}

template <typename R, typename Team, typename Get>
__device__ __forceinline__ bool all_finite(const Team& team, int bins, Get&& get) {
  Watch<R> watch;
  team.each(bins, [&](int bin) { watch.see(get(bin)); });
  return !team.any(watch.alarmed());
}

/// get(bin) for every bin to `values`, of shared memory.
template <typename R, typename Team, typename Get>
__device__ __forceinline__ void fill(const Team& team, int bins, R* values, Get&& get) {
  team.each(bins, [&](int bin) { values[bin] = get(bin); });
  team.sync();
}

/// Returns false, and finds nothing, where a power is not finite or all are `blank`; leaves the
/// powers in `values`.
template <int Bins, int K, typename R, typename Team, typename Get, typename Out>
__device__ __forceinline__ bool top_bins(const Team& team, const Search<R>& search, bool blank,
                                         R* values, Get&& get, const Out& out) {
  const auto put = [&](int rank, Pick<R> pick) {
    put_slot(out, rank, pick, search.frequency(search.position_of(pick.bin)), pick.power);
  };
  if constexpr (Few<R, Team, Bins, K>::kFits) {
    const auto allowed = [&](int bin, R, bool&) {
      return search.in_range(search.position_of(bin));
    };
    if (strongest_of_few<Bins, K>(team, search.whole(), blank, values, get, allowed, put)) {
      return true;
    }
  } else {
    fill(team, Bins, values, get);
  }
  const auto at = [&](int bin) { return values[bin]; };
  const bool finite_powers = all_finite<R>(team, Bins, at) && !blank;
  const auto allowed = [&](int bin) {
    return finite_powers && search.in_range(search.position_of(bin));
  };
  strongest<R>(team, Bins, K, at, allowed, put);
  return finite_powers;
}

enum Mark : unsigned char { kNoPeak, kPeak, kPlateau };

/// Where the parabola through the logs of three powers has its vertex, in bins from the middle one,
/// and the log of its height over the middle one; false where there is none.
template <typename V>
__device__ __forceinline__ bool vertex(V left, V middle, V right, V& offset, V& rise) {
  const V fall_left = log1p((middle - left) / left);
  const V fall_right = log1p((middle - right) / right);
  const V sum = fall_left + fall_right;
  const V difference = fall_left - fall_right;
  offset = V(0.5) * difference / sum;
  rise = V(0.25) * difference * offset;
  return sum > V(0);
}
/// A peak's frequency and power by that vertex, of powers without one-sided doubling; where there
/// is none, they stay.
template <typename R, typename At>
__device__ __forceinline__ void refine(const Search<R>& search, int position, At&& at, R& frequency,
                                       R& power) {
  // Only ratios count: what is not doubled is, where the peak is doubled.
  const auto like_peak = [&](int i) {
    return at(i) * (search.is_doubled(position) && !search.is_doubled(i) ? R(2) : R(1));
  };
  const R left = like_peak(position - 1);
  const R middle = at(position);
  const R right = like_peak(position + 1);
  if (left <= R(0) || right <= R(0) || middle <= left || middle <= right) return;
  if constexpr (sizeof(R) == 4) {  // up to a rise that float resolves
    R offset = R(0);
    R rise = R(0);
    if (vertex(left, middle, right, offset, rise) && rise <= R(1)) {
      frequency = search.frequency(double(position) + double(offset));
      power = middle * exp(rise);
      return;
    }
  }
  double offset = 0.0;
  double rise = 0.0;
  if (!vertex(double(left), double(middle), double(right), offset, rise)) return;
  frequency = search.frequency(position + offset);
  power = R(double(middle) * exp(rise));
}

template <typename R, typename At>
__device__ __forceinline__ R prominence_of(int bins, int position, At&& at) {
  const R top = at(position);
  R left = top;
  for (int i = position; i >= 0 && at(i) <= top; --i) left = at(i) < left ? at(i) : left;
  R right = top;
  for (int i = position; i < bins && at(i) <= top; ++i) right = at(i) < right ? at(i) : right;
  return top - (left > right ? left : right);
}

/// Of two peaks nearer than the distance the higher one stays, of equal ones the later.
template <typename R, typename Team, typename At>
__device__ __forceinline__ void keep_distance(const Team& team, const Search<R>& search,
                                              unsigned char* marks, At&& at) {
  const Pick<R> none = {R(0), -1};
  const auto later = [](Pick<R> a, Pick<R> b) {  // bin holds a position here
    if (a.bin < 0 || b.bin < 0) return a.bin < 0 ? b : a;
    return a.power > b.power || (a.power == b.power && a.bin > b.bin) ? a : b;
  };
  Pick<R> last = none;
  // A team that has none left goes on without any until the others of its block have none either.
  for (bool first = true;; first = false) {
    Pick<R> mine = none;
    team.each(search.bins, [&](int position) {
      if (marks[position] == kNoPeak) return;
      const Pick<R> pick = {at(position), position};
      const bool below = pick.power < last.power ||
                         (pick.power == last.power && pick.bin < last.bin);
      if (first || (last.bin >= 0 && below)) mine = later(mine, pick);
    });
    last = team.reduce(mine, later);
    // Teams of one block end together: the barriers below are of the block.
    if (!__syncthreads_or(last.bin >= 0 ? 1 : 0)) return;
    if (last.bin >= 0) {
      team.each(search.bins, [&](int position) {
        const int apart = position < last.bin ? last.bin - position : position - last.bin;
        if (apart != 0 && apart < search.distance) marks[position] = kNoPeak;
      });
    }
    __syncthreads();
  }
}

/// As scipy.signal.find_peaks sees them: every middle of a peak or plateau to `marks`.
template <typename R, typename Team, typename At>
__device__ __forceinline__ void mark_peaks(const Team& team, const Search<R>& search,
                                           unsigned char* marks, At&& at) {
  team.each(search.bins, [&](int position) { marks[position] = kNoPeak; });
  team.sync();
  team.each(search.bins - 2, [&](int before_left) {
    const int left = before_left + 1;
    const R power = at(left);
    if (!(at(before_left) < power)) return;
    int right = left;
    while (right + 1 < search.bins && at(right + 1) == power) ++right;
    if (right + 1 == search.bins || !(at(right + 1) < power)) return;
    const int middle = (left + right) / 2;
    if (!search.in_range(middle)) return;
    if (!search.passes(power, larger(at(middle - 1), at(middle + 1)))) return;
    marks[middle] = right > left ? kPlateau : kPeak;
  });
  team.sync();
  if (search.distance > 1) keep_distance(team, search, marks, at);
  if (search.by_prominence) {
    team.each(search.bins, [&](int position) {
      if (marks[position] == kNoPeak) return;
      if (!(double(prominence_of<R>(search.bins, position, at)) >= search.prominence)) {
        marks[position] = kNoPeak;
      }
    });
    team.sync();
  }
}

/// Peaks that are neither plateaus nor weighed against other peaks; false: mark_peaks is needed.
template <int Bins, int K, typename R, typename Team, typename Get, typename Out>
__device__ __forceinline__ bool top_plain_peaks(const Team& team, const Search<R>& search,
                                                bool blank, R* values, Get&& get,
                                                const Out& out) {
  const auto at = [&](int position) { return values[search.bin_at(position)]; };
  const auto is_peak = [&](int bin, R power, bool& unsure) {
    const int position = search.position_of(bin);
    const R left = at(position == 0 ? 0 : position - 1);
    const R right = at(position == Bins - 1 ? Bins - 1 : position + 1);
    unsure = unsure || (left < power && right == power && position < Bins - 1);
    return left < power && right < power && search.in_range(position) &&
           search.passes(power, larger(left, right));
  };
  const auto put = [&](int rank, Pick<R> pick) {
    const int position = search.position_of(pick.bin < 0 ? 0 : pick.bin);
    R frequency = search.frequency(position);
    R power = pick.power;
    if (pick.bin >= 0) refine(search, position, at, frequency, power);
    put_slot(out, rank, pick, frequency, power);
  };
  return strongest_of_few<Bins, K>(team, false, blank, values, get, is_peak, put);
}

/// As top_bins; `marks` are Bins bytes of shared memory.
template <int Bins, int K, typename R, typename Team, typename Get, typename Out>
__device__ __forceinline__ bool top_peaks(const Team& team, const Search<R>& search, bool blank,
                                          R* values, unsigned char* marks, Get&& get,
                                          const Out& out) {
  if constexpr (Few<R, Team, Bins, K>::kFits) {
    if (search.distance > 1 || search.by_prominence) {
      fill(team, Bins, values, get);
    } else if (top_plain_peaks<Bins, K>(team, search, blank, values, get, out)) {
      team.sync();
      return true;
    }
  } else {
    fill(team, Bins, values, get);
  }
  const auto at_bin = [&](int bin) { return values[bin]; };
  const auto at = [&](int position) { return values[search.bin_at(position)]; };
  const bool finite_powers = all_finite<R>(team, Bins, at_bin) && !blank;
  mark_peaks(team, search, marks, at);
  strongest<R>(
      team, Bins, K, at_bin,
      [&](int bin) { return finite_powers && marks[search.position_of(bin)] != kNoPeak; },
      [&](int rank, Pick<R> pick) {
        const int position = search.position_of(pick.bin < 0 ? 0 : pick.bin);
        R frequency = search.frequency(position);
        R power = pick.power;
        if (pick.bin >= 0 && marks[position] == kPeak) {
          refine(search, position, at, frequency, power);
        }
        put_slot(out, rank, pick, frequency, power);
      });
  team.sync();
  return finite_powers;
}
