// A team of threads that works on one item (a row or a frame) at a time. Control flow is the same
// for all threads of a block: teams without an item of their own repeat the last one and store
// nothing, so that barriers and shuffles always see whole warps.
#pragma once

#include "complex.cuh"

template <typename V>
__device__ __forceinline__ V from_lane(V value, int mask, int width) {
  return __shfl_xor_sync(0xffffffffu, value, mask, width);
}
template <typename R>
__device__ __forceinline__ Cx<R> from_lane(Cx<R> value, int mask, int width) {
  return {from_lane(value.re, mask, width), from_lane(value.im, mask, width)};
}

/// Size threads for an item, Teams of them in a block. A team of more than a warp has the block for
/// itself; the block's last warp is then whole, its threads from Size on are idle.
template <int Size, int Teams>
struct Team {
  static constexpr int kSize = Size;
  static constexpr bool kInWarp = 32 % Size == 0;
  static constexpr int kThreads = (Size * Teams + 31) / 32 * 32;
  static constexpr bool kIdleThreads = kThreads != Size * Teams;
  static_assert(Teams == 1 || Size <= 32, "a team of more than a warp has the block for itself");

  int index;    ///< of the team in its block
  int thread;   ///< in the team; idle threads: Size or more
  char* shared; ///< a few bytes for reductions: 16 per thread of the block

  __device__ __forceinline__ explicit Team(char* scratch) : shared(scratch) {
    index = Teams == 1 ? 0 : int(threadIdx.x / Size);
    thread = int(Teams == 1 ? threadIdx.x : threadIdx.x % Size);
    if (Teams > 1 && kIdleThreads && index >= Teams) {  // idle threads of a block of several teams
      index = Teams - 1;
      thread += Size;
    }
  }
  __device__ __forceinline__ bool idle() const { return kIdleThreads && thread >= Size; }

  /// All threads of the team have come here, and see what the others wrote to shared memory.
  __device__ __forceinline__ void sync() const {
    if constexpr (kInWarp) {
      __syncwarp();
    } else {
      __syncthreads();
    }
  }

  /// body(i) for i from 0 to count - 1, spread over the threads.
  template <typename Body>
  __device__ __forceinline__ void each(int count, Body&& body) const {
    if (idle()) return;
    for (int i = thread; i < count; i += Size) body(i);
  }

  /// One value of each thread to one value of the team, in the same order in every run.
  template <typename V, typename Combine>
  __device__ __forceinline__ V reduce(V value, Combine&& combine) const {
    if constexpr (kInWarp) {
#pragma unroll
      for (int mask = Size / 2; mask > 0; mask /= 2) {
        value = combine(value, from_lane(value, mask, Size));
      }
      return value;
    } else {
      V* all = reinterpret_cast<V*>(shared) + index * Size;
      __syncthreads();
      if (!idle()) all[thread] = value;
      __syncthreads();
      for (int width = Size; width > 1;) {
        const int half = (width + 1) / 2;
        if (!idle() && thread + half < width) all[thread] = combine(all[thread], all[thread + half]);
        width = half;
        __syncthreads();
      }
      return all[0];
    }
  }
  template <typename V>
  __device__ __forceinline__ V sum(V value) const {
    return reduce(value, [](V a, V b) { return a + b; });
  }
  __device__ __forceinline__ bool any(bool value) const {
    if constexpr (kInWarp) {
      const unsigned votes = __ballot_sync(0xffffffffu, value);
      if constexpr (Size == 32) {
        return votes != 0;
      } else {
        return (votes >> (threadIdx.x & 31 & ~(Size - 1)) & ((1u << Size) - 1)) != 0;
      }
    } else if constexpr (Teams == 1) {
      return __syncthreads_or(value ? 1 : 0) != 0;
    } else {
      return reduce(value ? 1 : 0, [](int a, int b) { return a | b; }) != 0;
    }
  }
};
