// Transforms of real rows by complex ones of half their length.
#pragma once

#include "codegen/device/fft.cuh"

/// Elements 2 i and 2 i + 1 as one complex number.
template <typename Get>
__device__ __forceinline__ auto twin(const Get& get, int i) {
  if constexpr (requires { get(Twin{i}); }) {
    const auto both = get(Twin{i});
    return Cx{both.a, both.b};
  } else {
    return Cx{get(2 * i), get(2 * i + 1)};
  }
}

/// n elements of a spectrum of real values from its bins 0 .. n/2; imaginary parts of the first and
/// (even n) the last bin are ignored.
template <typename Get>
struct Hermitian {
  int n;
  Get get;
  __device__ __forceinline__ auto operator()(int i) const {
    auto z = get(2 * i <= n ? i : n - i);
    if (i == 0 || 2 * i == n) z.im = 0;
    return 2 * i <= n ? z : conj(z);
  }
};
template <typename Get>
__device__ __forceinline__ Hermitian<Get> hermitian(int n, Get get) {
  return {n, get};
}

/// Bins 0 .. M of 2 M real elements: one transform of M complex points, then
/// X[k] = (Z[k] + conj Z[M-k]) / 2 - i w^k (Z[k] - conj Z[M-k]) / 2 with w = exp(-2 pi i / 2M).
/// Paired: butterflies p and B - p of the last pass (B of them) hold Z[k] and Z[M-k], one thread
/// does both and saves an exchange, for twice the registers. The pair of p = 0 is butterflies 0 and
/// B/2, each its own mirror: the first kOwn of its rounds are those of butterfly 0, the others
/// those of B/2, and k = M/2, its own mirror too, comes last.
/// `roots` are those of the transform and behind them w^k for k = 0 .. M/2.
template <typename R, int M, int RootCount, bool Paired, int... Radices>
struct Rfft {
  using Points = Fft<R, M, Radices...>;
  static constexpr int Q = Points::last_radix();
  static constexpr int B = M / Q;
  static constexpr int kPairs = (B + 1) / 2;
  static constexpr int kOwn = (Q + 1) / 2;

