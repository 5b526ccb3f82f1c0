// What a kernel is given: rows of samples of any type, places for results, values that an earlier
// kernel stored, tables, and the status of every row.
#pragma once

#include "codegen/device/team.cuh"

/// Rows [row][sample] in the caller's memory; strides in bytes.
struct InPort {
  const char* data;
  long long row_stride;
  long long stride;
  double scale;
};

/// Results [row][frame][element]; strides in bytes.
struct OutPort {
  char* data;
  long long row_stride;
  long long frame_stride;
  long long stride;
};

constexpr int kMaxPorts = 8;
constexpr int kMaxStored = 16;
/// A row's first bad sample is kept as its complement, so that zeros mean none.
constexpr unsigned long long kNoBad = 0;

struct Params {
  long long rows;
  long long samples;
  long long frames;
  long long groups;  ///< partial sums of a row that are added up
  InPort in[kMaxPorts];
  OutPort out[kMaxPorts];
  char* stored[kMaxStored];
  const char* tables;
  unsigned long long* first_bad;  ///< [rows], or none of the three
  unsigned* overflow;             ///< [rows]
  unsigned* skipped;              ///< [rows], frames left out
};

/// Packed little-endian 24-bit integer.
struct Int24 {
  unsigned char bytes[3];
};

template <typename R, typename S>
__device__ __forceinline__ R to_real(S value) {
  return R(value);
}
template <typename R>
__device__ __forceinline__ R to_real(Int24 value) {
  const int bits = int(unsigned(value.bytes[0]) << 8 | unsigned(value.bytes[1]) << 16 |
                       unsigned(value.bytes[2]) << 24);
  return R(bits >> 8);
}

/// Remembers whether a value that was not finite has passed.
template <typename R>
struct Watch {
  R trace = R(0);
  __device__ __forceinline__ void see(R value) { trace += value * R(0); }
  __device__ __forceinline__ void see(Two<R> value) {
    see(value.a);
    see(value.b);
  }
  __device__ __forceinline__ void see(Cx<R> value) {
    see(value.re);
    see(value.im);
  }
  __device__ __forceinline__ bool alarmed() const { return trace != R(0); }
};

/// A pair of numbers that lies at a multiple of Align bytes.
template <int Align, typename S>
__device__ __forceinline__ Two<S> load_two(const char* data) {
  const S* const pair = reinterpret_cast<const S*>(data);
  if constexpr (Align % (2 * sizeof(S)) != 0) {
    return {pair[0], pair[1]};
  } else if constexpr (sizeof(S) == 4) {
    const float2 both = *reinterpret_cast<const float2*>(pair);
    return {both.x, both.y};
  } else {
    const double2 both = *reinterpret_cast<const double2*>(pair);
    return {both.x, both.y};
  }
}

template <typename A, typename B>
constexpr bool kSameType = false;
template <typename A>
constexpr bool kSameType<A, A> = true;

/// Numbers side by side that begin at a multiple of Align bytes.
template <typename R, int Align>
struct Samples {
  const R* data;
  __device__ __forceinline__ R at(int i) const { return data[i]; }
  __device__ __forceinline__ Two<R> at(Twin i) const {
    return load_two<Align, R>(reinterpret_cast<const char*>(data + 2 * i.half));
  }
};

__device__ __forceinline__ long long least(long long a, long long b) { return a < b ? a : b; }

/// Brings the first bytes of the rows that a block begins with to the L2 cache, from device memory,
/// while the kernels before this one end. Nothing is read: what they still write there is seen.
/// Only in blocks that may come up so early; for rows that begin at multiples of 16 bytes.
template <int Teams>
__device__ __forceinline__ void ask_for(const InPort& port, long long rows, long long bytes) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  constexpr unsigned kEarlyBlocks = 1024;
  const unsigned row = blockIdx.x * Teams + threadIdx.x;
  if (blockIdx.x >= kEarlyBlocks || threadIdx.x >= Teams || row >= rows) return;
  const char* const from = port.data + row * port.row_stride;
  asm volatile("cp.async.bulk.prefetch.L2.global [%0], %1;" ::"l"(from),
               "r"(unsigned(bytes) & ~15u));
#endif
}

/// One row, or its part from one sample on, of element type S as values of R. Dense: elements lie
/// side by side. Scaled: a factor other than 1. Rows begin at multiples of Align bytes.
template <typename R, typename S, bool Dense, bool Scaled, int Align>
struct Row {
  using Value = R;
  const char* data;
  long long stride;
  R scale;

  __device__ __forceinline__ Row(const InPort& port, long long row)
      : data(settled(port.data + row * port.row_stride)),
        stride(port.stride),
        scale(R(port.scale)) {}
  __device__ __forceinline__ Row(const char* first, long long step, R factor)
      : data(first), stride(step), scale(factor) {}
  /// From `sample` on, which lies at a multiple of Bytes.
  template <int Bytes>
  __device__ __forceinline__ Row<R, S, Dense, Scaled, Bytes> from(long long sample) const {
    return {settled(data + sample * (Dense ? (long long)sizeof(S) : stride)), stride, scale};
  }
  __device__ __forceinline__ Two<R> at(Twin i) const {
    if constexpr (Dense && !Scaled && kSameType<R, S>) {
      return load_two<Align, S>(data + i.half * (long long)(2 * sizeof(S)));
    } else {
      return {at(2 * i.half), at(2 * i.half + 1)};
    }
  }
  template <typename I>
  __device__ __forceinline__ R at(I i) const {
    const char* address =
        Dense ? reinterpret_cast<const char*>(reinterpret_cast<const S*>(data) + i)
              : data + i * stride;
    const R value = to_real<R>(*reinterpret_cast<const S*>(address));
    return Scaled ? value * scale : value;
  }
};

