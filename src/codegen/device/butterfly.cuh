// Butterfly networks of one item by a team: passes of a few stages in the registers of every
// thread, between them an exchange through shared memory. A pass leaves its results where its
// operands lay, so that it needs no barrier of its own. The numbers of the network are in the order
// in which threads read them: codegen/butterfly_text.cpp writes it.
#pragma once

#include "codegen/device/fft.cuh"

/// Where elements lie between two passes.
using Between = Places<16>;

/// Elements of shared memory that n of them take.
__device__ __forceinline__ constexpr int exchange_size(int n) { return Between::of(n - 1) + 1; }

template <int Q>
concept HasCodelet = requires { sizeof(Dft<Q>); };

/// In place: x[k] = sum_j x[j] exp(-+ 2 pi i j k / Q).
template <int Q, bool Inverse, typename R>
__device__ __forceinline__ void small_dft(Cx<R> (&x)[Q]) {
  if constexpr (Inverse) {
#pragma unroll
    for (int j = 0; j < Q; ++j) x[j] = swapped(x[j]);
  }
  if constexpr (HasCodelet<Q>) {
    Dft<Q>::run(x);
  } else {
    Cx<R> y[Q];
    unrolled<Q>([&](auto k) {
      y[k.value] = x[0];
      unrolled<Q>([&](auto j) {
        constexpr int turn = decltype(j)::value * decltype(k)::value % Q;
        if constexpr (j.value > 0) y[k.value] = y[k.value] + rotated<turn, Q>(x[j.value]);
      });
    });
#pragma unroll
    for (int j = 0; j < Q; ++j) x[j] = y[j];
  }
  if constexpr (Inverse) {
#pragma unroll
    for (int j = 0; j < Q; ++j) x[j] = swapped(x[j]);
  }
}

/// Blocks w_j DFT_Q[q, j], or their transposes; w_0 = 1, or 0 where results are to be linear in w.
/// number(i) is w_(i + 1).
template <bool Inverse, bool Transposed, bool Linear>
struct Twiddles {
  static constexpr int count(int radix) { return radix - 1; }

  template <int Q, typename R, typename Number>
  static __device__ __forceinline__ void scale(Cx<R> (&x)[Q], Number&& number) {
    if constexpr (Linear) x[0] = Cx<R>{};
#pragma unroll
    for (int j = 1; j < Q; ++j) x[j] = number(j - 1) * x[j];
  }
  template <int Q, typename R, typename Number>
  static __device__ __forceinline__ void run(Cx<R> (&x)[Q], Number&& number) {
    if constexpr (!Transposed) scale(x, number);
    small_dft<Q, Inverse>(x);
    if constexpr (Transposed) scale(x, number);
  }
  /// From the block's operands x and what reaches its results, in g: what reaches x, in g, and
  /// add(i, value) for what reaches the numbers. x is lost.
  template <int Q, typename R, typename Number, typename Add>
  static __device__ __forceinline__ void adjoint(Cx<R> (&x)[Q], Cx<R> (&g)[Q], Number&& number,
                                                 Add&& add) {
    if constexpr (Transposed) {
      small_dft<Q, Inverse>(x);
    } else {
      small_dft<Q, !Inverse>(g);
    }
    if constexpr (Linear) g[0] = Cx<R>{};
#pragma unroll
    for (int j = 1; j < Q; ++j) {
      add(j - 1, g[j] * conj(x[j]));
      g[j] = g[j] * conj(number(j - 1));
    }
    if constexpr (Transposed) small_dft<Q, !Inverse>(g);
  }
};

/// Free blocks M[q, j], or their transposes; number(Q q + j) is M[q, j].
template <bool Transposed>
struct Blocks {
  static constexpr int count(int radix) { return radix * radix; }
  template <int Q>
  static constexpr int place(int q, int j) {
    return Transposed ? Q * j + q : Q * q + j;
  }

  template <int Q, typename R, typename Number>
  static __device__ __forceinline__ void run(Cx<R> (&x)[Q], Number&& number) {
    Cx<R> y[Q];
#pragma unroll
    for (int q = 0; q < Q; ++q) {
      y[q] = number(place<Q>(q, 0)) * x[0];
#pragma unroll
      for (int j = 1; j < Q; ++j) y[q] = y[q] + number(place<Q>(q, j)) * x[j];
    }
#pragma unroll
    for (int q = 0; q < Q; ++q) x[q] = y[q];
  }
  template <int Q, typename R, typename Number, typename Add>
  static __device__ __forceinline__ void adjoint(Cx<R> (&x)[Q], Cx<R> (&g)[Q], Number&& number,
                                                 Add&& add) {
    Cx<R> back[Q];
#pragma unroll
    for (int j = 0; j < Q; ++j) {
      back[j] = Cx<R>{};
#pragma unroll
      for (int q = 0; q < Q; ++q) {
        back[j] = back[j] + conj(number(place<Q>(q, j))) * g[q];
        add(place<Q>(q, j), g[q] * conj(x[j]));
      }
    }
#pragma unroll
    for (int j = 0; j < Q; ++j) g[j] = back[j];
  }
};

