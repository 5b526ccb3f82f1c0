// Transforms of one item by a team: Stockham passes of radix 2 to 32, each a transform of a few
// points in the registers of every thread, between them an exchange through shared memory. Results
// are in order. get(i) gives element i, put(slot, i, value) takes result i; slot is a constant of
// the thread, so that sums over many transforms can stay in registers.
#pragma once

#include "dft.cuh"
#include "team.cuh"

/// Where elements lie in shared memory: a gap after every kPeriod keeps strided accesses off one
/// bank. The period goes with the first radix so that the places of a butterfly are constants apart.
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

template <typename P>
__device__ __forceinline__ P constant(const P* table, int i) {
  return read_only(table + i);
}
template <typename R>
__device__ __forceinline__ Two<R> constant(const R* table, Twin i) {
  const Cx<R> both = read_only(reinterpret_cast<const Cx<R>*>(table) + i.half);
  return {both.re, both.im};
}

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

/// v[j] times w^j, w = exp(-2 pi i k / Q Stride): the powers 1, 4 and 16 are read from `roots`
/// ([j - 1][k], Stride to a line), the others are products of at most five of them. In double all
/// are read.
template <int Stride, int Q, typename R>
__device__ __forceinline__ void twiddle(Cx<R> (&v)[Q], const Cx<R>* roots, int k) {
  Cx<R> power[Q];
  unrolled<Q - 1>([&](auto before) {
    constexpr int j = decltype(before)::value + 1;
    constexpr int top = j >= 16 ? 16 : j >= 8 ? 8 : j >= 4 ? 4 : j >= 2 ? 2 : 1;
    if constexpr (sizeof(R) == 8 || j == 1 || j == 4 || j == 16) {
      power[j] = read_only(roots + (j - 1) * Stride + k);
    } else if constexpr (j == top) {
      power[j] = power[j / 2] * power[j / 2];
    } else {
      power[j] = power[top] * power[j - top];
    }
    v[j] = v[j] * power[j];
  });
}

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
    const int k = b % M;
    if constexpr (!kFirst) twiddle<M>(v[e.value], roots, k);
    Dft<Q>::run(v[e.value]);
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
                                                   const Cx<R>* roots, const Get& two, Put&& put) {
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

/// N points of any length as a convolution of M >= 2 N - 1 points (Bluestein 1970). `roots`: those of
/// the transform of M points, then the chirp exp(-pi i k^2 / N) for k < N, then the transform of its
/// conjugate, divided by M.
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
        [&](int, int i, Cx<R> z) { work[Points::At::of(i)] = swapped(z * read_only(spectrum + i)); });
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
