/// Top-K bins and peaks. "Position" is explained in the header. Two ways to the K best peaks: a
/// bounded heap during the scan when each peak stands for itself, and, when distance or prominence
/// is asked for, all candidates taken highest first until K of them have passed.
#include "kernels/select.h"

#include <algorithm>
#include <cmath>

namespace papilio::kernels {
namespace {

/// Scratch cut into its arrays, all of `bins` entries (peaks are at most half as many).
template <typename T>
struct Scratch {
  T* shifted;
  std::int64_t* positions;
  std::int64_t* order;
  std::int64_t* best;
  std::uint8_t* dropped;

  static std::size_t padded(std::size_t bytes) { return (bytes + 63) / 64 * 64; }
  static std::size_t index_bytes(std::int64_t bins) {
    return padded(static_cast<std::size_t>(bins) * sizeof(std::int64_t));
  }
  static std::size_t power_bytes(std::int64_t bins) {
    return padded(static_cast<std::size_t>(bins) * sizeof(T));
  }
  static std::size_t bytes(std::int64_t bins) {
    return power_bytes(bins) + 3 * index_bytes(bins) + padded(static_cast<std::size_t>(bins));
  }

  Scratch(std::byte* memory, std::int64_t bins) {
    shifted = reinterpret_cast<T*>(memory);
    memory += power_bytes(bins);
    std::int64_t** indices[] = {&positions, &order, &best};
    for (std::int64_t** array : indices) {
      *array = reinterpret_cast<std::int64_t*>(memory);
      memory += index_bytes(bins);
    }
    dropped = reinterpret_cast<std::uint8_t*>(memory);
  }
};

/// The row in ascending frequency.
template <typename T>
const T* ascending(std::span<const T> power, const SpectrumAxis& axis, T* shifted) {
  if (!axis.two_sided) return power.data();
  const auto negative = power.begin() + (axis.bins + 1) / 2;
  std::copy(power.begin(), negative, std::copy(negative, power.end(), shifted));
  return shifted;
}

/// Orders positions by power descending, ties to the lower bin: the order of the result.
template <typename T>
struct Stronger {
  const T* x;
  const SpectrumAxis& axis;
  bool operator()(std::int64_t a, std::int64_t b) const {
    if (x[a] != x[b]) return x[a] > x[b];
    return axis.bin_at(a) < axis.bin_at(b);
  }
};

/// The `limit` first of all positions offered, by `before`; the heap's front is the last of them.
template <typename T>
class Best {
 public:
  Best(std::int64_t* heap, std::int64_t limit, const Stronger<T>& before)
      : heap_(heap), limit_(limit), before_(before) {}

  void offer(std::int64_t position) {
    if (size_ == limit_) {
      if (limit_ == 0 || before_.x[position] < least_ || !before_(position, heap_[0])) return;
      std::pop_heap(heap_, heap_ + size_--, before_);
    }
    heap_[size_++] = position;
    std::push_heap(heap_, heap_ + size_, before_);
    least_ = before_.x[heap_[0]];
  }
  /// False when nothing of power `power` or less can enter any more, whatever its bin.
  bool open_to(T power) const { return size_ < limit_ || (limit_ > 0 && power >= least_); }
  /// Sorts what is kept, strongest first, and returns it.
  std::span<const std::int64_t> sorted() {
    std::sort_heap(heap_, heap_ + size_, before_);
    return {heap_, static_cast<std::size_t>(size_)};
  }

