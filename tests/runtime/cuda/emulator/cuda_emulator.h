// Enough of CUDA C++ to run Papilio's kernels on the host, compiled as plain C++: every thread of a
// block is a fiber that runs until it meets a barrier. A barrier that some thread never reaches, or
// a shuffle of threads that are not together, ends the program with a message. Blocks run one after
// the other; the order of the threads between two barriers changes with EMULATOR_ORDER, so that a
// missing barrier shows as a difference.
#pragma once

#include <ucontext.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace emulator {

struct Dim3 {
  unsigned x = 1, y = 1, z = 1;
};

/// Threads that wait for one another: a block, or one of its warps.
struct Group {
  int size = 0;
  int arrived = 0;
  int turn = 0;
  int votes = 0;   ///< of the turn that is gathered
  int result = 0;  ///< of the last complete turn
  unsigned ballot = 0, last_ballot = 0;
};

/// Where a fiber or the scheduler goes on. Switches by ucontext.h ask the kernel for the signal
/// mask each time; these do not.
struct Place {
  void* registers[5];
};

struct Fiber {
  ucontext_t begin{};
  Place place{};
  unsigned index = 0;
  bool begun = false;
  bool done = false;
};

struct Block {
  std::vector<Fiber> fibers;
  Group all;
  std::vector<Group> warps;
  std::vector<unsigned long long> exchange;  ///< one place per thread, for shuffles
  Place scheduler{};
  Fiber* current = nullptr;
  bool moved = false;
  const std::function<void()>* body = nullptr;
};

constexpr std::size_t kStack = 256 * 1024;

inline Block* block = nullptr;
inline Dim3 grid_dim, block_dim, block_idx;

/// Stays between blocks: its pages cost more than a small kernel.
inline char* stack_of(unsigned fiber) {
  static std::vector<std::unique_ptr<char[]>> stacks;
  while (stacks.size() <= fiber) stacks.emplace_back(new char[kStack]);
  return stacks[fiber].get();
}

/// Functions of their own: in one with __builtin_setjmp a jump is taken for its end.
[[noreturn, gnu::noinline]] inline void go_on(Place& place) {
  __builtin_longjmp(place.registers, 1);
}
[[gnu::noinline]] inline void begin(Fiber& fiber) { setcontext(&fiber.begin); }

[[gnu::noinline]] inline void yield() {
  if (__builtin_setjmp(block->current->place.registers) == 0) go_on(block->scheduler);
}

/// Until the fiber yields.
[[gnu::noinline]] inline void resume(Fiber& fiber) {
  block->current = &fiber;
  if (__builtin_setjmp(block->scheduler.registers) != 0) return;
  if (fiber.begun) go_on(fiber.place);
  fiber.begun = true;
  begin(fiber);
}

/// Waits until all of the group have come; the last one runs `complete`.
template <typename Complete>
void meet(Group& group, Complete complete) {
  const int turn = group.turn;
  block->moved = true;
  if (++group.arrived == group.size) {
    complete();
    group.arrived = 0;
    ++group.turn;
    return;
  }
  while (group.turn == turn) yield();
}
inline void meet(Group& group) {
  meet(group, [] {});
}
inline Group& own_warp() { return block->warps[block->current->index / 32]; }

inline void enter() {
  (*block->body)();
  block->current->done = true;
  block->moved = true;
  for (;;) yield();
}

inline void run_block(const std::function<void()>& body, unsigned threads) {
  Block here;
  block = &here;
  here.body = &body;
  here.fibers.resize(threads);
  here.exchange.resize(threads);
  here.all.size = static_cast<int>(threads);
  here.warps.resize((threads + 31) / 32);
  for (std::size_t w = 0; w < here.warps.size(); ++w) {
    here.warps[w].size = static_cast<int>(std::min<std::size_t>(32, threads - 32 * w));
  }
  for (unsigned i = 0; i < threads; ++i) {
    Fiber& fiber = here.fibers[i];
    fiber.index = i;
    getcontext(&fiber.begin);
    fiber.begin.uc_stack.ss_sp = stack_of(i);
    fiber.begin.uc_stack.ss_size = kStack;
    makecontext(&fiber.begin, enter, 0);
  }
  const char* order = std::getenv("EMULATOR_ORDER");
  const bool backwards = order != nullptr && std::strcmp(order, "backwards") == 0;
  for (bool running = true; running;) {
    running = false;
    here.moved = false;
    for (unsigned i = 0; i < threads; ++i) {
      Fiber& fiber = here.fibers[backwards ? threads - 1 - i : i];
      if (fiber.done) continue;
      running = true;
      resume(fiber);
    }
    if (running && !here.moved) {
      std::fputs("[emulator] a barrier that not all threads reach\n", stderr);
      std::abort();
    }
  }
  block = nullptr;
}

}  // namespace emulator

