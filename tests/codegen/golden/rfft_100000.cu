#include "select.cuh"
#include "fold.cuh"
#include "frames.cuh"
#include "long.cuh"

extern "C" __global__ void __launch_bounds__(256, 1) kernel0(const Params p) {
  using R = float;
  extern __shared__ __align__(16) char shared[];
  const Team<256, 1> whole(shared);
  constexpr int kWork = 0;
  char* const mine = shared + 4096 + whole.index * 0;
  const Cx<R>* const halflong100000 = reinterpret_cast<const Cx<R>*>(p.tables + 0);
  const long long items = p.rows * 12LL;
  for (long long base = (long long)blockIdx.x * 1; base < items; base += (long long)gridDim.x * 1) {
    const auto team = whole.fresh();
    const bool active = base + team.index < items;
    const long long share = active ? base + team.index : items - 1;
    const long long item = share / 12;
    const int part = int(share - item * 12);
    const long long row = item;
    const Row<R, float, true, false, 4> in0(p.in[0], row);
    constexpr bool use = true;
    const auto v0 = [&](auto i) { const auto x = in0.at(i); return x; };
    const auto& x = v0;
    Cx<R>* const to = reinterpret_cast<Cx<R>*>(p.stored[0]) + item * 50000LL;
    team.each_of(part, 12, 50000, [&](int i) {
      if (active) to[i] = Cx<R>{x(2 * i), x(2 * i + 1)};
    });
    team.sync();
  }
}

extern "C" __global__ void __launch_bounds__(128, 1) kernel1columns(const Params p) {
  using R = float;
  extern __shared__ __align__(16) char shared[];
  const Team<10, 12> whole(shared);
  constexpr int kWork = 1680;
  char* const mine = shared + 0 + whole.index * 1744;
  Cx<R>* const work = reinterpret_cast<Cx<R>*>(mine);
  using F = Fft<R, 200, 20, 10>;
  const Cx<R>* const rootsF = reinterpret_cast<const Cx<R>*>(p.tables + 403632);
  const Cx<R>* const coarse = reinterpret_cast<const Cx<R>*>(p.tables + 400016);
  const Cx<R>* const fine = reinterpret_cast<const Cx<R>*>(p.tables + 401584);
  const Cx<R>* const spectrum = reinterpret_cast<const Cx<R>*>(p.tables + 0);
  const long long items = p.rows * 250LL;
  for (long long base = (long long)blockIdx.x * 12; base < items; base += (long long)gridDim.x * 12) {
    const auto team = whole.fresh();
    const bool active = base + team.index < items;
    const long long share = active ? base + team.index : items - 1;
    const long long item = share / 250;
    const int part = int(share - item * 250);
    const long long row = item;
    const Cx<R>* const from = reinterpret_cast<const Cx<R>*>(p.stored[0]) + item * 50000LL;
    Cx<R>* const to = reinterpret_cast<Cx<R>*>(p.stored[1]) + item * 50000LL;
    const auto x = [&](int j) { return from[j * 250 + part]; };
    F::run(team, work, rootsF, x, [&](int slot, int i, auto z) {
      if (active) to[i * 250 + part] = z * root_of<8>(coarse, fine, part * i);
    });
    team.sync();
  }
}

extern "C" __global__ void __launch_bounds__(128, 1) kernel1rows(const Params p) {
  using R = float;
  extern __shared__ __align__(16) char shared[];
  const Team<10, 12> whole(shared);
  constexpr int kWork = 2000;
  char* const mine = shared + 0 + whole.index * 2000;
  Cx<R>* const work = reinterpret_cast<Cx<R>*>(mine);
  using F = Fft<R, 250, 25, 10>;
  const Cx<R>* const rootsF = reinterpret_cast<const Cx<R>*>(p.tables + 405072);
  const Cx<R>* const coarse = reinterpret_cast<const Cx<R>*>(p.tables + 400016);
  const Cx<R>* const fine = reinterpret_cast<const Cx<R>*>(p.tables + 401584);
  const Cx<R>* const spectrum = reinterpret_cast<const Cx<R>*>(p.tables + 0);
  const long long items = p.rows * 200LL;
  for (long long base = (long long)blockIdx.x * 12; base < items; base += (long long)gridDim.x * 12) {
    const auto team = whole.fresh();
    const bool active = base + team.index < items;
    const long long share = active ? base + team.index : items - 1;
    const long long item = share / 200;
    const int part = int(share - item * 200);
    const long long row = item;
    const Cx<R>* const from = reinterpret_cast<const Cx<R>*>(p.stored[1]) + item * 50000LL;
    Cx<R>* const to = reinterpret_cast<Cx<R>*>(p.stored[0]) + item * 50000LL;
    const auto x = [&](int j) { return from[part * 250 + j]; };
    F::run(team, work, rootsF, x, [&](int slot, int i, auto z) {
      if (active) to[part + 200 * i] = z;
    });
    team.sync();
  }
}

extern "C" __global__ void __launch_bounds__(256, 1) kernel2(const Params p) {
  using R = float;
  extern __shared__ __align__(16) char shared[];
  const Team<256, 1> whole(shared);
  constexpr int kWork = 0;
  char* const mine = shared + 4096 + whole.index * 0;
  const Cx<R>* const halflong100000 = reinterpret_cast<const Cx<R>*>(p.tables + 0);
  const long long items = p.rows * 12LL;
  for (long long base = (long long)blockIdx.x * 1; base < items; base += (long long)gridDim.x * 1) {
    const auto team = whole.fresh();
    const bool active = base + team.index < items;
    const long long share = active ? base + team.index : items - 1;
    const long long item = share / 12;
    const int part = int(share - item * 12);
    const long long row = item;
    const Row<R, float, true, false, 4> in0(p.in[0], row);
    Watch<R> results;
    bool overflow = false;
    const Out<Cx<R>, true> out0(p.out[0], row, 0, active);
    const auto v0 = [&](auto i) { const auto x = in0.at(i); return x; };
    const Cx<R>* const g1 = reinterpret_cast<const Cx<R>*>(p.stored[0]) + row * 50000LL;
    const auto v1 = [&](int i) { const auto g = g1; return half_size_bin(g, halflong100000, 50000, i); };
    team.each_of(part, 12, 50001, [&](int i) {
      const auto x = v1(i);
      results.see(x);
      out0.set(i, x);
    });
    overflow = (overflow || results.alarmed());
    if (overflow && active) atomicOr(p.overflow + row, 1u);
    team.sync();
  }
}
