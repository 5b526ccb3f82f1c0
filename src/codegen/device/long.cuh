// Transforms that more than one kernel shares: what stands between their parts.
#pragma once

#include "codegen/device/fft.cuh"

/// exp(-2 pi i e / n) as the product of two tables: coarse[e >> Shift] fine[e mod 2^Shift].
template <int Shift, typename R>
__device__ __forceinline__ Cx<R> root_of(const Cx<R>* coarse, const Cx<R>* fine, int e) {
  return read_only(coarse + (e >> Shift)) * read_only(fine + (e & ((1 << Shift) - 1)));
}

/// Rows `first` and up of N points each, one for every team of the block, to where the teams work:
/// there they lie as a transform's exchange has them. Neighbours read neighbours.
template <typename At, int N, typename Team, typename R>
__device__ __forceinline__ void stage_rows(const Team& team, const Cx<R>* from, long long first,
                                           long long rows, char* memory, int team_bytes) {
  for (int e = int(threadIdx.x); e < N * Team::kTeams; e += Team::kThreads) {
    const int row = e / N;
    const int i = e - row * N;
    if (first + row >= rows) continue;
    reinterpret_cast<Cx<R>*>(memory + row * team_bytes)[At::of(i)] = from[first * N + e];
  }
  team.sync();
}

/// Bin k of 2 m real elements whose pairs were transformed as m complex points z; w^k in `roots`.
template <typename R>
__device__ __forceinline__ Cx<R> half_size_bin(const Cx<R>* z, const Cx<R>* roots, int m, int k) {
  const Cx<R> low = z[k == m ? 0 : k];
  const Cx<R> mirror = conj(z[k == 0 || k == m ? 0 : m - k]);
  const Cx<R> even = (low + mirror) * R(0.5);
  return even + minus_i((low - mirror) * R(0.5)) * read_only(roots + k);
}
