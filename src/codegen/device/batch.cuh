// What graphs of losses and gradients need beside features: sums over all rows. Rows are cut into
// slices; each gathers its own sums, which are then added in an order that the number of slices
// fixes.
#pragma once

#include "codegen/device/features.cuh"

/// Rows of a slice, of which there are `most` at most; the last one may have fewer.
__device__ __forceinline__ long long slice_rows(long long rows, int most) {
  return (rows + most - 1) / most;
}

/// 1 / x; nothing comes of nothing.
template <typename R>
__device__ __forceinline__ R inverse_of(R x) {
  return x == R(0) ? R(0) : R(1) / x;
}
template <typename R>
__device__ __forceinline__ R step_of(R x, R threshold) {
  return x != x ? x : x > threshold ? R(1) : R(0);
}

/// Threads of a block that adds the slices of kSumColumns elements.
constexpr int kSumColumns = 32;
constexpr int kSumRunners = 32;

/// put(element, sum) for the columns of sums[slice][width] that are those of this block of them.
template <typename V, typename Put>
__device__ __forceinline__ void sum_slices(char* scratch, int block, const V* sums,
                                           long long slices, int width, Put&& put) {
  V* const all = reinterpret_cast<V*>(scratch);
  const int runner = int(threadIdx.x) / kSumColumns;
  const int column = block * kSumColumns + int(threadIdx.x) % kSumColumns;
  V sum{};
  if (column < width) {
#pragma unroll 8
    for (long long slice = runner; slice < slices; slice += kSumRunners) {
      sum = sum + sums[slice * width + column];
    }
  }
  all[threadIdx.x] = sum;
  __syncthreads();
  if (runner != 0 || column >= width) return;
  for (int i = 1; i < kSumRunners; ++i) sum = sum + all[i * kSumColumns + int(threadIdx.x)];
  put(column, sum);
}
