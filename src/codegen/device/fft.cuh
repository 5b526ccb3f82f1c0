// Transforms of one item by a team: Stockham passes of radix 2 to 32, each a transform of a few
// points in the registers of every thread, between them an exchange through shared memory. Results
// are in order. get(i) gives element i, put(slot, i, value) takes result i; slot is a constant of
// the thread, so that sums over many transforms can stay in registers.
#pragma once

#include "codegen/device/team.cuh"
#include "codegen/device/twiddle.cuh"

/// Where elements lie in shared memory: a gap after every kPeriod keeps strided accesses off one
/// bank. The period goes with the first radix: the places of a butterfly are constants apart.
template <int First>
struct Places {
  static constexpr bool kPower = (First & (First - 1)) == 0;
  static constexpr int kPeriod = kPower ? (First < 16 ? 16 : First) : First % 2 == 0 ? First : 0;

  static __device__ __forceinline__ constexpr int of(int i) {
    if constexpr (kPeriod == 0) {
      return i;
    } else {
      return i + int(unsigned(i) / unsigned(kPeriod ? kPeriod : 1));
    }
  }
  /// Of base + Offset. Base is a multiple of Whole plus less than Part, Offset a multiple of Part
  /// below Whole; Whole 0: nothing is known of base.
  template <int Offset, int Whole, int Part>
  static __device__ __forceinline__ int of(int base) {
    constexpr int period = kPeriod ? kPeriod : 1;
    constexpr bool apart = kPeriod == 0 || Offset % period == 0 ||
                           (Whole > 0 && (Whole % period == 0 || period % Whole == 0) &&
                            period % Part == 0);
    if constexpr (apart) {
      return of(base) + of(Offset);
    } else {
      return of(base + Offset);
    }
  }
};

template <typename P>
__device__ __forceinline__ P constant(const P* table, int i) {
  return read_only(table + i);
}
template <typename R>
__device__ __forceinline__ Two<R> constant(const R* table, Twin i) {
  const Cx<R> both = read_only(reinterpret_cast<const Cx<R>*>(table) + i.half);
  return {both.re, both.im};
}

/// A source of elements that lie in `work` themselves, which a pass overwrites.
template <typename Get>
struct InWork {
  Get get;
  __device__ __forceinline__ auto operator()(int i) const { return get(i); }
};
template <typename Get>
__device__ __forceinline__ InWork<Get> in_work(Get get) {
  return {get};
}
template <typename Get>
constexpr bool kInWork = false;
template <typename Get>
constexpr bool kInWork<InWork<Get>> = true;

/// Pass of radix Q after passes whose radices have the product M; `roots` are exp(-2 pi i j k / QM)
/// at [j - 1][k].
template <typename At, typename R, int N, int Q, int M, typename Team, typename Get, typename Put>
__device__ __forceinline__ void fft_pass(const Team& team, Cx<R>* work, const Cx<R>* roots,
                                         const Get& get, Put&& put) {
  constexpr int kButterflies = N / Q;
  constexpr int kEach = (kButterflies + Team::kSize - 1) / Team::kSize;
  constexpr bool kAllBusy = kButterflies % Team::kSize == 0 && !Team::kIdleThreads;
  constexpr bool kFirst = M == 1;
  constexpr bool kLast = M * Q == N;
  Cx<R> v[kEach][Q];
  const auto busy = [&](int b) { return kAllBusy || (b < kButterflies && !team.idle()); };
  unrolled<kEach>([&](auto e) {
    const int b = team.thread + Team::kSize * e.value;
    if (!busy(b)) return;
    unrolled<Q>([&](auto j) {
      constexpr int offset = decltype(j)::value * kButterflies;
      if constexpr (kFirst) {
        v[e.value][j.value] = as_complex(get(b + offset));
      } else {
        v[e.value][j.value] = work[At::template of<offset, 0, 1>(b)];
      }
    });
  });
  if constexpr (!kFirst || kInWork<Get>) team.sync();
  unrolled<kEach>([&](auto e) {
    const int b = team.thread + Team::kSize * e.value;
    if (!busy(b)) return;
    const int k = int(unsigned(b) % unsigned(M));
    if constexpr (kFirst) {
      Dft<Q>::run(v[e.value]);
    } else {
      twiddled_dft<M>(v[e.value], roots, k);
    }
    unrolled<Q>([&](auto j) {
      if constexpr (kLast) {
        put(e.value * Q + j.value, b + j.value * kButterflies, v[e.value][j.value]);
      } else {
        constexpr int offset = decltype(j)::value * M;
        work[At::template of<offset, M * Q, M>((b - k) * Q + k)] = v[e.value][j.value];
      }
    });
  });
  if constexpr (!kLast) team.sync();
}

