#include "select.cuh"
#include "fold.cuh"
#include "frames.cuh"
#include "long.cuh"

extern "C" __global__ void __launch_bounds__(128, 1) kernel0(const Params p) {
  using R = float;
  extern __shared__ __align__(16) char shared[];
  const Team<16, 8> whole(shared);
  constexpr int kWork = 2176;
  char* const mine = shared + 0 + whole.index * 2176;
  Cx<R>* const work = reinterpret_cast<Cx<R>*>(mine);
  using P5 = Fft<R, 256, 16, 16>;
  const Cx<R>* const rootsP5 = reinterpret_cast<const Cx<R>*>(p.tables + 0);
  const R* const c2 = reinterpret_cast<const R*>(p.tables + 1920);
  R* const s5 = reinterpret_cast<R*>(mine + 0);
  R* const s6 = reinterpret_cast<R*>(mine + 1024);
  const long long items = p.rows;
  for (long long base = (long long)blockIdx.x * 8; base < items; base += (long long)gridDim.x * 8) {
    const auto team = whole.fresh();
    const bool active = base + team.index < items;
    const long long item = active ? base + team.index : items - 1;
    const long long row = item;
    const Row<R, float, true, false, 4> in0(p.in[0], row);
    constexpr FrameRule rule = {256, 128, 0, 0};
    Watch<R> watch;
    constexpr long long first = 0;
    const long long last = p.frames;
    constexpr int kSlots = P5::slots<decltype(team)>();
    R acc[kSlots];
    unrolled<kSlots>([&](auto s) { acc[s.value] = R(0); });
    for (int turn = 0; turn < p.frames; turn += 2) {
      const bool use = first + turn < last;
      const long long frame = use ? first + turn : last - 1;
      const bool use_second = first + turn + 1 < last;
      const long long second = use_second ? first + turn + 1 : last - 1;
      const Frame<Pad::inside, decltype(in0), 4> f1(in0, rule, frame, p.samples);
      const Frame<Pad::inside, decltype(in0), 4> f1b(in0, rule, second, p.samples);
      const auto v1 = [&](int i) {
        const Cx<R> x = {use ? f1.at(i) : R(0), use_second ? f1b.at(i) : R(0)};
        watch.see(x);
        return x;
      };
      const auto v2 = [&](auto i) { return constant(c2, i); };
      const auto v3 = [&](int i) { return v1(i) * v2(i); };
      P5::run(team, work, rootsP5, v3, [&](int slot, int i, auto z) {
        acc[slot] += power(z);
      });
    }
    P5::each_slot(team, [&](int slot, int i) {
      s5[i] = acc[slot];
    });
    team.sync();
    if (p.first_bad != nullptr && team.thread == 0 && active) {
      p.first_bad[row] = kNoBad;
      p.skipped[row] = 0;
    }
    team.sync();
    const bool bad = team.any(watch.alarmed());
    for (long long f = first; bad && p.first_bad != nullptr && f < last; ++f) {
      report_bad(team, Frame<Pad::inside, decltype(in0), 4>(in0, rule, f, p.samples), rule.length, p.first_bad + row);
    }
    const R share = R(0.5) / R(p.frames);
    const auto v5 = [&](int i) { return ((s5[i] + s5[i == 0 ? 0 : 256 - i])) * share; };
    const bool blank = bad;
    Watch<R> results;
    bool overflow = false;
    const Out<R, true> out0(p.out[0], row, 0, active);
    const auto v4 = [&](int i) { return i == 0 ? R(0x1.5555555555554p-7) : i == 128 ? R(0x1.5555555555554p-7) : R(0x1.5555555555554p-6); };
    const auto v6 = [&](int i) { return v5(i) * v4(i); };
    const Search<R> search7 = {129, 0, 129, 1, false, true, true, false, 0x1p-8, -infinite<double>(), 0x0p+0, 0x0p+0};
    overflow |= !top_bins<129, 16>(team, search7, blank, s6, [&](int i) { return v6(i); }, out0);
    overflow = (overflow || results.alarmed()) && !blank;
    overflow = team.any(overflow);
    if (p.overflow != nullptr && team.thread == 0 && active) p.overflow[row] = overflow;
    team.sync();
  }
}
