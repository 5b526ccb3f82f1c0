// The strongest of a row of powers.
#pragma once

#include "codegen/device/features.cuh"
#include "codegen/device/tournament.cuh"

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

/// The k strongest of the bins for which allowed(bin), strongest first, to put(rank, pick): any k,
/// any number of bins, any team.
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

constexpr int power_of_two(int n) { return n <= 1 ? 1 : 2 * power_of_two((n + 1) / 2); }

/// How the strongest of a few bins are found by a team within a warp.
template <typename R, typename Team, int Bins, int K>
struct Few {
  static constexpr int kSize = Team::kSize;
  static constexpr int kKeep = power_of_two(K);
  static constexpr int kEven = Bins / kSize;
  /// Spectra have a bin more than a power of two: that one comes last.
  static constexpr bool kOneMore = Bins % kSize == 1 && kEven > 0 &&
                                   power_of_two(kEven) == kEven && kEven * kSize >= kKeep;
  static constexpr int kMost = (Bins + kSize - 1) / kSize;
  static constexpr int kEach =
      kOneMore ? kEven : power_of_two(kMost * kSize > kKeep ? kMost : kKeep / kSize);
  static constexpr bool kFits =
      sizeof(R) == 4 && kSize <= 32 && 32 % kSize == 0 && K <= 32 && Bins <= 512 && kEach <= 16;
};

/// A bin as an integer: the upper bits of its power, and below them where it lies, so that of equal
/// powers the lower bin has the larger key. 0: nothing. Whatever is negative or not finite has a
/// key from kOdd on.
template <int Bins>
struct BinKey {
  static constexpr unsigned kPlace = power_of_two(Bins + 1) - 1;
  static constexpr unsigned kOdd = 0x7f800000u;
  static __device__ __forceinline__ unsigned of(float power, int bin) {
    return (__float_as_uint(power) & ~kPlace) | unsigned(Bins - bin);
  }
  /// The same by the power's lower bits, for keys that agree with `cut` in the upper ones.
  static __device__ __forceinline__ unsigned tied(unsigned key, float power, unsigned cut) {
    if (key == 0 || (key & ~kPlace) != cut) return 0;
    return (__float_as_uint(power) & kPlace) * (kPlace + 1) | (key & kPlace);
  }
  static __device__ __forceinline__ Pick<float> pick(unsigned key, const float* values) {
    if (key == 0) return {0.0f, -1};
    const int bin = Bins - int(key & kPlace);
    return {values[bin], bin};
  }
};

__device__ __forceinline__ bool any_of_warp(bool value) {
  return __ballot_sync(0xffffffffu, value) != 0;
}

/// Keys order powers but for their last bits: ranks of picks by the powers themselves, where two
/// neighbours have come in the wrong order.
template <int Own, int Holders>
__device__ __forceinline__ void exact_ranks(int thread, const Pick<float> (&picks)[Own],
                                            int (&ranks)[Own]) {
  float next = __shfl_sync(0xffffffffu, picks[0].power, thread + 1, Holders);
  if (thread % Holders == Holders - 1) next = 0.0f;
  bool wrong = picks[Own - 1].power < next;
#pragma unroll
  for (int i = 0; i < Own; ++i) {
    ranks[i] = thread % Holders * Own + i;
    if (i > 0) wrong = wrong || picks[i - 1].power < picks[i].power;
  }
  if (!any_of_warp(wrong)) return;
  int better[Own] = {};
#pragma unroll 1
  for (int holder = 0; holder < Holders; ++holder) {
#pragma unroll
    for (int j = 0; j < Own; ++j) {
      const Pick<float> other = {__shfl_sync(0xffffffffu, picks[j].power, holder, Holders),
                                 __shfl_sync(0xffffffffu, picks[j].bin, holder, Holders)};
#pragma unroll
      for (int i = 0; i < Own; ++i) better[i] += before(other, picks[i]) ? 1 : 0;
    }
  }
#pragma unroll
  for (int i = 0; i < Own; ++i) ranks[i] = picks[i].bin < 0 ? ranks[i] : better[i];
}

/// Returns the largest key of the thread that is not among the best ones found.
template <typename Best, bool OneMore, int Each>
__device__ __forceinline__ unsigned compete(int thread, unsigned (&keys)[Each], unsigned one_more,
                                            unsigned (&found)[Best::kOwn]) {
  Best best(thread);
  best.run(keys, found);
  if constexpr (OneMore) best.insert(one_more, found);
  return best.dropped;
}