#define __device__
#define __constant__
#define __global__ __attribute__((visibility("default")))
#define __host__
#define __forceinline__ inline
#define __noinline__ __attribute__((noinline))
#define __launch_bounds__(...)
#define __align__(n) __attribute__((aligned(n)))
#define __shared__
#define __restrict__

#define threadIdx (emulator::Dim3{emulator::block->current->index, 0, 0})
#define blockIdx (emulator::block_idx)
#define blockDim (emulator::block_dim)
#define gridDim (emulator::grid_dim)

/// The dynamic shared memory of the block that runs.
alignas(64) inline char shared_memory[232448];
#define shared shared_memory

struct alignas(8) float2 {
  float x, y;
};
struct alignas(16) float4 {
  float x, y, z, w;
};
struct alignas(16) double2 {
  double x, y;
};

inline void __syncthreads() { emulator::meet(emulator::block->all); }
inline int __syncthreads_or(int value) {
  emulator::Group& group = emulator::block->all;
  group.votes |= value != 0 ? 1 : 0;
  emulator::meet(group, [&group] {
    group.result = group.votes;
    group.votes = 0;
  });
  return group.result;
}
inline void __syncwarp(unsigned = ~0u) { emulator::meet(emulator::own_warp()); }

inline unsigned __ballot_sync(unsigned, bool value) {
  emulator::Group& warp = emulator::own_warp();
  if (value) warp.ballot |= 1u << (emulator::block->current->index % 32);
  emulator::meet(warp, [&warp] {
    warp.last_ballot = warp.ballot;
    warp.ballot = 0;
  });
  return warp.last_ballot;
}

/// The value that lane `from` of the warp gives.
template <typename T>
T emulated_lane(T value, int from) {
  static_assert(sizeof(T) <= sizeof(unsigned long long));
  emulator::Block& block = *emulator::block;
  const unsigned index = block.current->index;
  std::memcpy(&block.exchange[index], &value, sizeof(T));
  emulator::meet(emulator::own_warp());
  T result;
  std::memcpy(&result, &block.exchange[index / 32 * 32 + static_cast<unsigned>(from)], sizeof(T));
  emulator::meet(emulator::own_warp());
  return result;
}
template <typename T>
T __shfl_xor_sync(unsigned, T value, int mask, int width = 32) {
  const int lane = static_cast<int>(emulator::block->current->index % 32);
  const int other = lane ^ mask;
  return emulated_lane(value, other / width == lane / width ? other : lane);
}
template <typename T>
T __shfl_sync(unsigned, T value, int source, int width = 32) {
  const int lane = static_cast<int>(emulator::block->current->index % 32);
  return emulated_lane(value, lane / width * width + (source & (width - 1)));
}

inline unsigned __brev(unsigned x) {
  unsigned reversed = 0;
  for (int bit = 0; bit < 32; ++bit) reversed |= (x >> bit & 1u) << (31 - bit);
  return reversed;
}
template <typename T>
T __ldg(const T* address) {
  return *address;
}
inline unsigned __float_as_uint(float value) {
  unsigned bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}
inline float __uint_as_float(unsigned bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}
inline long long __double_as_longlong(double value) {
  long long bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}
inline double __longlong_as_double(long long bits) {
  double value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

template <typename T>
T atomicMin(T* address, T value) {
  const T old = *address;
  *address = std::min(old, value);
  return old;
}
template <typename T>
T atomicMax(T* address, T value) {
  const T old = *address;
  *address = std::max(old, value);
  return old;
}
template <typename T>
T atomicOr(T* address, T value) {
  const T old = *address;
  *address = old | value;
  return old;
}
template <typename T>
T atomicAdd(T* address, T value) {
  const T old = *address;
  *address = old + value;
  return old;
}
inline float __log2f(float value) { return std::log2(value); }
using std::log1p;
