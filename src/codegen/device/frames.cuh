// Frames of a row: where a frame's samples lie, made-up samples around the ends, means and lines.
#pragma once

#include "codegen/device/ports.cuh"

/// What lies around a row; inside: no frame reaches beyond it.
enum class Pad { inside, zeros, reflect, mirror };

/// Where the frames of a row lie, as in the graph's frame rule.
struct FrameRule {
  int length;
  int hop;
  int pad_left;
  long long fixed_samples;  ///< > 0: rows are cut or zero-filled to so many
  __device__ __forceinline__ long long start(long long frame) const {
    return frame * hop - pad_left;
  }
  __device__ __forceinline__ long long effective(long long samples) const {
    return fixed_samples > 0 ? fixed_samples : samples;
  }
  /// This frame and the next one, as one.
  __device__ __forceinline__ constexpr FrameRule with_next() const {
    return {length + hop, hop, pad_left, fixed_samples};
  }
  /// Samples of the row that frames may read.
  __device__ __forceinline__ long long inside(long long samples) const {
    return fixed_samples > 0 && fixed_samples < samples ? fixed_samples : samples;
  }
};

/// Sample of the row that position `at` of the padded row shows, -1: a zero.
template <Pad P>
__device__ __forceinline__ long long shown(long long at, long long effective, long long actual) {
  if (at < 0 || at >= effective) {
    if constexpr (P == Pad::inside || P == Pad::zeros) {
      return -1;
    } else if constexpr (P == Pad::reflect) {
      const long long period = effective > 1 ? 2 * (effective - 1) : 1;
      at = (at % period + period) % period;
      at = at < period - at ? at : period - at;
    } else {
      const long long period = 2 * effective;
      at = (at % period + period) % period;
      at = at < period - 1 - at ? at : period - 1 - at;
    }
  }
  return at < actual ? at : -1;
}

/// One frame of a row; frames that lie inside it begin at multiples of Align bytes.
template <Pad P, typename Source, int Align>
struct Frame {
  using Value = typename Source::Value;
  Source row;    ///< the whole row
  /// From the frame's first sample on.
  decltype(static_cast<const Source*>(nullptr)->template from<Align>(0)) first;
  long long start, effective, actual;
  bool whole;  ///< no sample is made up

  __device__ __forceinline__ Frame(const Source& source, const FrameRule& rule, long long frame,
                                   long long samples)
      : row(source),
        first(source.template from<Align>(rule.start(frame))),
        start(rule.start(frame)),
        effective(rule.effective(samples)),
        actual(samples),
        whole(P == Pad::inside ||
              (start >= 0 && start + rule.length <= rule.inside(samples))) {}
  __device__ __forceinline__ Value at(int i) const {
    if (P == Pad::inside || whole) return first.at(i);
    return made_up(row, start + i, effective, actual);
  }
  __device__ __forceinline__ Two<Value> at(Twin i) const {
    if (P == Pad::inside || whole) return first.at(i);
    return {at(2 * i.half), at(2 * i.half + 1)};
  }
  /// Rare and long: not in line.
  static __device__ __noinline__ Value made_up(Source row, long long place, long long effective,
                                               long long actual) {
    const long long sample = shown<P>(place, effective, actual);
    return sample < 0 ? Value{} : row.at(sample);
  }
  /// The samples as an array: those of the row where none is made up, else put together in
  /// `buffer`. One choice for a frame instead of one for each of its samples.
  template <typename Team>
  __device__ __forceinline__ Samples<Value, Align> array(const Team& team, int length,
                                                         Value* buffer) const {
    if (!whole) team.each(length, [&](int i) { buffer[i] = at(i); });
    team.sync();
    return {whole ? reinterpret_cast<const Value*>(first.data) : buffer};
  }
  __device__ __forceinline__ long long sample(int i) const {
    return P == Pad::inside || whole ? start + i : shown<P>(start + i, effective, actual);
  }
};

/// Whether this thread finds a sample of `frame` that is not finite; the smallest index of such a
/// one goes to `first_bad`, if that is given.
template <typename Team, typename F>
__device__ __noinline__ bool report_bad(const Team& team, const F& frame, int length,
                                        unsigned long long* first_bad) {
  bool found = false;
  team.each(length, [&](int i) {
    const long long sample = frame.sample(i);
    if (sample < 0 || finite(frame.row.at(sample))) return;
    found = true;
    note_bad(first_bad, sample);
  });
  return found;
}

/// The same for a whole row.
template <typename Team, typename Source>
__device__ __noinline__ bool report_bad_row(const Team& team, const Source& source, int length,
                                            unsigned long long* first_bad) {
  bool found = false;
  team.each(length, [&](int i) {
    if (finite(source.at(i))) return;
    found = true;
    note_bad(first_bad, i);
  });
  return found;
}

template <typename R>
__device__ __forceinline__ R median(R a, R b, R c) {
  const R low = a < b ? a : b;
  const R high = a < b ? b : a;
  return c < low ? low : c < high ? c : high;
}
template <typename R>
__device__ __forceinline__ Cx<R> median(Cx<R> a, Cx<R> b, Cx<R> c) {
  return {median(a.re, b.re, c.re), median(a.im, b.im, c.im)};
}

/// The mean of a frame as a sum that is not carried out: rounded, a large offset would be wrong by
/// as much as what lies about it.
template <typename V>
struct Level {
  V pivot, rest;
  __device__ __forceinline__ V taken_from(V x, int) const { return (x - pivot) - rest; }
};

/// About a sample as near to the others as their offset: no click or step is the median of three.
template <typename R, typename Team, typename Get>
__device__ __forceinline__ auto mean_of(const Team& team, int length, Get&& get) {
  using V = decltype(get(0));
  const V pivot = median(get(0), get(length / 2), get(length - 1));
  V sum{};
  team.each(length, [&](int i) { sum = sum + (get(i) - pivot); });
  return Level<V>{pivot, team.sum(sum) * (R(1) / R(length))};
}

/// A straight line about the middle of a frame, where level and slope are independent. In double
/// also for floats: a line much larger than what lies about it would leave its roundings behind.
template <typename R, typename W>
struct Line {
  W level, slope;
  double middle;
  template <typename V>
  __device__ __forceinline__ V taken_from(V x, int i) const {
    return narrowed<R>(widened(x) - (level + slope * (double(i) - middle)));
  }
};

/// The one through a frame by least squares.
template <typename R, typename Team, typename Get>
__device__ __forceinline__ auto line_of(const Team& team, int length, Get&& get) {
  using W = decltype(widened(get(0)));
  const double n = length;
  const double middle = 0.5 * (n - 1.0);
  W level{};
  W slope{};
  team.each(length, [&](int i) {
    const W x = widened(get(i));
    level = level + x;
    slope = slope + x * (double(i) - middle);
  });
  level = team.sum(level) * (1.0 / n);
  slope = team.sum(slope) * (length < 2 ? 0.0 : 12.0 / (n * (n * n - 1.0)));
  return Line<R, W>{level, slope, middle};
}
