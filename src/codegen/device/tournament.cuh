// The largest of a team's keys in descending order, for teams within a warp. Every thread sorts the
// keys that it has; then the sorted lists of neighbours are merged, level by level, and cut off at
// as many as are wanted. Lists lie over the threads of their group, a run of keys in each.
#pragma once

#include "codegen/device/dft.cuh"
#include "codegen/device/team.cuh"

__device__ __forceinline__ unsigned lower(unsigned a, unsigned b) { return a < b ? a : b; }
__device__ __forceinline__ unsigned higher(unsigned a, unsigned b) { return a > b ? a : b; }

template <int A, int B, int Count>
__device__ __forceinline__ void descending(unsigned (&keys)[Count]) {
  const unsigned a = keys[A];
  const unsigned b = keys[B];
  keys[A] = higher(a, b);
  keys[B] = lower(a, b);
}

/// Batcher's odd-even merge of the keys First, First + Step, ... below First + Length.
template <int First, int Length, int Step, int Count>
__device__ __forceinline__ void merge_sorted(unsigned (&keys)[Count]) {
  if constexpr (2 * Step < Length) {
    merge_sorted<First, Length, 2 * Step>(keys);
    merge_sorted<First + Step, Length, 2 * Step>(keys);
    unrolled<Length / (2 * Step) - 1>([&](auto i) {
      constexpr int at = First + Step + 2 * Step * decltype(i)::value;
      descending<at, at + Step>(keys);
    });
  } else {
    descending<First, First + Step>(keys);
  }
}
template <int First, int Length, int Count>
__device__ __forceinline__ void sort_keys(unsigned (&keys)[Count]) {
  if constexpr (Length > 1) {
    sort_keys<First, Length / 2>(keys);
    sort_keys<First + Length / 2, Length / 2>(keys);
    merge_sorted<First, Length, 1>(keys);
  }
}

/// Which threads of a group hold which part of its list: part p lies in the thread whose number is
/// the exclusive or of flips[b] for the bits b of p.
struct LanePlaces {
  int bits = 0;
  int flips[5] = {};

  constexpr int threads() const { return 1 << bits; }
  constexpr int thread_of(int part) const {
    int thread = 0;
    for (int b = 0; b < bits; ++b) thread ^= (part >> b & 1) != 0 ? flips[b] : 0;
    return thread;
  }
  /// From a thread to the one of the next group that holds the opposite part, last for first.
  constexpr int opposite() const { return thread_of(threads() - 1) ^ threads(); }
  /// The next group's list follows this group's.
  constexpr LanePlaces joined() const {
    LanePlaces places = *this;
    places.flips[places.bits++] = threads();
    return places;
  }
  /// Of every part the second half lies in the opposite thread.
  constexpr LanePlaces halved() const {
    LanePlaces places = {bits + 1, {opposite()}};
    for (int b = 0; b < bits; ++b) places.flips[b + 1] = flips[b];
    return places;
  }
};

/// A list that rises once and falls once, to descending order.
template <int Size, LanePlaces P, int Bit, int Count>
__device__ __forceinline__ void merge_bitonic(int part, unsigned (&keys)[Count]) {
  if constexpr (Bit >= 0) {
    const bool first = (part >> Bit & 1) == 0;
#pragma unroll
    for (int i = 0; i < Count; ++i) {
      const unsigned other = from_lane(keys[i], P.flips[Bit], Size);
      keys[i] = first ? higher(keys[i], other) : lower(keys[i], other);
    }
    merge_bitonic<Size, P, Bit - 1>(part, keys);
  } else {
#pragma unroll
    for (int apart = Count / 2; apart > 0; apart /= 2) {
#pragma unroll
      for (int i = 0; i < Count; ++i) {
        if ((i & apart) != 0) continue;
        const unsigned a = keys[i];
        keys[i] = higher(a, keys[i + apart]);
        keys[i + apart] = lower(a, keys[i + apart]);
      }
    }
  }
}

/// Size threads, Keep keys wanted, both powers of two. kOwn of them end in every thread: thread t
/// has ranks t * kOwn and up, modulo Keep.
template <int Size, int Keep>
struct Tournament {
  static constexpr int kOwn = Keep > Size ? Keep / Size : 1;
  static constexpr int kHolders = Keep / kOwn;

  int thread;            ///< in the team
  int part = 0;          ///< of the list of its group that the thread holds
  unsigned dropped = 0;  ///< the largest key that fell out in this thread

  __device__ __forceinline__ explicit Tournament(int t) : thread(t) {}