/// A stage among the values of a thread, which are Stride apart in a block; its numbers are those
/// of the pass from First on.
template <int Radix, int Stride, int First>
struct Stage {
  static constexpr int kRadix = Radix;

  /// body(values of a block, index of its first number in the pass).
  template <int Size, typename Form, typename Body>
  static __device__ __forceinline__ void each_block(Body&& body) {
#pragma unroll
    for (int block = 0; block < Size / Radix; ++block) {
      body(block / Stride * (Radix * Stride) + block % Stride, First + block * Form::count(Radix));
    }
  }
  template <typename Form, int Size, typename R, typename Number>
  static __device__ __forceinline__ void run(Cx<R> (&v)[Size], Number&& number) {
    each_block<Size, Form>([&](int at, int first) {
      Cx<R> x[Radix];
#pragma unroll
      for (int j = 0; j < Radix; ++j) x[j] = v[at + Stride * j];
      Form::run(x, [&](int i) { return number(first + i); });
#pragma unroll
      for (int j = 0; j < Radix; ++j) v[at + Stride * j] = x[j];
    });
  }
  template <typename Form, int Size, typename R, typename Number, typename Add>
  static __device__ __forceinline__ void adjoint(Cx<R> (&v)[Size], Cx<R> (&g)[Size],
                                                 Number&& number, Add&& add) {
    each_block<Size, Form>([&](int at, int first) {
      Cx<R> x[Radix], back[Radix];
#pragma unroll
      for (int j = 0; j < Radix; ++j) {
        x[j] = v[at + Stride * j];
        back[j] = g[at + Stride * j];
      }
      Form::adjoint(
          x, back, [&](int i) { return number(first + i); },
          [&](int i, Cx<R> value) { add(first + i, value); });
#pragma unroll
      for (int j = 0; j < Radix; ++j) g[at + Stride * j] = back[j];
    });
  }
};

/// Stages in the order in which they are applied, on values M apart; their numbers begin at Before.
template <int M, int Before, typename... Stages>
struct Pass {
  static constexpr int kSize = (Stages::kRadix * ...);
  static constexpr int kBefore = Before;

  /// Position of value q of thread b of N / kSize.
  static __device__ __forceinline__ constexpr int position(int b, int q) {
    return (b - b % M) * kSize + b % M + M * q;
  }
  template <typename Form, typename R, typename Number>
  static __device__ __forceinline__ void run(Cx<R> (&v)[kSize], Number&& number) {
    (Stages::template run<Form>(v, number), ...);
  }
  template <typename Form, typename R, typename Number, typename Add>
  static __device__ __forceinline__ void adjoint(Cx<R> (&x)[kSize], Cx<R> (&g)[kSize],
                                                 Number&& number, Add&& add) {
    back<Form, R, Number, Add, Stages...>(x, g, number, add);
  }

 private:
  template <typename Form, typename R, typename Number, typename Add, typename S, typename... Rest>
  static __device__ __forceinline__ void back(Cx<R> (&x)[kSize], Cx<R> (&g)[kSize],
                                              Number& number, Add& add) {
    if constexpr (sizeof...(Rest) > 0) {
      Cx<R> y[kSize];
#pragma unroll
      for (int i = 0; i < kSize; ++i) y[i] = x[i];
      S::template run<Form>(y, number);
      back<Form, R, Number, Add, Rest...>(y, g, number, add);
    }
    S::template adjoint<Form>(x, g, number, add);
  }
};

/// A run of stages on N complex values. `numbers` are those of the passes; `work` holds
/// exchange_size(N) elements where there is more than one pass.
template <typename R, int N, typename Form, typename... Passes>
struct Butterfly {
  template <typename Team, typename Get, typename Put>
  static __device__ __forceinline__ void run(const Team& team, Cx<R>* work, const Cx<R>* numbers,
                                             Get&& get, Put&& put) {
    passes<true, Passes...>(team, work, numbers, get, put);
    if constexpr (sizeof...(Passes) > 1) team.sync();
  }
  /// Results of a thread.
  template <typename Team>
  static constexpr int slots() {
    return turns<Team, Last>() * Last::kSize;
  }
  /// body(slot, i) for every result i of the thread.
  template <typename Team, typename Body>
  static __device__ __forceinline__ void each_slot(const Team& team, Body&& body) {
    unrolled<slots<Team>()>([&](auto slot) {
      const int b = team.thread + Team::kSize * (slot.value / Last::kSize);
      if (b < N / Last::kSize && !team.idle()) {
        body(slot.value, Last::position(b, slot.value % Last::kSize));
      }
    });
  }
  /// Adds to sums[i] what one item gives the gradient of number i: x(i) are the operands, g(i) what
  /// reaches the results. Each of the sums has one thread that adds. `work` holds exchange_size(N)
  /// elements for each pass but one.
  template <typename Team, typename GetX, typename GetG>
  static __device__ __forceinline__ void gradient(const Team& team, Cx<R>* work,
                                                  const Cx<R>* numbers, Cx<R>* sums, GetX&& x,
                                                  GetG&& g) {
    back<true, Passes...>(team, work, numbers, sums, x, g);
    team.sync();
  }

