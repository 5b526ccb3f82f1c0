// The k strongest bins or peaks of a spectrum: slots of bin, power, frequency_hz, peak_power.
// Positions are places in ascending frequency; two-sided spectra lie in FFT order.
#pragma once

#include "features.cuh"

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
  __device__ __forceinline__ R doubling(int position) const {
    const bool alone = position == 0 || (has_nyquist && position == bins - 1);
    return !two_sided && doubled && !alone ? R(2) : R(1);
  }
};

/// A power and where it lies; bin -1: nothing.
template <typename R>
struct Pick {
  R power;
  int bin;
};
template <typename R>
__device__ __forceinline__ Pick<R> from_lane(Pick<R> pick, int mask, int width) {
  return {from_lane(pick.power, mask, width), from_lane(pick.bin, mask, width)};
}
template <typename R>
__device__ __forceinline__ Pick<R> of_lane(Pick<R> pick, int lane) {
  return {of_lane(pick.power, lane), of_lane(pick.bin, lane)};
}
/// Power descending, ties to the lower bin.
template <typename R>
__device__ __forceinline__ bool before(Pick<R> a, Pick<R> b) {
  if (a.bin < 0 || b.bin < 0) return b.bin < 0 && a.bin >= 0;
  return a.power > b.power || (a.power == b.power && a.bin < b.bin);
}

/// The k strongest of the bins for which allowed(bin), strongest first, to put(rank, pick).
template <typename R, typename Team, typename Get, typename Allowed, typename Put>
__device__ __forceinline__ void strongest(const Team& team, int bins, int k, Get&& get,
                                          Allowed&& allowed, Put&& put) {
  const Pick<R> none = {R(0), -1};
  Pick<R> last = none;
  const auto next_of_thread = [&] {
    Pick<R> best = none;
    team.each(bins, [&](int bin) {
      if (!allowed(bin)) return;
      const Pick<R> pick = {get(bin), bin};
      if ((last.bin < 0 || before(last, pick)) && before(pick, best)) best = pick;
    });
    return best;
  };
  Pick<R> mine = next_of_thread();
  for (int rank = 0; rank < k; ++rank) {
    last = team.reduce(mine, [](Pick<R> a, Pick<R> b) { return before(b, a) ? b : a; });
    if (team.thread == rank % Team::kSize) put(rank, last);
    if (mine.bin >= 0 && mine.bin == last.bin) mine = next_of_thread();
  }
}

/// Writes a slot; `frequency` and `peak_power` are the bin's own unless a peak has better ones.
template <typename R, typename Out>
__device__ __forceinline__ void put_slot(const Out& out, int rank, Pick<R> pick, R frequency,
                                         R peak_power) {
  const bool used = pick.bin >= 0;
  out.set(4 * rank, used ? R(pick.bin) : R(-1));
  out.set(4 * rank + 1, used ? pick.power : not_a_number<R>());
  out.set(4 * rank + 2, used ? frequency : not_a_number<R>());
  out.set(4 * rank + 3, used ? peak_power : not_a_number<R>());
}

template <typename R, typename Team, typename Get>
__device__ __forceinline__ bool all_finite(const Team& team, int bins, Get&& get) {
  Watch<R> watch;
  team.each(bins, [&](int bin) { watch.see(get(bin)); });
  return !team.any(watch.alarmed());
}

/// Returns false, and finds nothing, where a power is not finite.
template <typename R, typename Team, typename Get, typename Out>
__device__ __forceinline__ bool top_bins(const Team& team, const Search<R>& search, int k, Get&& get,
                                         const Out& out) {
  const bool finite_powers = all_finite<R>(team, search.bins, get);
  strongest<R>(
      team, search.bins, k, get,
      [&](int bin) {
        const int position = search.position_of(bin);
        return finite_powers && position >= search.lo && position < search.hi;
      },
      [&](int rank, Pick<R> pick) {
        put_slot(out, rank, pick, search.frequency(search.position_of(pick.bin)), pick.power);
      });
  return finite_powers;
}

enum Mark : unsigned char { kNoPeak, kPeak, kPlateau };

/// The vertex of the parabola through the logs of three powers without one-sided doubling; where
/// there is none, frequency and power stay.
template <typename R, typename At>
__device__ __forceinline__ void refine(const Search<R>& search, int position, At&& at, R& frequency,
                                       R& power) {
  const R left = at(position - 1) / search.doubling(position - 1);
  const R middle = at(position) / search.doubling(position);
  const R right = at(position + 1) / search.doubling(position + 1);
  if (left <= R(0) || right <= R(0) || middle <= left || middle <= right) return;
  const double fall_left = log1p(double(middle - left) / double(left));
  const double fall_right = log1p(double(middle - right) / double(right));
  const double sum = fall_left + fall_right;
  if (!(sum > 0.0)) return;
  const double difference = fall_left - fall_right;
  const double rise = 0.125 * difference * difference / sum;
  frequency = search.frequency(position + 0.5 * difference / sum);
  power = R(double(middle) * exp(rise) * double(search.doubling(position)));
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
  for (;;) {
    Pick<R> mine = none;
    team.each(search.bins, [&](int position) {
      if (marks[position] == kNoPeak) return;
      const Pick<R> pick = {at(position), position};
      const bool open = last.bin < 0 || pick.power < last.power ||
                        (pick.power == last.power && pick.bin < last.bin);
      if (open) mine = later(mine, pick);
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

/// As scipy.signal.find_peaks sees them; `marks` are search.bins bytes of shared memory.
template <typename R, typename Team, typename Get, typename Out>
__device__ __forceinline__ bool top_peaks(const Team& team, const Search<R>& search, int k,
                                          unsigned char* marks, Get&& get, const Out& out) {
  const bool finite_powers = all_finite<R>(team, search.bins, get);
  const auto at = [&](int position) { return get(search.bin_at(position)); };
  team.each(search.bins, [&](int position) { marks[position] = kNoPeak; });
  team.sync();
  team.each(search.bins - 2, [&](int before_left) {
    const int left = before_left + 1;
    const R power = at(left);
    if (!finite_powers || !(at(before_left) < power)) return;
    int right = left;
    while (right + 1 < search.bins && at(right + 1) == power) ++right;
    if (right + 1 == search.bins || !(at(right + 1) < power)) return;
    const int middle = (left + right) / 2;
    if (middle < search.lo || middle >= search.hi || !(double(power) >= search.height)) return;
    const R below = larger(at(middle - 1), at(middle + 1));
    if (!(double(power - below) >= search.threshold)) return;
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
  strongest<R>(
      team, search.bins, k, get,
      [&](int bin) { return marks[search.position_of(bin)] != kNoPeak; },
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