  /// `keys` in any order, Size * Each >= Keep.
  template <int Each>
  __device__ __forceinline__ void run(unsigned (&keys)[Each], unsigned (&best)[kOwn]) {
    sort_keys<0, Each>(keys);
    if constexpr (Each > Keep) {
      dropped = keys[Keep];
      unsigned kept[Keep];
#pragma unroll
      for (int i = 0; i < Keep; ++i) kept[i] = keys[i];
      level<LanePlaces{}, 1>(kept, best);
    } else {
      level<LanePlaces{}, 1>(keys, best);
    }
  }

  /// One more key, the same in all threads, into the final list.
  __device__ __forceinline__ void insert(unsigned key, unsigned (&best)[kOwn]) {
    unsigned above = __shfl_sync(0xffffffffu, best[kOwn - 1], thread - 1, kHolders);
    if (thread % kHolders == 0) above = 0xffffffffu;
    if (thread % kHolders == kHolders - 1) dropped = higher(dropped, lower(key, best[kOwn - 1]));
#pragma unroll
    for (int i = 0; i < kOwn; ++i) {
      const unsigned own = best[i];
      best[i] = lower(above, higher(key, own));
      above = own;
    }
  }

 private:
  /// Groups of Group threads hold one sorted list each; two such lists become one. A list as long
  /// as is wanted may lie in the first P.threads() of the group, the others having the same.
  template <LanePlaces P, int Group, int Count>
  __device__ __forceinline__ void level(unsigned (&keys)[Count], unsigned (&best)[kOwn]) {
    const bool first = (thread & Group) == 0;
    if constexpr (Group == Size) {
      static_assert(Count == kOwn);
#pragma unroll
      for (int i = 0; i < Count; ++i) {
        best[i] = keys[i];
        if constexpr (Size > 1) best[i] = __shfl_sync(0xffffffffu, keys[i], holder<P>(), Size);
      }
    } else if constexpr (Group * Count < Keep) {
      join<P>(first, keys);
      level<P.joined(), 2 * Group>(keys, best);
    } else if constexpr (Count > 1) {
      unsigned half[Count / 2];
      halve<P>(first, keys, half);
      level<P.halved(), 2 * Group>(half, best);
    } else {
      const unsigned other = from_lane(keys[0], P.opposite() ^ P.threads() ^ Group, Size);
      dropped = higher(dropped, lower(keys[0], other));
      keys[0] = higher(keys[0], other);
      merge_bitonic<Size, P, P.bits - 1>(part, keys);
      level<P, 2 * Group>(keys, best);
    }
  }

  /// Where the part of the list lies that belongs to this thread in the end.
  template <LanePlaces P>
  __device__ __forceinline__ int holder() const {
    int from = 0;
    unrolled<P.bits>([&](auto bit) {
      constexpr int flip = P.flips[decltype(bit)::value];
      from ^= (thread >> bit.value & 1) != 0 ? flip : 0;
    });
    return from;
  }

  /// Two short lists to one of both: the larger half to the first group.
  template <LanePlaces P, int Count>
  __device__ __forceinline__ void join(bool first, unsigned (&keys)[Count]) {
    unsigned other[Count];
#pragma unroll
    for (int i = 0; i < Count; ++i) other[i] = from_lane(keys[Count - 1 - i], P.opposite(), Size);
#pragma unroll
    for (int i = 0; i < Count; ++i) {
      keys[i] = first ? higher(keys[i], other[i]) : lower(keys[i], other[i]);
    }
    merge_bitonic<Size, P, P.bits - 1>(part, keys);
    part += first ? 0 : P.threads();
  }

  /// Two lists of Keep keys to the larger half of both, spread over twice the threads.
  template <LanePlaces P, int Count>
  __device__ __forceinline__ void halve(bool first, unsigned (&keys)[Count],
                                        unsigned (&half)[Count / 2]) {
    constexpr int kHalf = Count / 2;
#pragma unroll
    for (int i = 0; i < kHalf; ++i) {
      // Every thread of the first group goes on with the first half of its part, for which the
      // opposite one gives its last half backwards; and the other way round.
      const unsigned given = first ? keys[kHalf + i] : keys[Count - 1 - i];
      const unsigned kept = first ? keys[i] : keys[kHalf - 1 - i];
      half[i] = from_lane(given, P.opposite(), Size);
      dropped = higher(dropped, lower(kept, half[i]));
      half[i] = higher(kept, half[i]);
    }
    part = 2 * (first ? part : P.threads() - 1 - part) + (first ? 0 : 1);
    merge_bitonic<Size, P.halved(), P.bits>(part, half);
  }
};
