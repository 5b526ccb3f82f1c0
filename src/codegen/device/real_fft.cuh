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
/// B/2, each its own mirror: its warp goes both ways, so that this pays in large teams.
/// `roots` are those of the transform and behind them w^k for k = 0 .. M/2.
template <typename R, int M, int RootCount, bool Paired, int... Radices>
struct Rfft {
  using Points = Fft<R, M, Radices...>;
  static constexpr int Q = Points::last_radix();
  static constexpr int B = M / Q;
  static constexpr int kPairs = (B + 1) / 2;
  static constexpr int kZeroPairs = Q / 2 + 1 + (B % 2 == 0 ? (Q + 1) / 2 : 0);

  template <typename Team>
  static constexpr int rounds() {
    return ((Paired ? kPairs : M / 2 + 1) + Team::kSize - 1) / Team::kSize;
  }
  template <typename Team>
  static constexpr int slots() {
    return (Paired ? 2 * (Q + 2) : 2) * rounds<Team>();
  }
  /// The bin of pair `i` of butterfly p; the other one is M minus it.
  static __device__ __forceinline__ constexpr int bin(int p, int i) {
    return p > 0 || i <= Q / 2 ? p + i * B : B / 2 + (i - Q / 2 - 1) * B;
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
        unrolled<(kZeroPairs > Q ? kZeroPairs : Q)>([&](auto i) {
          if (i.value < (p == 0 ? kZeroPairs : Q)) {
            both(2 * (Q + 2) * e.value + 2 * i.value, bin(p, i.value));
          }
        });
      } else {
        both(2 * e.value, p);
      }
    });
  }
  /// Two bins from z = Z[k] and Z[M-k]; `half_root` is w^k / 2.
  template <typename Put>
  static __device__ __forceinline__ void finish(int slot, int k, Cx<R> z, Cx<R> mirror,
                                                Cx<R> half_root, Put&& put) {
    const Cx<R> even = z + conj(mirror);
    const Cx<R> odd = minus_i(z - conj(mirror)) * half_root;
    put(slot, k, Cx<R>{even.re * R(0.5) + odd.re, even.im * R(0.5) + odd.im});
    if (2 * k != M) {
      put(slot + 1, M - k, Cx<R>{even.re * R(0.5) - odd.re, odd.im - even.im * R(0.5)});
    }
  }
  template <typename Put>
  static __device__ __forceinline__ void finish_first(const Cx<R> (&v)[2][Q], Put&& put) {
    constexpr Cx<R> half = {R(0.5), R(0)};
    unrolled<kZeroPairs>([&](auto pair) {
      constexpr int i = decltype(pair)::value;
      if constexpr (i <= Q / 2) {
        finish(2 * i, i * B, v[0][i], v[0][(Q - i) % Q], rotated<i, 2 * Q>(half), put);
      } else {
        constexpr int j = i - Q / 2 - 1;
        finish(2 * i, B / 2 + j * B, v[1][j], v[1][Q - 1 - j], rotated<2 * j + 1, 4 * Q>(half),
               put);
      }
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
      finish(2 * e.value, k, work[At::of(k)], work[At::of(k == 0 ? 0 : M - k)],
             read_only(roots + RootCount + k) * R(0.5), put);
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
      if constexpr (!kFirst) {
        const Cx<R>* const last = roots + RootCount - (Q - 1) * B;
        twiddle<B>(z[0], last, p);
        twiddle<B>(z[1], last, second(p));
      }
      Dft<Q>::run(z[0]);
      Dft<Q>::run(z[1]);
      if (e.value == 0 && p == 0) return finish_first(z, put);
      const Cx<R> half_root = read_only(roots + RootCount + p) * R(0.5);
      unrolled<Q>([&](auto j) {
        finish(2 * (Q + 2) * e.value + 2 * j.value, p + j.value * B, z[0][j.value],
               z[1][Q - 1 - j.value], rotated<j.value, 2 * Q>(half_root), put);
      });
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
