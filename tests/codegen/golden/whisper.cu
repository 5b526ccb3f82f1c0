#include "select.cuh"
#include "fold.cuh"
#include "frames.cuh"
#include "long.cuh"

extern "C" __global__ void __launch_bounds__(128, 3) kernel0(const Params p) {
  using R = float;
  extern __shared__ __align__(16) char shared[];
  const Team<10, 12> whole(shared);
  constexpr int kWork = 1680;
  char* const mine = shared + 0 + whole.index * 4176;
  Cx<R>* const work = reinterpret_cast<Cx<R>*>(mine);
  R* const e1 = reinterpret_cast<R*>(mine + kWork + 0);
  const R* const c2 = reinterpret_cast<const R*>(p.tables + 0);
  R* const s5 = reinterpret_cast<R*>(mine + kWork + 1600);
  using F4 = Rfft<R, 200, 180, true, 20, 10>;
  const Cx<R>* const rootsF4 = reinterpret_cast<const Cx<R>*>(p.tables + 1600);
  const Band* const bands6 = reinterpret_cast<const Band*>(p.tables + 3856);
  const R* const weights6 = reinterpret_cast<const R*>(p.tables + 5136);
  const long long items = p.rows * p.frames;
  for (long long base = (long long)blockIdx.x * 12; base < items; base += (long long)gridDim.x * 12) {
    const auto team = whole.fresh();
    const bool active = base + team.index < items;
    const long long item = active ? base + team.index : items - 1;
    const long long row = quotient(item, p.frames);
    const long long frame = item - row * p.frames;
    const Row<R, float, true, false, 4> in0(p.in[0], row);
    constexpr FrameRule rule = {400, 160, 200, 0};
    Watch<R> watch;
    constexpr bool use = true;
    Watch<R> results;
    bool overflow = false;
    R most = -infinite<R>();
    const Frame<Pad::reflect, decltype(in0), 4> f1(in0, rule, frame, p.samples);
    const auto a1 = f1.array(team, rule.length, e1);
    const auto v1 = [&](auto i) {
      const auto x = a1.at(i);
      watch.see(x);
      return x;
    };
    const auto v2 = [&](auto i) { return constant(c2, i); };
    const auto v3 = [&](auto i) { return v1(i) * v2(i); };
    F4::run(team, work, rootsF4, v3, [&](int slot, int i, auto z) {
      const auto x5 = power(z);
      s5[i] = x5;
    });
    team.sync();
    const auto v5 = [&](int i) { return s5[i]; };
    filterbank(team, 80, bands6, weights6, [&](int i) { return s5[i]; }, [&](int i, R z) {
      const auto x7 = log_ten(z, R(0x1.b7cdfd9d7bdbbp-34));
      results.see(x7);
      if (active) (reinterpret_cast<R*>(p.stored[0]) + item * 80)[i] = x7;
      most = larger(most, x7);
    });
    most = team.reduce(most, [](R a, R b) { return larger(a, b); });
    if (active && team.thread == 0) raise(reinterpret_cast<unsigned*>(p.stored[1]) + row, ordered(most));
    overflow = (overflow || results.alarmed());
    if (overflow && active) atomicOr(p.overflow + row, 1u);
    const bool bad = team.any(watch.alarmed());
    for (long long f = frame; bad && f < frame + 1; ++f) {
      report_bad(team, Frame<Pad::reflect, decltype(in0), 4>(in0, rule, f, p.samples), rule.length, p.first_bad + row);
    }
    team.sync();
  }
}

extern "C" __global__ void __launch_bounds__(128, 1) kernel1(const Params p) {
  using R = float;
  extern __shared__ __align__(16) char shared[];
  const Team<16, 8> whole(shared);
  constexpr int kWork = 0;
  char* const mine = shared + 0 + whole.index * 0;
  const long long items = p.rows * p.frames;
  for (long long base = (long long)blockIdx.x * 8; base < items; base += (long long)gridDim.x * 8) {
    const auto team = whole.fresh();
    const bool active = base + team.index < items;
    const long long item = active ? base + team.index : items - 1;
    const long long row = quotient(item, p.frames);
    const long long frame = item - row * p.frames;
    constexpr FrameRule rule = {400, 160, 200, 0};
    const bool blank = p.first_bad[row] != kNoBad;
    constexpr bool use = true;
    Watch<R> results;
    bool overflow = false;
    const Out<R, true> out0(p.out[0], row, frame, active);
    const R* const g7 = reinterpret_cast<const R*>(p.stored[0]) + (row * p.frames + frame) * 80;
    const auto v7 = [&](int i) { return g7[i]; };
    const R floor8 = unordered(reinterpret_cast<const unsigned*>(p.stored[1])[row], R(0)) - R(0x1p+3);
    const auto v8 = [&](int i) { return at_least(v7(i), floor8); };
    const auto v9 = [&](int i) { return v8(i) * R(0x1p-2) + R(0x1p+0); };
    team.each(80, [&](int i) {
      const auto x = v9(i);
      results.see(x);
      out0.set(i, blanked(x, blank));
    });
    overflow = (overflow || results.alarmed()) && !blank;
    if (overflow && active) atomicOr(p.overflow + row, 1u);
    team.sync();
  }
}

extern "C" __global__ void __launch_bounds__(128, 1) kernel2(const Params p) {
  using R = float;
  extern __shared__ __align__(16) char shared[];
  const Team<16, 8> whole(shared);
  constexpr int kWork = 0;
  char* const mine = shared + 0 + whole.index * 0;
  const long long items = p.rows;
  for (long long base = (long long)blockIdx.x * 8; base < items; base += (long long)gridDim.x * 8) {
    const auto team = whole.fresh();
    const bool active = base + team.index < items;
    const long long item = active ? base + team.index : items - 1;
    const long long row = item;
    if (p.first_bad[row] != kNoBad && active) {
      blank_items<R, false>(team, p.out[0], row, p.frames, 80);
    }
    team.sync();
  }
}
