// Transforms of one item by a team: Stockham passes of radix 2 to 32, each a transform of a few
// points in the registers of every thread, between them an exchange through shared memory. Results
// are in order. get(i) gives element i, put(slot, i, value) takes result i; slot is a constant of
// the thread, so that sums over many transforms can stay in registers.
#pragma once

#include "dft.cuh"
#include "team.cuh"

/// Place of element i in shared memory: a gap after every 16 keeps strided accesses off one bank.
__device__ __forceinline__ constexpr int spaced(int i) { return i + (i >> 4); }

/// Elements of shared memory that an exchange of n needs.
__device__ __forceinline__ constexpr int exchange_size(int n) { return spaced(n - 1) + 1; }

template <typename P>
__device__ __forceinline__ P read_only(const P* address) {
  return __ldg(address);
}
__device__ __forceinline__ Cx<float> read_only(const Cx<float>* address) {
  const float2 pair = __ldg(reinterpret_cast<const float2*>(address));
  return {pair.x, pair.y};
}
__device__ __forceinline__ Cx<double> read_only(const Cx<double>* address) {
  const double2 pair = __ldg(reinterpret_cast<const double2*>(address));
  return {pair.x, pair.y};
}

/// Pass of radix Q after passes whose radices have the product M; `roots` are exp(-2 pi i j k / QM)
/// at [j - 1][k].
template <typename R, int N, int Q, int M, typename Team, typename Get, typename Put>
__device__ __forceinline__ void fft_pass(const Team& team, Cx<R>* work, const Cx<R>* roots, Get&& get,
                                         Put&& put) {
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
#pragma unroll
    for (int j = 0; j < Q; ++j) {
      const int i = b + j * kButterflies;
      if constexpr (kFirst) {
        v[e.value][j] = as_complex(get(i));
      } else {
        v[e.value][j] = work[spaced(i)];
      }
    }
  });
  if constexpr (!kFirst) team.sync();
  unrolled<kEach>([&](auto e) {
    const int b = team.thread + Team::kSize * e.value;
    if (!busy(b)) return;
    const int k = b % M;
    if constexpr (!kFirst) {
#pragma unroll
      for (int j = 1; j < Q; ++j) {
        v[e.value][j] = v[e.value][j] * read_only(roots + (j - 1) * M + k);
      }
    }
    Dft<Q>::run(v[e.value]);
    unrolled<Q>([&](auto j) {
      if constexpr (kLast) {
        put(e.value * Q + j.value, b + j.value * kButterflies, v[e.value][j.value]);
      } else {
        work[spaced((b - k) * Q + k + j.value * M)] = v[e.value][j.value];
      }
    });
  });
  if constexpr (!kLast) team.sync();
}

/// N complex points. `work` holds exchange_size(N) elements; it may be overwritten once a barrier
/// has followed.
template <typename R, int N, int... Radices>
struct Fft {
  template <int M, int Q, int... Rest, typename Team, typename Get, typename Put>
  static __device__ __forceinline__ void passes(const Team& team, Cx<R>* work, const Cx<R>* roots,
                                                Get&& get, Put&& put) {
    fft_pass<R, N, Q, M>(team, work, roots, get, put);
    if constexpr (sizeof...(Rest) > 0) {
      passes<M * Q, Rest...>(team, work, roots + (M == 1 ? 0 : (Q - 1) * M), get, put);
    }
  }
  template <typename Team, typename Get, typename Put>
  static __device__ __forceinline__ void run(const Team& team, Cx<R>* work, const Cx<R>* roots,
                                             Get&& get, Put&& put) {
    passes<1, Radices...>(team, work, roots, get, put);
  }
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
                                             Get&& get, Put&& put) {
    Forward::run(
        team, work, roots, [&](int i) { return swapped(as_complex(get(i))); },
        [&](int slot, int i, Work z) { put(slot, i, swapped(z)); });
  }
};

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
/// `roots` are those of the transform and behind them w^k for k = 0 .. M/2.
template <typename R, int M, int RootCount, int... Radices>
struct Rfft {
  template <typename Team>
  static constexpr int slots() {
    return 2 * ((M / 2 + 1 + Team::kSize - 1) / Team::kSize);
  }
  template <typename Team, typename Body>
  static __device__ __forceinline__ void each_slot(const Team& team, Body&& body) {
    unrolled<slots<Team>() / 2>([&](auto e) {
      const int k = team.thread + Team::kSize * e.value;
      if (k > M / 2 || team.idle()) return;
      body(2 * e.value, k);
      if (2 * k != M) body(2 * e.value + 1, M - k);
    });
  }
  template <typename Team, typename Get, typename Put>
  static __device__ __forceinline__ void run(const Team& team, Cx<R>* work, const Cx<R>* roots,
                                             Get&& get, Put&& put) {
    Fft<R, M, Radices...>::run(
        team, work, roots, [&](int i) { return Cx<R>{get(2 * i), get(2 * i + 1)}; },
        [&](int, int i, Cx<R> z) { work[spaced(i)] = z; });
    team.sync();
    constexpr int kEach = slots<Team>() / 2;
    unrolled<kEach>([&](auto e) {
      const int k = team.thread + Team::kSize * e.value;
      if (k > M / 2 || team.idle()) return;
      const Cx<R> z = work[spaced(k)];
      const Cx<R> mirror = conj(work[spaced(k == 0 ? 0 : M - k)]);
      const Cx<R> even = (z + mirror) * R(0.5);
      const Cx<R> odd = minus_i((z - mirror) * R(0.5)) * read_only(roots + RootCount + k);
      put(2 * e.value, k, even + odd);
      if (2 * k != M) put(2 * e.value + 1, M - k, conj(even - odd));
    });
    team.sync();
  }
};

