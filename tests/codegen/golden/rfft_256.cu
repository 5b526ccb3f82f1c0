#include "select.cuh"
#include "fold.cuh"
#include "frames.cuh"
#include "long.cuh"

extern "C" __global__ void __launch_bounds__(128, 6) kernel0(const Params p) {
  using R = float;
  extern __shared__ __align__(16) char shared[];
  const Team<16, 8> whole(shared);
  constexpr int kWork = 1088;
  char* const mine = shared + 0 + whole.index * 1152;
  Cx<R>* const work = reinterpret_cast<Cx<R>*>(mine);
  using F1 = Rfft<R, 128, 124, false, 4, 8, 4>;
  const Cx<R>* const rootsF1 = reinterpret_cast<const Cx<R>*>(p.tables + 0);
  const long long items = p.rows;
  for (long long base = (long long)blockIdx.x * 8; base < items; base += (long long)gridDim.x * 8) {
    const auto team = whole.fresh();
    const bool active = base + team.index < items;
    const long long item = active ? base + team.index : items - 1;
    const long long row = item;
    const Row<R, float, true, false, 4> in0(p.in[0], row);
    Watch<R> results;
    bool overflow = false;
    const Out<Cx<R>, true> out0(p.out[0], row, 0, active);
    const auto v0 = [&](auto i) { const auto x = in0.at(i); return x; };
    F1::run(team, work, rootsF1, v0, [&](int slot, int i, auto z) {
      results.see(z);
      out0.set(i, z);
    });
    overflow = (overflow || results.alarmed());
    if (overflow && active) atomicOr(p.overflow + row, 1u);
    team.sync();
  }
}
