#include "select.cuh"
#include "fold.cuh"
#include "frames.cuh"
#include "long.cuh"

extern "C" __global__ void __launch_bounds__(128, 6) kernel0(const Params p) {
  using R = float;
  extern __shared__ __align__(16) char shared[];
  const Team<8, 16> whole(shared);
  constexpr int kWork = 400;
  char* const mine = shared + 0 + whole.index * 576;
  Cx<R>* const work = reinterpret_cast<Cx<R>*>(mine);
  Cx<R>* const s4 = reinterpret_cast<Cx<R>*>(mine + kWork + 0);
  using F3 = Fft<R, 48, 8, 6>;
  const Cx<R>* const rootsF3 = reinterpret_cast<const Cx<R>*>(p.tables + 0);
  const long long items = p.rows * p.frames;
  for (long long base = (long long)blockIdx.x * 16; base < items; base += (long long)gridDim.x * 16) {
    const auto team = whole.fresh();
    const bool active = base + team.index < items;
    const long long item = active ? base + team.index : items - 1;
    const long long row = quotient(item, p.frames);
    const long long frame = item - row * p.frames;
    const Row<R, float, true, false, 4> in0(p.in[0], row);
    constexpr FrameRule rule = {48, 24, 0, 0};
    Watch<R> watch;
    constexpr bool use = true;
    Watch<R> results;
    bool overflow = false;
    const Out<R, true> out0(p.out[0], row, frame, active);
    const Out<R, true> out1(p.out[1], row, frame, active);
    const Out<R, true> out2(p.out[2], row, frame, active);
    const Frame<Pad::inside, decltype(in0), 4> f1(in0, rule, frame, p.samples);
    const auto v1 = [&](auto i) {
      const auto x = f1.at(i);
      watch.see(x);
      return x;
    };
    const auto v2 = [&](int i) { return as_complex(v1(i)); };
    F3::run(team, work, rootsF3, v2, [&](int slot, int i, auto z) {
      const int i4 = i - 3;
      if (i4 < 0 || i4 >= 21) return;
      s4[i4] = z * R(0x1p-1);
    });
    team.sync();
    const auto v4 = [&](int i) { return s4[i]; };
    const auto v5 = [&](int i) { return conj(v4(i)); };
    const auto v6 = [&](int i) { return i < 21 ? v4(i) : v5(i - 21); };
    const auto v7 = [&](int i) { return v6(i) * v6(i); };
    const auto v8 = [&](auto) { return R(0x1p+1); };
    const auto v9 = [&](int i) { return as_complex(v7(i)) + as_complex(v8(i)); };
    const auto v10 = [&](int i) { return real_part(v9(i)); };
    const auto v11 = [&](int i) { return magnitude(v6(i)); };
    const auto v12 = [&](int i) { return log_e(v11(i), R(0x1.0c6f7a0b5ed8dp-20)); };
    R most13 = -infinite<R>();
    team.each(42, [&](int i) { most13 = larger(most13, v12(i)); });
    const R floor13 = team.reduce(most13, [](R a, R b) { return larger(a, b); }) - R(0x1.8p+1);
    const auto v13 = [&](int i) { return at_least(v12(i), floor13); };
    const R floor14 = R(-0x1p+1);
    const auto v14 = [&](int i) { return at_least(v12(i), floor14); };
    team.each(42, [&](int i) {
      const auto x = v10(i);
      results.see(x);
      out0.set(i, x);
    });
    team.each(42, [&](int i) {
      const auto x = v13(i);
      results.see(x);
      out1.set(i, x);
    });
    team.each(42, [&](int i) {
      const auto x = v14(i);
      results.see(x);
      out2.set(i, x);
    });
    overflow = (overflow || results.alarmed());
    if (overflow && active) atomicOr(p.overflow + row, 1u);
    const bool bad = team.any(watch.alarmed());
    for (long long f = frame; bad && f < frame + 1; ++f) {
      report_bad(team, Frame<Pad::inside, decltype(in0), 4>(in0, rule, f, p.samples), rule.length, p.first_bad + row);
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
  const long long items = p.rows;
  for (long long base = (long long)blockIdx.x * 8; base < items; base += (long long)gridDim.x * 8) {
    const auto team = whole.fresh();
    const bool active = base + team.index < items;
    const long long item = active ? base + team.index : items - 1;
    const long long row = item;
    if (p.first_bad[row] != kNoBad && active) {
      blank_items<R, false>(team, p.out[0], row, p.frames, 42);
      blank_items<R, false>(team, p.out[1], row, p.frames, 42);
      blank_items<R, false>(team, p.out[2], row, p.frames, 42);
    }
    team.sync();
  }
}