/// `found` with the keys that agree with `cut` replaced by those that belong there, `rest`.
template <typename Best, int Bins>
__device__ __forceinline__ void append(int thread, unsigned cut,
                                       const unsigned (&rest)[Best::kOwn],
                                       unsigned (&found)[Best::kOwn]) {
  constexpr int kOwn = Best::kOwn;
  constexpr unsigned kPlace = BinKey<Bins>::kPlace;
  int sure = 0;
#pragma unroll
  for (int i = 0; i < kOwn; ++i) sure += (found[i] & ~kPlace) > cut ? 1 : 0;
#pragma unroll
  for (int mask = Best::kHolders / 2; mask > 0; mask /= 2) {
    sure += from_lane(sure, mask, Best::kHolders);
  }
#pragma unroll
  for (int i = 0; i < kOwn; ++i) {
    const int from = thread % Best::kHolders * kOwn + i - sure;
#pragma unroll
    for (int j = 0; j < kOwn; ++j) {
      const unsigned key = __shfl_sync(0xffffffffu, rest[j], from / kOwn, Best::kHolders);
      if (from >= 0 && from % kOwn == j) found[i] = key == 0 ? 0u : cut | (key & kPlace);
    }
  }
}

/// As `strongest`, for few bins: get(bin) comes once for every bin and is left in `values`, then
/// allowed(bin, power, unsure) for every bin. Returns false where a power is not finite or negative
/// or a thread was unsure; the values are there all the same. `whole`: every bin is allowed;
/// `blank`: nothing is to be found.
template <int Bins, int K, typename Team, typename Get, typename Allowed, typename Put>
__device__ __forceinline__ bool strongest_of_few(const Team& team, bool whole, bool blank,
                                                 float* values, Get&& get, Allowed&& allowed,
                                                 Put&& put) {
  using F = Few<float, Team, Bins, K>;
  using Key = BinKey<Bins>;
  using Best = Tournament<Team::kSize, F::kKeep>;
  float own[F::kEach];
  unsigned seen = 0;
  bool unsure = blank;
  const auto is_bin = [&](auto e) {
    return Team::kSize * (e.value + 1) <= Bins || team.thread + Team::kSize * e.value < Bins;
  };
  unrolled<F::kEach>([&](auto e) {
    const int bin = team.thread + Team::kSize * e.value;
    own[e.value] = is_bin(e) ? get(bin) : 0.0f;
    if (!whole) seen = higher(seen, __float_as_uint(own[e.value]));
  });
  const float last_power = F::kOneMore ? get(Bins - 1) : 0.0f;
  unrolled<F::kEach>([&](auto e) {
    if (is_bin(e)) values[team.thread + Team::kSize * e.value] = own[e.value];
  });
  if (F::kOneMore && team.thread == 0) values[Bins - 1] = last_power;
  if (!whole) seen = higher(seen, __float_as_uint(last_power));
  team.sync();
  const auto key = [&](int bin, float power) {
    return allowed(bin, power, unsure) ? Key::of(power, bin) : 0u;
  };
  unsigned keys[F::kEach];
  const unsigned last_key = F::kOneMore ? key(Bins - 1, last_power) : 0u;
  unrolled<F::kEach>([&](auto e) {
    const int bin = team.thread + Team::kSize * e.value;
    keys[e.value] = is_bin(e) ? key(bin, own[e.value]) : 0u;
  });
  unsigned found[Best::kOwn];
  unsigned dropped = compete<Best, F::kOneMore>(team.thread, keys, last_key, found);
  if (any_of_warp(unsure || higher(seen, found[0]) >= Key::kOdd)) return false;
  const unsigned last =
      __shfl_sync(0xffffffffu, found[Best::kOwn - 1], Best::kHolders - 1, Best::kHolders);
  const unsigned cut = last & ~Key::kPlace;
  if (any_of_warp(dropped >= (cut | 1u))) {
    // Keys do not tell who comes last: those that share the last one's upper bits compete again.
    const auto tied = [&](int bin) { return Key::tied(key(bin, values[bin]), values[bin], cut); };
    unrolled<F::kEach>([&](auto e) {
      const int bin = team.thread + Team::kSize * e.value;
      keys[e.value] = is_bin(e) ? tied(bin) : 0u;
    });
    unsigned rest[Best::kOwn];
    compete<Best, F::kOneMore>(team.thread, keys, tied(Bins - 1), rest);
    append<Best, Bins>(team.thread, cut, rest, found);
  }
  Pick<float> picks[Best::kOwn];
#pragma unroll
  for (int i = 0; i < Best::kOwn; ++i) picks[i] = Key::pick(found[i], values);
  int ranks[Best::kOwn];
  exact_ranks<Best::kOwn, Best::kHolders>(team.thread, picks, ranks);
#pragma unroll
  for (int i = 0; i < Best::kOwn; ++i) {
    if (team.thread < Best::kHolders && ranks[i] < K) put(ranks[i], picks[i]);
  }
  return true;
}