/// 2 M real elements from bins 0 .. M (unscaled): the way back. The imaginary parts of the first
/// and the last bin are ignored.
template <typename R, int M, int RootCount, int... Radices>
struct Irfft {
  template <typename Team, typename Get, typename Put>
  static __device__ __forceinline__ void run(const Team& team, Cx<R>* work, const Cx<R>* roots,
                                             Get&& get, Put&& put) {
    team.each(M / 2 + 1, [&](int k) {
      Cx<R> low = get(k);
      Cx<R> high = get(M - k);
      if (k == 0) low.im = high.im = R(0);
      const Cx<R> mirror = conj(high);
      const Cx<R> even = low + mirror;
      const Cx<R> odd = (low - mirror) * conj(read_only(roots + RootCount + k));
      const Cx<R> turned = {-odd.im, odd.re};
      work[spaced(k)] = swapped(even + turned);
      if (k != 0 && 2 * k != M) work[spaced(M - k)] = swapped(conj(even - turned));
    });
    team.sync();
    Fft<R, M, Radices...>::run(
        team, work, roots, [&](int i) { return work[spaced(i)]; },
        [&](int slot, int i, Cx<R> z) {
          put(2 * slot, 2 * i, z.im);
          put(2 * slot + 1, 2 * i + 1, z.re);
        });
  }
};

/// N points of any length as a convolution of M >= 2 N - 1 points (Bluestein 1970). `roots`: those of
/// the transform of M points, then the chirp exp(-pi i k^2 / N) for k < N, then the transform of its
/// conjugate, divided by M.
template <typename R, int N, int M, int RootCount, int... Radices>
struct Bluestein {
  template <typename Team, typename Get, typename Put>
  static __device__ __forceinline__ void run(const Team& team, Cx<R>* work, const Cx<R>* roots,
                                             Get&& get, Put&& put) {
    const Cx<R>* chirp = roots + RootCount;
    const Cx<R>* spectrum = chirp + N;
    Fft<R, M, Radices...>::run(
        team, work, roots,
        [&](int i) {
          return i < N ? as_complex(get(i)) * read_only(chirp + i) : Cx<R>{R(0), R(0)};
        },
        [&](int, int i, Cx<R> z) { work[spaced(i)] = swapped(z * read_only(spectrum + i)); });
    team.sync();
    Fft<R, M, Radices...>::run(
        team, work, roots, [&](int i) { return work[spaced(i)]; },
        [&](int slot, int i, Cx<R> z) {
          if (i < N) put(slot, i, swapped(z) * read_only(chirp + i));
        });
    team.sync();
  }
  template <typename Team>
  static constexpr int slots() {
    return Fft<R, M, Radices...>::template slots<Team>();
  }
  template <typename Team, typename Body>
  static __device__ __forceinline__ void each_slot(const Team& team, Body&& body) {
    Fft<R, M, Radices...>::each_slot(team, [&](int slot, int i) {
      if (i < N) body(slot, i);
    });
  }
};