 private:
  template <typename P, typename... Rest>
  struct LastOf : LastOf<Rest...> {};
  template <typename P>
  struct LastOf<P> {
    using Type = P;
  };
  using Last = typename LastOf<Passes...>::Type;

  template <typename Team, typename P>
  static constexpr int turns() {
    return (N / P::kSize + Team::kSize - 1) / Team::kSize;
  }

  template <bool First, typename P, typename... Rest, typename Team, typename Get, typename Put>
  static __device__ __forceinline__ void passes(const Team& team, Cx<R>* work,
                                                const Cx<R>* numbers, Get& get, Put& put) {
    constexpr int kThreads = N / P::kSize;
    const auto turn = [&](int b, auto&& take) {
      Cx<R> v[P::kSize];
#pragma unroll
      for (int q = 0; q < P::kSize; ++q) {
        const int i = P::position(b, q);
        if constexpr (First) {
          v[q] = as_complex(get(i));
        } else {
          v[q] = work[Between::of(i)];
        }
      }
      P::template run<Form>(
          v, [&](int i) { return read_only(numbers + P::kBefore + i * kThreads + b); });
      take(v);
    };
    if constexpr (sizeof...(Rest) > 0) {
      team.each(kThreads, [&](int b) {
        turn(b, [&](const Cx<R>(&v)[P::kSize]) {
#pragma unroll
          for (int q = 0; q < P::kSize; ++q) work[Between::of(P::position(b, q))] = v[q];
        });
      });
      team.sync();
      passes<false, Rest...>(team, work, numbers, get, put);
    } else {
      unrolled<turns<Team, P>()>([&](auto e) {
        const int b = team.thread + Team::kSize * e.value;
        if (b >= kThreads || team.idle()) return;
        turn(b, [&](const Cx<R>(&v)[P::kSize]) {
          unrolled<P::kSize>([&](auto q) {
            put(e.value * P::kSize + q.value, P::position(b, q.value), v[q.value]);
          });
        });
      });
    }
  }

  /// There and back again: on the way there each pass leaves the operands of the next one in an
  /// array of `work`, where that one puts what reaches them on the way back.
  template <bool First, typename P, typename... Rest, typename Team, typename GetX, typename GetG>
  static __device__ __forceinline__ void back(const Team& team, Cx<R>* work, const Cx<R>* numbers,
                                              Cx<R>* sums, GetX& x, GetG& g) {
    constexpr int kThreads = N / P::kSize;
    constexpr bool kLast = sizeof...(Rest) == 0;
    Cx<R>* const next = First ? work : work + exchange_size(N);
    const auto load = [&](int b, Cx<R>(&v)[P::kSize]) {
#pragma unroll
      for (int q = 0; q < P::kSize; ++q) {
        if constexpr (First) {
          v[q] = as_complex(x(P::position(b, q)));
        } else {
          v[q] = work[Between::of(P::position(b, q))];
        }
      }
    };
    const auto number_of = [&](int b) {
      return [=](int i) { return read_only(numbers + P::kBefore + i * kThreads + b); };
    };
    if constexpr (!kLast) {
      team.each(kThreads, [&](int b) {
        Cx<R> v[P::kSize];
        load(b, v);
        P::template run<Form>(v, number_of(b));
#pragma unroll
        for (int q = 0; q < P::kSize; ++q) next[Between::of(P::position(b, q))] = v[q];
      });
      team.sync();
      back<false, Rest...>(team, next, numbers, sums, x, g);
      team.sync();
    }
    team.each(kThreads, [&](int b) {
      Cx<R> v[P::kSize], back[P::kSize];
      load(b, v);
#pragma unroll
      for (int q = 0; q < P::kSize; ++q) {
        const int i = P::position(b, q);
        if constexpr (kLast) {
          back[q] = as_complex(g(i));
        } else {
          back[q] = next[Between::of(i)];
        }
      }
      P::template adjoint<Form>(v, back, number_of(b), [&](int i, Cx<R> value) {
        Cx<R>& sum = sums[P::kBefore + i * kThreads + b];
        sum = sum + value;
      });
      if constexpr (!First) {
#pragma unroll
        for (int q = 0; q < P::kSize; ++q) work[Between::of(P::position(b, q))] = back[q];
      }
    });
  }
};
