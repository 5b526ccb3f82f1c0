// A team of threads that works on one item (a row or a frame) at a time. Control flow is the same
// for all threads of a block: teams without an item of their own repeat the last one and store
// nothing, so that barriers and shuffles always see whole warps.
#pragma once

#include "codegen/device/complex.cuh"

/// The next kernel of the stream may come up from now on; this one goes on when what the kernels
/// before it wrote is there. Comes first in every kernel.
__device__ __forceinline__ void follow() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.launch_dependents;");
  asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
}

/// What the warp's lane `lane` gives.
template <typename V>
__device__ __forceinline__ V of_lane(V value, int lane) {
  return __shfl_sync(0xffffffffu, value, lane);
}
template <typename R>
__device__ __forceinline__ Cx<R> of_lane(Cx<R> value, int lane) {
  return {of_lane(value.re, lane), of_lane(value.im, lane)};
}
template <typename V>
__device__ __forceinline__ V from_lane(V value, int mask, int width) {
  return __shfl_xor_sync(0xffffffffu, value, mask, width);
}
template <typename R>
__device__ __forceinline__ Cx<R> from_lane(Cx<R> value, int mask, int width) {
  return {from_lane(value.re, mask, width), from_lane(value.im, mask, width)};
}

/// body(i), by all lanes of the warp together, for the i below `count` for which wanted(i): lane by
/// lane they look.
template <typename Wanted, typename Body>
__device__ __forceinline__ void each_of_warp(int count, Wanted&& wanted, Body&& body) {
  const int lane = int(threadIdx.x % 32);
  for (int base = 0; base < count; base += 32) {
    unsigned votes = __ballot_sync(0xffffffffu, base + lane < count && wanted(base + lane));
    for (int i = base; votes != 0; ++i, votes >>= 1) {
      if ((votes & 1) != 0) body(i);
    }
  }
}

/// Size threads for an item, Teams of them in a block. A team of up to 32 threads lies in one warp,
/// as many of them as fit; a larger one has the block for itself. Threads left over are idle.
template <int Size, int Teams>
struct Team {
  static constexpr int kSize = Size;
  static constexpr bool kInWarp = Size <= 32;
  static constexpr int kPerWarp = kInWarp ? 32 / Size : 1;
  static constexpr int kThreads =
      kInWarp ? (Teams + kPerWarp - 1) / kPerWarp * 32 : (Size + 31) / 32 * 32;
  static constexpr bool kIdleThreads = kThreads != Size * Teams;
  static_assert(Teams == 1 || kInWarp, "a team of more than a warp has the block for itself");

  int index;    ///< of the team in its block
  int thread;   ///< in the team; idle threads: Size or more
  char* shared; ///< for reductions of teams larger than a warp: 16 bytes per thread of the block

  __device__ __forceinline__ explicit Team(char* scratch) : shared(scratch) {
    const unsigned own = threadIdx.x;
    index = 0;
    thread = int(own);
    if constexpr (kInWarp) {
      const unsigned lane = own % 32;
      index = int(own / 32 * kPerWarp + lane / Size);
      thread = int(lane % Size);
      if (kIdleThreads && (lane >= unsigned(kPerWarp * Size) || index >= Teams)) {
        index = 0;
        thread = Size;
      }
    }
  }
  /// For one item: nothing about its elements is kept in registers from one item to the next.
  __device__ __forceinline__ Team fresh() const {
    Team same = *this;
    same.thread = settled(thread);
    return same;
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

  /// The same for part `part` of `parts` of them.
  template <typename Body>
  __device__ __forceinline__ void each_of(int part, int parts, int count, Body&& body) const {
    if (idle()) return;
    for (long long i = (long long)part * Size + thread; i < count; i += (long long)parts * Size) {
      body(int(i));
    }
  }

  /// One value of each thread to one value of the team, in the same order in every run.
  template <typename V, typename Combine>
  __device__ __forceinline__ V reduce(V value, Combine&& combine) const {
    if constexpr (kInWarp && 32 % Size == 0) {
#pragma unroll
      for (int mask = Size / 2; mask > 0; mask /= 2) {
        value = combine(value, from_lane(value, mask, Size));
      }
      return value;
    } else if constexpr (kInWarp) {
      const int lane = int(threadIdx.x) % 32;
#pragma unroll
      for (int width = Size; width > 1; width = (width + 1) / 2) {
        const int half = (width + 1) / 2;
        const V other = of_lane(value, (lane + half) % 32);
        if (thread + half < width) value = combine(value, other);
      }
      return of_lane(value, idle() ? lane : lane - thread);
    } else {
      V* all = reinterpret_cast<V*>(shared) + index * Size;
      __syncthreads();
      if (!idle()) all[thread] = value;
      __syncthreads();
      for (int width = Size; width > 1;) {
        const int half = (width + 1) / 2;
        if (!idle() && thread + half < width) {
          all[thread] = combine(all[thread], all[thread + half]);
        }
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
  /// Whether it is so for any thread of the team, or of those that share its barriers.
  __device__ __forceinline__ bool any_near(bool value) const {
    if constexpr (kInWarp) {
      return __ballot_sync(0xffffffffu, value && !idle()) != 0;
    } else {
      return __syncthreads_or(value ? 1 : 0) != 0;
    }
  }
  __device__ __forceinline__ bool any(bool value) const {
    if constexpr (kInWarp) {
      const unsigned votes = __ballot_sync(0xffffffffu, value && !idle());
      if constexpr (Size == 32) {
        return votes != 0;
      } else {
        return (votes >> (unsigned(index) % kPerWarp * Size) & ((1u << Size) - 1)) != 0;
      }
    } else {
      return __syncthreads_or(value ? 1 : 0) != 0;
    }
  }
};

/// Teams woven into one another: neighbours in the block belong to neighbouring teams, which read
/// and write neighbours in memory. They wait for one another, and look at bad samples together.
template <int Size, int Teams>
struct Woven {
  static constexpr int kSize = Size;
  static constexpr int kTeams = Teams;
  static constexpr int kThreads = (Size * Teams + 31) / 32 * 32;
  static constexpr bool kIdleThreads = kThreads != Size * Teams;

  int index;   ///< of the team in its block
  int thread;  ///< in the team; idle threads: Size or more

  __device__ __forceinline__ explicit Woven(char*)
      : index(int(threadIdx.x % Teams)), thread(int(threadIdx.x / Teams)) {}
  __device__ __forceinline__ Woven fresh() const {
    Woven same = *this;
    same.thread = settled(thread);
    return same;
  }
  __device__ __forceinline__ bool idle() const { return kIdleThreads && thread >= Size; }
  __device__ __forceinline__ void sync() const { __syncthreads(); }
  template <typename Body>
  __device__ __forceinline__ void each(int count, Body&& body) const {
    if (idle()) return;
    for (int i = thread; i < count; i += Size) body(i);
  }
  __device__ __forceinline__ bool any_near(bool value) const {
    return __syncthreads_or(value ? 1 : 0) != 0;
  }
  __device__ __forceinline__ bool any(bool value) const { return any_near(value); }
};
