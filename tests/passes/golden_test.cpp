// Welch's peaks and band of a PSD through all passes, as text. A change here is a change of what
// every device is asked to run: look at it before taking it over.
#include <gtest/gtest.h>

#include <cmath>

#include "passes/graphs.h"
#include "passes/pipeline.h"

namespace papilio::passes {
namespace {

/// Mean PSD of real frames of 6 samples in transforms of 8: [rows, 5 bins].
NodeId psd(GraphBuilder& b) {
  NodeId frames = b.add(OpKind::Frame, {b.input("x")}, frames_of(6, 3));
  frames = b.add(OpKind::Detrend, {frames}, ir::DetrendAttrs{ir::Trend::constant});
  frames = b.add(OpKind::Mul, {frames, b.constant({0.25, 0.5, 1, 1, 0.5, 0.25})});
  frames = b.add(OpKind::Pad, {frames}, ir::PadAttrs{0, 8});
  const NodeId power = b.add(OpKind::Power, {b.add(OpKind::Rfft, {frames}, ir::FftAttrs{8, 1.0})});
  return b.add(OpKind::Mul, {b.add(OpKind::MeanFrames, {power}), b.constant({1, 2, 2, 2, 1})});
}

ir::TopAttrs two_peaks() {
  ir::TopAttrs a;
  a.k = 2;
  a.n_fft = 8;
  a.bin_hz = 0.5;
  a.height = a.threshold = a.prominence = a.fmin_hz = a.fmax_hz = NAN;
  return a;
}

/// Everything before the PSD is the same in both tests.
const std::string kCommon =
    "%0 = input(){name=x complex=no samples=0} : f32[rows, samples]  @0\n"
    "%1 = frame(%0){length=6 hop=3 pad=none left=0 right=0 count=full fixed_samples=0} : "
    "f32[rows, frames(6/3), sample 6]  @0\n"
    "%2 = detrend(%1){trend=constant} : f32[rows, frames(6/3), sample 6]  @0\n"
    "%3 = const(){count=6 complex=no hash=32e048c8051d7ce4} : f32[sample 6]  @0\n"
    "%4 = mul(%2, %3) : f32[rows, frames(6/3), sample 6]  @0\n"
    "%5 = pad(%4){before=0 size=8} : f32[rows, frames(6/3), sample 8]  @0\n";

TEST(Golden, PeaksOfAWelchPsd) {
  GraphBuilder b(DType::f32);
  b.output("peaks", b.add(OpKind::Peaks, {psd(b)}, two_peaks()));
  EXPECT_EQ(
      ir::to_text(run_passes(b.finish(), {})),
      kCommon +
          "%6 = paired_mean_power(%5){n=8 scale=1} : f32[rows, bin 5]  @0\n"
          "%7 = const(){count=5 complex=no hash=641d919a1a09c450} : f32[sample 5]  @0\n"
          "%8 = mul(%6, %7) : f32[rows, bin 5]  @1\n"
          "%9 = peaks(%8){k=2 n_fft=8 bin_hz=0.5 one_sided=yes doubled=yes distance=1 height=nan "
          "threshold=nan prominence=nan fmin_hz=nan fmax_hz=nan} : f32[rows, rank 2, field 4]  @1\n"
          "output peaks = %9\n");
}

TEST(Golden, ABandOfAWelchPsd) {
  GraphBuilder b(DType::f32);
  b.output("psd", b.add(OpKind::Slice, {psd(b)}, ir::SliceAttrs{1, 3}));
  EXPECT_EQ(ir::to_text(run_passes(b.finish(), {})),
            kCommon +
                "%6 = paired_mean_power(%5){n=8 scale=1} : f32[rows, bin 5]  @0\n"
                "%7 = slice(%6){begin=1 end=3} : f32[rows, bin 2]  @1\n"
                "%8 = const(){count=2 complex=no hash=22d8631e01f05c39} : f32[sample 2]  @0\n"
                "%9 = mul(%7, %8) : f32[rows, bin 2]  @1\n"
                "output psd = %9\n");
}

}  // namespace
}  // namespace papilio::passes
