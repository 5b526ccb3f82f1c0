// Views that kernels cannot work on are refused before anything runs.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "papilio/error.h"
#include "runtime/compile.h"
#include "runtime/cuda/on_gpu.h"
#include "spectral/peaks.h"
#include "spectral/transform.h"

namespace papilio::runtime::testing {
namespace {

constexpr std::int64_t kRows = 2;
constexpr std::int64_t kSamples = 16;
constexpr std::int64_t kSlots = 3;

ir::Graph spectra() {
  FftOptions options;
  options.n = kSamples;
  return spectral::build_fft(options, kSamples, DType::f32);
}

ir::Graph strongest_bins() {
  PeaksOptions options;
  options.mode = TopMode::bins;
  options.top = kSlots;
  options.welch.nperseg = kSamples;
  return spectral::build_peaks(spectral::fit_peaks(options, kSamples, false), false, DType::f32,
                               false);
}

/// What a run on these views says against them, "" if it takes them.
std::string refusal(const Program& program, const base::TensorView& in,
                    const base::TensorView& out) {
  Workspace none;
  try {
    program.run({&in, 1}, {&out, 1}, {}, {}, none);
  } catch (const UserError& error) {
    return error.what();
  }
  return "";
}

base::TensorView moved(base::TensorView view, std::int64_t bytes) {
  view.data = static_cast<std::byte*>(view.data) + bytes;
  return view;
}

struct Views {
  Views(const Program& program, DType dtype)
      : rows(static_cast<std::size_t>(kRows * kSamples) * size_of(dtype) + 64),
        results(4096),
        in(dense_view(rows.data(), dtype, {kRows, kSamples})),
        out(dense_view(results.data(), program.outputs()[0].type.dtype,
                       program.outputs()[0].type.resolve(kRows, kSamples))) {}
  std::vector<std::byte> rows, results;
  base::TensorView in, out;
};

TEST_F(OnGpu, MisalignedViewsAreRefused) {
  const auto program = compile(spectra(), {"cuda", {}});
  for (const auto& [dtype, bytes] : {std::pair{DType::f32, 4}, {DType::i16, 2}, {DType::f64, 8}}) {
    Views views(*program, dtype);
    // Room for what lies behind the last element of a view that is moved.
    const OnDevice rows(dense_view(views.rows.data(), DType::u8, {1, 32 * bytes + 64}));
    const OnDevice results(dense_view(views.results.data(), DType::u8, {1, 4096}));
    views.in.device = views.out.device = base::DeviceKind::cuda;
    views.in.data = rows.view().data;
    views.out.data = results.view().data;
    EXPECT_EQ(refusal(*program, moved(views.in, bytes), moved(views.out, 8)), "");
    const std::string words = std::string("is ") + name_of(dtype) +
                              " in device memory: its address and strides must be multiples of " +
                              std::to_string(bytes);
    const std::string at_odds = refusal(*program, moved(views.in, bytes / 2), views.out);
    EXPECT_NE(at_odds.find(words), std::string::npos) << at_odds;
    base::TensorView apart = views.in;
    apart.byte_strides[0] += bytes / 2;
    EXPECT_NE(refusal(*program, apart, views.out).find(words), std::string::npos);
    const std::string result = refusal(*program, views.in, moved(views.out, 4));
    EXPECT_NE(result.find("is complex64 in device memory"), std::string::npos) << result;
    EXPECT_NE(result.find("multiples of 8 bytes"), std::string::npos) << result;
  }
}

/// Rows of slots whose fields lie apart.
TEST_F(OnGpu, ElementsOfAResultLieInOneStride) {
  const auto program = compile(strongest_bins(), {"cuda", {}});
  Views views(*program, DType::f32);
  const OnDevice rows(views.in);
  const OnDevice results(dense_view(views.results.data(), DType::u8, {1, 4096}));
  for (const bool on_device : {true, false}) {
    base::TensorView out = views.out;
    if (on_device) {
      out.device = base::DeviceKind::cuda;
      out.data = results.view().data;
    }
    const base::TensorView& in = on_device ? rows.view() : views.in;
    EXPECT_EQ(refusal(*program, in, out), "");
    out.byte_strides = {4 * kSlots * 4, 8, 8 * kSlots, 0};
    const std::string message = refusal(*program, in, out);
    EXPECT_NE(message.find("axis 1 has a stride of 8 bytes"), std::string::npos) << message;
    EXPECT_NE(message.find("one behind the other (96)"), std::string::npos) << message;
    out.byte_strides = {100 * 4, 4 * 8, 8, 0};  // every second number, rows apart
    EXPECT_EQ(refusal(*program, in, out), "");
  }
}

}  // namespace
}  // namespace papilio::runtime::testing