template <typename R, typename S, bool Dense, bool Scaled, int Align>
struct Row<R, Cx<S>, Dense, Scaled, Align> {
  using Value = Cx<R>;
  const char* data;
  long long stride;
  R scale;

  __device__ __forceinline__ Row(const InPort& port, long long row)
      : data(settled(port.data + row * port.row_stride)),
        stride(port.stride),
        scale(R(port.scale)) {}
  __device__ __forceinline__ Row(const char* first, long long step, R factor)
      : data(first), stride(step), scale(factor) {}
  template <int Bytes>
  __device__ __forceinline__ Row<R, Cx<S>, Dense, Scaled, Bytes> from(long long sample) const {
    return {settled(data + sample * (Dense ? (long long)(2 * sizeof(S)) : stride)), stride, scale};
  }
  template <typename I>
  __device__ __forceinline__ Cx<R> at(I i) const {
    const char* address =
        Dense ? reinterpret_cast<const char*>(reinterpret_cast<const S*>(data) + 2 * i)
              : data + i * stride;
    const Two<S> parts = load_two<Dense ? Align : 1, S>(address);
    const Cx<R> value = {R(parts.a), R(parts.b)};
    return Scaled ? value * scale : value;
  }
};

/// Results of one item; writes nothing for a team without an item of its own.
template <typename V, bool Dense>
struct Out {
  char* data;
  long long stride;
  bool active;

  __device__ __forceinline__ Out(const OutPort& port, long long row, long long frame, bool on)
      : data(settled(port.data + row * port.row_stride + frame * port.frame_stride)),
        stride(port.stride),
        active(on) {}
  __device__ __forceinline__ void set(int i, V value) const {
    V* const address = Dense ? reinterpret_cast<V*>(data) + i
                             : reinterpret_cast<V*>(data + i * stride);
    if (active) *address = value;
  }
  __device__ __forceinline__ V get(int i) const {
    return Dense ? reinterpret_cast<const V*>(data)[i]
                 : *reinterpret_cast<const V*>(data + i * stride);
  }
  /// Elements i .. i + 3 in one store where they lie right for it.
  __device__ __forceinline__ void set_four(int i, V a, V b, V c, V d) const {
    if constexpr (Dense && sizeof(V) == 4) {
      char* address = data + (long long)i * 4;
      if (reinterpret_cast<unsigned long long>(address) % 16 == 0) {
        if (active) *reinterpret_cast<float4*>(address) = float4{a, b, c, d};
        return;
      }
    }
    set(i, a);
    set(i + 1, b);
    set(i + 2, c);
    set(i + 3, d);
  }
};

/// `first_bad` may be null.
__device__ __forceinline__ void note_bad(unsigned long long* first_bad, long long sample) {
  if (first_bad != nullptr) atomicMax(first_bad, ~(unsigned long long)sample);
}

/// a / b for numbers that are not negative; 64 bits cost ten times as much and are seldom needed.
__device__ __forceinline__ long long quotient(long long a, long long b) {
  return ((a | b) >> 32) == 0 ? (long long)(unsigned(a) / unsigned(b)) : a / b;
}

/// *most = max(*most, value), without an atomic operation where it cannot change anything: those on
/// one address queue up.
template <typename Key>
__device__ __forceinline__ void raise(Key* most, Key value) {
  if (value > *static_cast<volatile Key*>(most)) atomicMax(most, value);
}

/// Floats in an order that integers keep; 0 is below all of them.
__device__ __forceinline__ unsigned ordered(float value) {
  const unsigned bits = __float_as_uint(value);
  return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}
__device__ __forceinline__ float unordered(unsigned key, float) {
  return __uint_as_float(key & 0x80000000u ? key & 0x7fffffffu : ~key);
}
__device__ __forceinline__ unsigned long long ordered(double value) {
  const auto bits = (unsigned long long)__double_as_longlong(value);
  return bits >> 63 ? ~bits : bits | 1ull << 63;
}
__device__ __forceinline__ double unordered(unsigned long long key, double) {
  return __longlong_as_double((long long)(key >> 63 ? key & ~(1ull << 63) : ~key));
}

template <typename R>
__device__ __forceinline__ R not_a_number() {
  return R(__uint_as_float(0x7fc00000u));
}
template <typename R>
__device__ __forceinline__ R infinite() {
  return R(__uint_as_float(0x7f800000u));
}
/// NaN where either is: max() of the machine would drop it.
template <typename R>
__device__ __forceinline__ R larger(R a, R b) {
  return a > b || a != a ? a : b;
}