/// N complex points. `work` holds exchange_size(N) elements; it may be overwritten once a barrier
/// has followed.
template <typename R, int N, int... Radices>
struct Fft {
  static constexpr int first_radix() {
    constexpr int radices[] = {Radices...};
    return radices[0];
  }
  using At = Places<first_radix()>;
  /// All passes, or (Last false) all but the last one.
  template <bool Last, int M, int Q, int... Rest, typename Team, typename Get, typename Put>
  static __device__ __forceinline__ void passes(const Team& team, Cx<R>* work, const Cx<R>* roots,
                                                const Get& get, Put&& put) {
    constexpr bool more = sizeof...(Rest) > 0;
    if constexpr (Last || more) fft_pass<At, R, N, Q, M>(team, work, roots, get, put);
    if constexpr (more) {
      passes<Last, M * Q, Rest...>(team, work, roots + (M == 1 ? 0 : (Q - 1) * M), get, put);
    }
  }
  template <typename Team, typename Get, typename Put>
  static __device__ __forceinline__ void run(const Team& team, Cx<R>* work, const Cx<R>* roots,
                                             const Get& get, Put&& put) {
    passes<true, 1, Radices...>(team, work, roots, get, put);
  }
  template <typename Team, typename Get>
  static __device__ __forceinline__ void all_but_last(const Team& team, Cx<R>* work,
                                                      const Cx<R>* roots, const Get& get) {
    passes<false, 1, Radices...>(team, work, roots, get, 0);
  }
  static constexpr int kPasses = sizeof...(Radices);
  static constexpr int last_radix() {
    constexpr int radices[] = {Radices...};
    return radices[sizeof...(Radices) - 1];
  }
  /// Results of a thread.
  template <typename Team>
  static constexpr int slots() {
    return (N / last_radix() + Team::kSize - 1) / Team::kSize * last_radix();
  }
  /// body(slot, i) for every result i of the thread.
  template <typename Team, typename Body>
  static __device__ __forceinline__ void each_slot(const Team& team, Body&& body) {
    constexpr int q = last_radix();
    unrolled<slots<Team>()>([&](auto slot) {
      const int b = team.thread + Team::kSize * (slot.value / q);
      if (b < N / q && !team.idle()) body(slot.value, b + slot.value % q * (N / q));
    });
  }
};

/// A transform the other way round, exp(+2 pi i j k / N), unscaled.
template <typename Forward>
struct Backward {
  template <typename Team, typename Work, typename Get, typename Put>
  static __device__ __forceinline__ void run(const Team& team, Work* work, const Work* roots,
                                             const Get& get, Put&& put) {
    Forward::run(
        team, work, roots, [&](int i) { return swapped(as_complex(get(i))); },
        [&](int slot, int i, Work z) { put(slot, i, swapped(z)); });
  }
};

/// N points of any length as a convolution of M >= 2 N - 1 points (Bluestein 1970). `roots`: those
/// of the transform of M points, then the chirp exp(-pi i k^2 / N) for k < N, then the transform of
/// its conjugate, divided by M.
template <typename R, int N, int M, int RootCount, int... Radices>
struct Bluestein {
  using Points = Fft<R, M, Radices...>;
  template <typename Team, typename Get, typename Put>
  static __device__ __forceinline__ void run(const Team& team, Cx<R>* work, const Cx<R>* roots,
                                             const Get& get, Put&& put) {
    const Cx<R>* chirp = roots + RootCount;
    const Cx<R>* spectrum = chirp + N;
    Points::run(
        team, work, roots,
        [&](int i) {
          return i < N ? as_complex(get(i)) * read_only(chirp + i) : Cx<R>{R(0), R(0)};
        },
        [&](int, int i, Cx<R> z) {
          work[Points::At::of(i)] = swapped(z * read_only(spectrum + i));
        });
    team.sync();
    Points::run(
        team, work, roots, in_work([&](int i) { return work[Points::At::of(i)]; }),
        [&](int slot, int i, Cx<R> z) {
          if (i < N) put(slot, i, swapped(z) * read_only(chirp + i));
        });
    team.sync();
  }
  template <typename Team>
  static constexpr int slots() {
    return Points::template slots<Team>();
  }
  template <typename Team, typename Body>
  static __device__ __forceinline__ void each_slot(const Team& team, Body&& body) {
    Points::each_slot(team, [&](int slot, int i) {
      if (i < N) body(slot, i);
    });
  }
};
