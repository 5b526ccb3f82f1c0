#include "select.cuh"
#include "fold.cuh"
#include "frames.cuh"
#include "long.cuh"

extern "C" __global__ void __launch_bounds__(128, 1) kernel0(const Params p) {
  using R = float;
  extern __shared__ __align__(16) char shared[];
  const Team<16, 8> whole(shared);
  constexpr int kWork = 2176;
  char* const mine = shared + 0 + whole.index * 2432;
  Cx<R>* const work = reinterpret_cast<Cx<R>*>(mine);
  using F4 = Fft<R, 256, 16, 16>;
  const Cx<R>* const rootsF4 = reinterpret_cast<const Cx<R>*>(p.tables + 0);
  const R* const c2 = reinterpret_cast<const R*>(p.tables + 1920);
  R* const s7 = reinterpret_cast<R*>(mine + 0);
  R* const s8 = reinterpret_cast<R*>(mine + 1024);
  unsigned char* const marks9 = reinterpret_cast<unsigned char*>(mine + kWork + 0);
  const long long items = p.rows;
  for (long long base = (long long)blockIdx.x * 8; base < items; base += (long long)gridDim.x * 8) {
    const auto team = whole.fresh();
    const bool active = base + team.index < items;
    const long long item = active ? base + team.index : items - 1;
    const long long row = item;
    const Row<R, Cx<float>, true, false, 4> in0(p.in[0], row);
    constexpr FrameRule rule = {256, 128, 0, 0};
    Watch<R> watch;
    constexpr long long first = 0;
    const long long last = p.frames;
    constexpr int kSlots = F4::slots<decltype(team)>();
    R acc[kSlots];
    unrolled<kSlots>([&](auto s) { acc[s.value] = R(0); });
    for (int turn = 0; turn < p.frames; turn += 1) {
      const bool use = first + turn < last;
      const long long frame = use ? first + turn : last - 1;
      const Frame<Pad::inside, decltype(in0), 4> f1(in0, rule, frame, p.samples);
      const auto v1 = [&](int i) {
        const auto x = f1.at(i);
        watch.see(x);
        return x;
      };
      const auto v2 = [&](auto i) { return constant(c2, i); };
      const auto v3 = [&](int i) { return v1(i) * v2(i); };
      F4::run(team, work, rootsF4, v3, [&](int slot, int i, auto z) {
        const auto x5 = power(z);
        acc[slot] += x5;
      });
    }
    F4::each_slot(team, [&](int slot, int i) {
      s7[i] = acc[slot];
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
    const R share = R(1) / R(p.frames);
    const auto v7 = [&](int i) { return (s7[i]) * share; };
    const bool blank = bad;
    Watch<R> results;
    bool overflow = false;
    const Out<R, true> out0(p.out[0], row, 0, active);
    const auto v6 = [&](auto) { return R(0x1.5555555555554p-7); };
    const auto v8 = [&](int i) { return v7(i) * v6(i); };
    const Search<R> search9 = {256, 0, 256, 13, true, false, true, true, 0x1p-8, -infinite<double>(), 0x0p+0, 0x1.0624dd2f1a9fcp-10};
    overflow |= !top_peaks<256, 16>(team, search9, blank, s8, marks9, [&](int i) { return v8(i); }, out0);
    overflow = (overflow || results.alarmed()) && !blank;
    overflow = team.any(overflow);
    if (p.overflow != nullptr && team.thread == 0 && active) p.overflow[row] = overflow;
    team.sync();
  }
}