  template <typename Team>
  static constexpr int rounds() {
    return ((Paired ? kPairs : M / 2 + 1) + Team::kSize - 1) / Team::kSize;
  }
  template <typename Team>
  static constexpr int slots() {
    return (Paired ? 2 * Q : 2) * rounds<Team>() + (Paired ? 1 : 0);
  }
  /// Pair j of butterfly p is bin p + j B and M minus that, from pair kOwn on late(p) + j B.
  static __device__ __forceinline__ int late(int p) {
    return settled(p == 0 ? B / 2 - kOwn * B : p);
  }
  /// Without a butterfly B/2 only butterfly 0 is there for p = 0.
  static __device__ __forceinline__ bool has(int p, int j) {
    return B % 2 == 0 || j < kOwn || p > 0;
  }
  template <typename Team, typename Body>
  static __device__ __forceinline__ void each_slot(const Team& team, Body&& body) {
    const auto both = [&](int slot, int k) {
      body(slot, k);
      if (2 * k != M) body(slot + 1, M - k);
    };
    unrolled<rounds<Team>()>([&](auto e) {
      const int p = team.thread + Team::kSize * e.value;
      if (p >= (Paired ? kPairs : M / 2 + 1) || team.idle()) return;
      if constexpr (Paired) {
        const int later = late(p);
        unrolled<Q>([&](auto j) {
          if (!has(p, j.value)) return;
          both(2 * (Q * e.value + j.value), (j.value < kOwn ? p : later) + j.value * B);
        });
        if (M % 2 == 0 && e.value == 0 && p == 0) body(2 * Q * rounds<Team>(), M / 2);
      } else {
        both(2 * e.value, p);
      }
    });
  }
  /// Bins k and M - k from z = Z[k] and Z[M-k]; `half_root` is w^k / 2.
  static __device__ __forceinline__ void split(Cx<R> z, Cx<R> mirror, Cx<R> half_root, Cx<R>& low,
                                               Cx<R>& high) {
    const Cx<R> even = z + conj(mirror);
    const Cx<R> odd = minus_i(z - conj(mirror)) * half_root;
    low = {even.re * R(0.5) + odd.re, even.im * R(0.5) + odd.im};
    high = {even.re * R(0.5) - odd.re, odd.im - even.im * R(0.5)};
  }
  /// The bins of butterflies p and its partner, of which `z` are the results.
  template <int Slot, typename Put>
  static __device__ __forceinline__ void finish_pair(int p, const Cx<R> (&z)[2][Q],
                                                     const Cx<R>* roots, Put&& put) {
    const bool zero = Slot == 0 && p == 0;
    const int later = late(p);
    const Cx<R> root = read_only(roots + p) * R(0.5);
    const Cx<R> late_root =
        zero ? rotated<4 * Q + 1 - 2 * kOwn, 4 * Q>(Cx<R>{R(0.5), R(0)}) : root;
    unrolled<Q>([&](auto index) {
      constexpr int j = decltype(index)::value;
      constexpr bool early = j < kOwn;
      constexpr int own_mirror = early ? (Q - j) % Q : Q - 1 + kOwn - j;
      if (!has(p, j)) return;
      Cx<R> low;
      Cx<R> high;
      split(early || !zero ? z[0][j] : z[1][j - kOwn],
            zero ? z[early ? 0 : 1][own_mirror] : z[1][Q - 1 - j],
            rotated<j, 2 * Q>(early ? root : late_root), low, high);
      const int k = (early ? p : later) + j * B;
      put(Slot + 2 * j, k, low);
      put(Slot + 2 * j + 1, M - k, high);
    });
  }
  template <typename Team, typename Get, typename Put>
  static __device__ __forceinline__ void exchanged(const Team& team, Cx<R>* work,
                                                   const Cx<R>* roots, const Get& two,
                                                   Put&& put) {
    using At = typename Points::At;
    Points::run(team, work, roots, two, [&](int, int i, Cx<R> z) { work[At::of(i)] = z; });
    team.sync();
    unrolled<rounds<Team>()>([&](auto e) {
      const int k = team.thread + Team::kSize * e.value;
      if (k > M / 2 || team.idle()) return;
      Cx<R> low;
      Cx<R> high;
      split(work[At::of(k)], work[At::of(k == 0 ? 0 : M - k)],
            read_only(roots + RootCount + k) * R(0.5), low, high);
      put(2 * e.value, k, low);
      if (2 * k != M) put(2 * e.value + 1, M - k, high);
    });
    team.sync();
  }
  template <typename Team, typename Get, typename Put>
  static __device__ __forceinline__ void paired(const Team& team, Cx<R>* work, const Cx<R>* roots,
                                                const Get& two, Put&& put) {
    constexpr bool kFirst = Points::kPasses == 1;
    constexpr int kRounds = rounds<Team>();
    Points::all_but_last(team, work, roots, two);
    Cx<R> v[kRounds][2][Q];
    const auto busy = [&](int p) { return p < kPairs && !team.idle(); };
    const auto second = [&](int p) { return p > 0 ? B - p : B / 2; };
    unrolled<kRounds>([&](auto e) {
      const int p = team.thread + Team::kSize * e.value;
      if (!busy(p)) return;
#pragma unroll
      for (int half = 0; half < 2; ++half) {
        const int b = half == 0 ? p : second(p);
        unrolled<Q>([&](auto j) {
          constexpr int offset = decltype(j)::value * B;
          if constexpr (kFirst) {
            v[e.value][half][j.value] = two(b + offset);
          } else {
            v[e.value][half][j.value] = work[Points::At::template of<offset, 0, 1>(b)];
          }
        });
      }
    });
    if constexpr (!kFirst) team.sync();
    unrolled<kRounds>([&](auto e) {
      const int p = team.thread + Team::kSize * e.value;
      if (!busy(p)) return;
      auto& z = v[e.value];
      if constexpr (kFirst) {
        Dft<Q>::run(z[0]);
        Dft<Q>::run(z[1]);
      } else {
        const Cx<R>* const last = roots + RootCount - (Q - 1) * B;
        twiddled_dft<B>(z[0], last, p);
        twiddled_dft<B>(z[1], last, second(p));
      }
      finish_pair<2 * Q * decltype(e)::value>(p, z, roots + RootCount, put);
      if (M % 2 == 0 && e.value == 0 && p == 0) {
        put(2 * Q * kRounds, M / 2, conj(z[Q % 2][Q / 2]));
      }
    });
  }
  template <typename Team, typename Get, typename Put>
  static __device__ __forceinline__ void run(const Team& team, Cx<R>* work, const Cx<R>* roots,
                                             const Get& get, Put&& put) {
    const auto two = [&](int i) { return twin(get, i); };
    if constexpr (Paired) {
      paired(team, work, roots, two, put);
    } else {
      exchanged(team, work, roots, two, put);
    }
  }
};

/// 2 M real elements from bins 0 .. M (unscaled): the way back. The imaginary parts of the first
/// and the last bin are ignored.
template <typename R, int M, int RootCount, int... Radices>
struct Irfft {
  using Points = Fft<R, M, Radices...>;
  template <typename Team, typename Get, typename Put>
  static __device__ __forceinline__ void run(const Team& team, Cx<R>* work, const Cx<R>* roots,
                                             const Get& get, Put&& put) {
    team.each(M / 2 + 1, [&](int k) {
      Cx<R> low = get(k);
      Cx<R> high = get(M - k);
      if (k == 0) low.im = high.im = R(0);
      const Cx<R> mirror = conj(high);
      const Cx<R> even = low + mirror;
      const Cx<R> odd = (low - mirror) * conj(read_only(roots + RootCount + k));
      const Cx<R> turned = {-odd.im, odd.re};
      work[Points::At::of(k)] = swapped(even + turned);
      if (k != 0 && 2 * k != M) work[Points::At::of(M - k)] = swapped(conj(even - turned));
    });
    team.sync();
    Points::run(
        team, work, roots, in_work([&](int i) { return work[Points::At::of(i)]; }),
        [&](int slot, int i, Cx<R> z) {
          put(2 * slot, 2 * i, z.im);
          put(2 * slot + 1, 2 * i + 1, z.re);
        });
  }
};