 private:
  std::int64_t* heap_;
  std::int64_t limit_;
  std::int64_t size_ = 0;
  T least_ = 0;
  Stronger<T> before_;
};

/// Calls found(position) for each local maximum: scipy's _local_maxima_1d, a plateau counting once,
/// at its middle, floored.
template <typename T, typename Found>
void each_local_maximum(const T* x, std::int64_t bins, Found&& found) {
  for (std::int64_t i = 1; i < bins - 1; ++i) {
    if (!(x[i - 1] < x[i])) continue;
    std::int64_t ahead = i + 1;
    while (ahead < bins - 1 && x[ahead] == x[i]) ++ahead;
    if (x[ahead] < x[i]) {
      found((i + ahead - 1) / 2);
      i = ahead;
    }
  }
}

/// x[peak] minus the higher of the two lowest points between the peak and higher ground.
template <typename T>
double prominence_of(const T* x, std::int64_t bins, std::int64_t peak) {
  T left = x[peak];
  for (std::int64_t i = peak; i >= 0 && x[i] <= x[peak]; --i) left = std::min(left, x[i]);
  T right = x[peak];
  for (std::int64_t i = peak; i < bins && x[i] <= x[peak]; ++i) right = std::min(right, x[i]);
  return static_cast<double>(x[peak]) - static_cast<double>(std::max(left, right));
}

/// The conditions that need nothing but the peak and its neighbours.
template <typename T>
bool passes_locally(const T* x, std::int64_t peak, const PeakConditions& conditions) {
  if (peak < conditions.lo || (conditions.hi >= 0 && peak >= conditions.hi)) return false;
  const auto at = static_cast<double>(x[peak]);
  if (!(at >= conditions.height)) return false;
  if (conditions.threshold <= 0) return true;
  const double rise =
      std::min(at - static_cast<double>(x[peak - 1]), at - static_cast<double>(x[peak + 1]));
  return rise >= conditions.threshold;
}

/// Drops the candidates nearer than `distance` to candidate `kept` (scipy's
/// _select_by_peak_distance: whoever is visited first, which is the higher one, stays).
void drop_neighbours(const std::int64_t* positions, std::int64_t count, std::int64_t kept,
                     std::int64_t distance, std::uint8_t* dropped) {
  for (std::int64_t j = kept - 1; j >= 0 && positions[kept] - positions[j] < distance; --j) {
    dropped[j] = 1;
  }
  for (std::int64_t j = kept + 1; j < count && positions[j] - positions[kept] < distance; ++j) {
    dropped[j] = 1;
  }
}

/// Visits candidates highest first, of equal ones the later first, as scipy does, so that the fate
/// of each is known when it is reached and the visit can end once nothing can enter `best`.
template <typename T>
void choose_in_order(const T* x, std::int64_t bins, const PeakConditions& conditions,
                     std::int64_t count, const Scratch<T>& scratch, Best<T>& best) {
  const std::int64_t* positions = scratch.positions;
  const auto visited_later = [&](std::int64_t a, std::int64_t b) {
    const T xa = x[positions[a]];
    const T xb = x[positions[b]];
    return xa != xb ? xa < xb : a < b;
  };
  for (std::int64_t j = 0; j < count; ++j) {
    scratch.order[j] = j;
    scratch.dropped[j] = 0;
  }
  std::int64_t* heap = scratch.order;
  std::make_heap(heap, heap + count, visited_later);
  for (std::int64_t left = count; left > 0; --left) {
    const std::int64_t next = heap[0];
    if (!best.open_to(x[positions[next]])) return;
    std::pop_heap(heap, heap + left, visited_later);
    if (scratch.dropped[next] != 0) continue;
    if (conditions.distance > 1) {
      drop_neighbours(positions, count, next, conditions.distance, scratch.dropped);
    }
    if (conditions.prominence > 0 &&
        !(prominence_of(x, bins, positions[next]) >= conditions.prominence)) {
      continue;
    }
    best.offer(positions[next]);
  }
}

struct Vertex {
  double position;
  double power;
};

/// Vertex of the parabola through the logs, or the bin itself (see the header).
template <typename T>
Vertex vertex_of(const T* x, const SpectrumAxis& axis, std::int64_t peak) {
  const auto factor = [&](std::int64_t position) {
    const bool edge = position == 0 || (axis.has_nyquist && position == axis.bins - 1);
    return axis.doubled && !axis.two_sided && !edge ? 2.0 : 1.0;
  };
  const Vertex own{static_cast<double>(peak), static_cast<double>(x[peak])};
  if (x[peak - 1] == x[peak] || x[peak + 1] == x[peak]) return own;
  const double before = static_cast<double>(x[peak - 1]) / factor(peak - 1);
  const double at = static_cast<double>(x[peak]) / factor(peak);
  const double after = static_cast<double>(x[peak + 1]) / factor(peak + 1);
  if (!(before > 0 && after > 0 && at > before && at > after) || std::isinf(at)) return own;
  const double left = std::log(before) - std::log(at);
  const double right = std::log(after) - std::log(at);
  // Powers one ulp apart may have equal logs: no parabola then.
  if (!(left + right < 0)) return own;
  const double shift = 0.5 * (left - right) / (left + right);
  const double rise = -0.25 * (left - right) * shift;
  return {own.position + shift, own.power * std::exp(rise)};
}

template <typename T>
void write_slot(T* slot, std::int64_t bin, T power, double frequency, double peak_power) {
  slot[0] = static_cast<T>(bin);
  slot[1] = power;
  slot[2] = static_cast<T>(frequency);
  slot[3] = static_cast<T>(peak_power);
}

template <typename T>
void clear_slots(std::span<T> slots, std::size_t used) {
  const T nan = std::numeric_limits<T>::quiet_NaN();
  for (std::size_t i = used * kSlotValues; i + kSlotValues <= slots.size(); i += kSlotValues) {
    write_slot(slots.data() + i, -1, nan, static_cast<double>(nan), static_cast<double>(nan));
  }
}

/// K, never more than there are bins.
template <typename T>
std::int64_t limit_of(std::span<T> slots, std::int64_t bins) {
  return std::min(static_cast<std::int64_t>(slots.size()) / kSlotValues, bins);
}

}  // namespace

template <typename T>
std::size_t select_scratch_bytes(std::int64_t bins) {
  return Scratch<T>::bytes(bins);
}

template <typename T>
std::int64_t select_bins(std::span<const T> power, const SpectrumAxis& axis, std::int64_t lo,
                         std::int64_t hi, std::span<T> slots, std::span<std::byte> scratch) {
  const Scratch<T> arrays(scratch.data(), axis.bins);
  const T* x = ascending(power, axis, arrays.shifted);
  Best<T> best(arrays.best, limit_of(slots, axis.bins), Stronger<T>{x, axis});
  const std::int64_t end = hi < 0 ? axis.bins : std::min(hi, axis.bins);
  for (std::int64_t i = std::max<std::int64_t>(lo, 0); i < end; ++i) {
    if (!std::isnan(x[i])) best.offer(i);
  }
  const auto chosen = best.sorted();
  T* slot = slots.data();
  for (const std::int64_t position : chosen) {
    write_slot(slot, axis.bin_at(position), x[position],
               axis.frequency(static_cast<double>(position)), static_cast<double>(x[position]));
    slot += kSlotValues;
  }
  clear_slots(slots, chosen.size());
  return static_cast<std::int64_t>(chosen.size());
}

template <typename T>
std::int64_t select_peaks(std::span<const T> power, const SpectrumAxis& axis,
                          const PeakConditions& conditions, std::span<T> slots,
                          std::span<std::byte> scratch) {
  const Scratch<T> arrays(scratch.data(), axis.bins);
  const T* x = ascending(power, axis, arrays.shifted);
  Best<T> best(arrays.best, limit_of(slots, axis.bins), Stronger<T>{x, axis});
  if (conditions.distance > 1 || conditions.prominence > 0) {
    std::int64_t count = 0;
    each_local_maximum(x, axis.bins, [&](std::int64_t peak) {
      if (passes_locally(x, peak, conditions)) arrays.positions[count++] = peak;
    });
    choose_in_order(x, axis.bins, conditions, count, arrays, best);
  } else {
    each_local_maximum(x, axis.bins, [&](std::int64_t peak) {
      if (passes_locally(x, peak, conditions)) best.offer(peak);
    });
  }
  const auto chosen = best.sorted();
  T* slot = slots.data();
  for (const std::int64_t position : chosen) {
    const Vertex vertex = vertex_of(x, axis, position);
    write_slot(slot, axis.bin_at(position), x[position], axis.frequency(vertex.position),
               vertex.power);
    slot += kSlotValues;
  }
  clear_slots(slots, chosen.size());
  return static_cast<std::int64_t>(chosen.size());
}

template std::size_t select_scratch_bytes<float>(std::int64_t);
template std::size_t select_scratch_bytes<double>(std::int64_t);
template std::int64_t select_bins(std::span<const float>, const SpectrumAxis&, std::int64_t,
                                  std::int64_t, std::span<float>, std::span<std::byte>);
template std::int64_t select_bins(std::span<const double>, const SpectrumAxis&, std::int64_t,
                                  std::int64_t, std::span<double>, std::span<std::byte>);
template std::int64_t select_peaks(std::span<const float>, const SpectrumAxis&,
                                   const PeakConditions&, std::span<float>, std::span<std::byte>);
template std::int64_t select_peaks(std::span<const double>, const SpectrumAxis&,
                                   const PeakConditions&, std::span<double>, std::span<std::byte>);

}  // namespace papilio::kernels
