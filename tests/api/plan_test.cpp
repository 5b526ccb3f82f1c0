// Graphs of the caller's own: what they compute, what they leave out, what they refuse.
#include <cstdlib>

#include "api/support.h"

namespace papilio::testing {
namespace {

constexpr std::int64_t kRows = 5, kSamples = 1000;

std::vector<double> hann(std::int64_t n) {
  std::vector<double> values;
  for (std::int64_t i = 0; i < n; ++i) {
    values.push_back(0.5 - 0.5 * std::cos(2.0 * 3.14159265358979323846 * double(i) / double(n)));
  }
  return values;
}

/// Runs the plan of `graph` on one input and returns every output as doubles (complex: pairs).
template <typename R, typename In>
std::vector<std::vector<double>> run(const Graph& graph, const std::vector<In>& input,
                                     std::int64_t samples, const std::string& device) {
  const Plan plan(graph, {.device = device});
  const auto rows = static_cast<std::int64_t>(input.size()) / samples;
  std::vector<std::vector<std::complex<R>>> memory;  // complex values fit, real ones as well
  std::vector<AnyView> outputs;
  std::vector<std::size_t> counts;
  const std::string text = graph.text();
  const std::size_t ports = plan.output_names().size();
  memory.reserve(ports);
  std::vector<std::vector<double>> results;
  for (std::size_t i = 0; i < ports; ++i) {
    const auto shape = plan.shape(i, rows, samples);
    std::size_t count = 1;
    for (const std::int64_t extent : shape) count *= static_cast<std::size_t>(extent);
    memory.emplace_back(count);
    const bool complex = plan.output_names()[i].starts_with("complex");
    outputs.push_back(complex ? AnyView(memory.back().data(), shape)
                              : AnyView(reinterpret_cast<R*>(memory.back().data()), shape));
    counts.push_back(complex ? 2 * count : count);
  }
  const std::vector<AnyView> inputs{AnyView(input.data(), {rows, samples})};
  plan.run(inputs, outputs);
  for (std::size_t i = 0; i < ports; ++i) {
    const R* first = reinterpret_cast<const R*>(memory[i].data());
    results.emplace_back(first, first + counts[i]);
  }
  return results;
}

/// The cpu device against the reference device, in f32 and f64; `make` builds the graph. Outputs
/// whose names begin with "complex" are complex.
template <typename Make>
void expect_like_reference(Make&& make, std::int64_t samples = kSamples, bool complex = false) {
  const auto check = [&]<typename R, typename In>(DType compute, double bound) {
    GraphBuilder b(compute);
    make(b);
    const Graph graph = b.finish();
    const auto input = signal<In>(kRows, samples);
    const auto got = run<R>(graph, input, samples, "cpu");
    const auto want = run<R>(graph, input, samples, "reference");
    ASSERT_EQ(got.size(), want.size());
    for (std::size_t i = 0; i < got.size(); ++i) {
      EXPECT_LE(worst_row(got[i], want[i], kRows), bound) << "output " << i << "\n" << graph.text();
    }
  };
  if (complex) {
    check.template operator()<float, std::complex<float>>(DType::f32, 1e-6);
    check.template operator()<double, std::complex<double>>(DType::f64, 3e-14);
  } else {
    check.template operator()<float, float>(DType::f32, 1e-6);
    check.template operator()<double, double>(DType::f64, 3e-14);
  }
}

TEST(Plan, AWelchOfOnesOwnIsWelch) {
  GraphBuilder b(DType::f64);
  const Node frames = b.detrend(b.frame(b.input("x"), 64, 32), Detrend::constant);
  b.output("power", b.mean_frames(b.power(b.rfft(b.window(frames, hann(64))))));
  const Plan plan(b.finish());
  EXPECT_EQ(plan.output_names(), std::vector<std::string>{"power"});
  EXPECT_EQ(plan.shape(0, kRows, kSamples), (std::vector<std::int64_t>{kRows, 33}));
  const auto data = signal<double>(kRows, kSamples);
  std::vector<double> got(kRows * 33);
  plan.run({View<const double>(data.data(), kRows, kSamples)},
           {View<double>(got.data(), kRows, 33)});
  auto want = welch(View<const double>(data.data(), kRows, kSamples),
                    {.nperseg = 64, .scaling = Scaling::none})
                  .data;
  for (std::size_t i = 0; i < want.size(); ++i) {
    if (i % 33 != 0 && i % 33 != 32) want[i] /= 2.0;  // welch is one-sided
  }
  EXPECT_LE(worst_row(got, want, kRows), 1e-14);
}

TEST(Plan, EveryOpOfTheBuilderIsTheReferences) {
  expect_like_reference([](GraphBuilder& b) {
    const Node frames = b.window(b.frame(b.input("x"), 100, 37), hann(100));
    const Node spectra = b.rfft(b.pad(b.detrend(frames, Detrend::linear), 128), 0.5);
    const Node power = b.power(spectra);
    b.output("complex spectra", spectra);
    b.output("magnitude", b.magnitude(spectra));
    b.output("max", b.max_frames(power));
    b.output("median", b.median_frames(power));
    b.output("mean of logs", b.mean_frames(b.ln(power, 1e-9)));
    b.output("log of mean", b.log10(b.mean_frames(power), 1e-9));
    b.output("some", b.slice(b.affine(b.mean_frames(power), 3.0, -0.25), 5, 20));
  });
}

TEST(Plan, PartsAreJoined) {
  expect_like_reference([](GraphBuilder& b) {
    const Node spectra = b.rfft(b.frame(b.input("x"), 100, 37));
    const Node power = b.power(spectra);
    b.output("both ends", b.concat(b.slice(power, 40, 51), b.slice(power, 0, 4)));
    b.output("complex joint", b.concat(b.slice(spectra, 0, 3), spectra));
    b.output("mean", b.concat(b.mean_frames(power), b.max_frames(power)));
  });
}

TEST(Plan, AScaledTransformUnderAMean) {
  expect_like_reference([](GraphBuilder& b) {
    b.output("psd", b.mean_frames(b.power(b.rfft(b.frame(b.input("x"), 64, 64), 0.3))));
  });
}

TEST(Plan, TwoFoldsThatMeetAgainAfterOpsOfTheirOwn) {
  expect_like_reference([](GraphBuilder& b) {
    const Node frames = b.frame(b.input("x"), 8, 18);
    b.output("mean", b.detrend(b.pad(b.mean_frames(frames), 14), Detrend::linear));
    b.output("max", b.detrend(b.max_frames(b.window(frames, hann(8))), Detrend::linear));
    b.output("both", b.add(b.affine(b.mean_frames(frames), 2.0, 1.0), b.median_frames(frames)));
  });
}

TEST(Plan, OpsOnWholeRows) {
  expect_like_reference(
      [](GraphBuilder& b) {
        const Node x = b.input("x", false, 120);
        const Node y = b.window(x, hann(120));
        b.output("sum", b.add(b.multiply(x, y), b.affine(x, -2.0, 1.0)));
        b.output("complex spectrum", b.rfft(y));
        b.output("filtered",
                 b.irfft(b.window(b.rfft(x), std::vector<double>(61, 0.5)), 120, 1.0 / 120.0));
      },
      120);
}

TEST(Plan, ComplexRowsThereAndBackWithAFilterBetween) {
  expect_like_reference(
      [](GraphBuilder& b) {
        const Node x = b.input("x", true, 90);
        const Node spectrum = b.fft(x);
        const Node filtered = b.ifft(b.window(spectrum, hann(90)), 1.0 / 90.0);
        b.output("complex filtered", filtered);
        b.output("complex product", b.multiply(filtered, x));
        b.output("complex sum", b.add(filtered, x));
        b.output("complex joint", b.concat(b.slice(filtered, 80, 90), b.slice(x, 0, 30)));
        b.output("power", b.power(spectrum));
      },
      90, true);
}

TEST(Plan, FftAndItsInverseGiveTheRowsBack) {
  GraphBuilder b;
  b.output("x again", b.irfft(b.rfft(b.input("x", false, 400)), 400, 1.0 / 400.0));
  const Plan plan(b.finish());
  const auto x = signal<float>(7, 400);
  std::vector<float> y(x.size());
  plan.run({View<const float>(x.data(), 7, 400)}, {View<float>(y.data(), 7, 400)});
  EXPECT_LE(worst_row(y, x, 7), 8e-7);
}

TEST(Plan, InputsAndOutputsKeepTheirOrder) {
  for (const std::string device : {"cpu", "reference"}) {
    GraphBuilder b(DType::f64);
    const Node first = b.input("first", false, 8);
    b.input("unused", false, 8);
    const Node third = b.input("third", false, 8);
    b.output("third", b.affine(third, 1.0, 0.5));
    b.output("first", b.affine(first, 10.0, 0.0));
    const Plan plan(b.finish(), {.device = device});
    EXPECT_EQ(plan.output_names(), (std::vector<std::string>{"third", "first"}));
    const std::vector<double> one(8, 1.0), two(8, 2.0), three(8, 3.0);
    std::vector<double> from_third(8), from_first(8);
    plan.run({View<const double>(one), View<const double>(two), View<const double>(three)},
             {View<double>(from_third.data(), 1, 8), View<double>(from_first.data(), 1, 8)});
    EXPECT_EQ(from_third, std::vector<double>(8, 3.5)) << device;
    EXPECT_EQ(from_first, std::vector<double>(8, 10.0)) << device;
  }
}

TEST(Plan, OutputsMayBeStridedAndInputsOfAnyType) {
  GraphBuilder b;
  b.output("power", b.power(b.rfft(b.frame(b.input("x"), 64, 32))));
  const Plan plan(b.finish());
  const auto x = signal<std::int16_t>(3, 500);
  const auto frames = plan.shape(0, 3, 500)[1];
  std::vector<float> dense(static_cast<std::size_t>(3 * frames * 33)), turned(dense.size());
  AnyView input = View<const std::int16_t>(x.data(), 3, 500);
  input.scale = 1.0 / 32768.0;
  plan.run({input}, {AnyView(dense.data(), {3, frames, 33})});
  AnyView transposed(turned.data(), {3, frames, 33});
  transposed.byte_strides = {4 * frames * 33, 4, 4 * frames};
  plan.run({input}, {transposed});
  for (std::int64_t row = 0; row < 3; ++row) {
    for (std::int64_t f = 0; f < frames; ++f) {
      for (std::int64_t k = 0; k < 33; ++k) {
        ASSERT_EQ(dense[static_cast<std::size_t>((row * frames + f) * 33 + k)],
                  turned[static_cast<std::size_t>((row * 33 + k) * frames + f)]);
      }
    }
  }
}

/// What the compiler makes of a graph, as PAPILIO_TRACE=passes prints it.
std::string after_passes(const Graph& graph) {
  ::setenv("PAPILIO_TRACE", "passes", 1);
  ::testing::internal::CaptureStderr();
  const Plan plan(graph);
  const std::string trace = ::testing::internal::GetCapturedStderr();
  ::unsetenv("PAPILIO_TRACE");
  return trace.substr(trace.find("[passes] dead_code"));
}

TEST(Plan, WhatIsNotAskedForIsNotComputed) {
  GraphBuilder b;
  const Node frames = b.frame(b.input("x"), 64, 64);
  const Node power = b.power(b.rfft(frames));
  b.median_frames(b.magnitude(b.fft(b.frame(b.input("z", true), 64, 64))));
  b.output("loudest", b.max_frames(power));
  const Graph graph = b.finish();
  for (const char* op : {"median_frames", "magnitude", " fft("}) {
    EXPECT_NE(graph.text().find(op), std::string::npos) << op;
    EXPECT_EQ(after_passes(graph).find(op), std::string::npos) << op;
  }
  EXPECT_NE(after_passes(graph).find("max_frames"), std::string::npos);
}

TEST(Plan, GraphsAreValues) {
  GraphBuilder b;
  b.output("y", b.affine(b.input("x", false, 4), 2.0, 0.0));
  Graph graph = b.finish();
  const std::string text = graph.text();
  EXPECT_NE(text.find("affine"), std::string::npos);
  const Graph copy = graph;
  const Plan plan(graph);
  graph = Graph();
  EXPECT_EQ(copy.text(), text);
  EXPECT_TRUE(graph.text().empty());
  // The builder starts anew and the plan needs neither of them.
  b.output("z", b.affine(b.input("x", false, 4), 3.0, 0.0));
  EXPECT_EQ(Plan(b.finish()).output_names(), std::vector<std::string>{"z"});
  std::vector<float> x(4, 1.0F), y(4);
  plan.run({View<const float>(x)}, {View<float>(y.data(), 1, 4)});
  EXPECT_EQ(y, std::vector<float>(4, 2.0F));
}

}  // namespace
}  // namespace papilio::testing
