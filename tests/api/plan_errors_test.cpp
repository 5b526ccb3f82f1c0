// Operands that do not fit, graphs without outputs, devices that are not there, memory of the wrong
// shape: each is refused and harms nothing.
#include "api/support.h"

namespace papilio::testing {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

TEST(PlanErrors, OperandsThatDoNotFit) {
  GraphBuilder b;
  const Node rows = b.input("x");
  const Node frames = b.frame(rows, 64, 32);
  const Node spectra = b.rfft(frames);
  const std::vector<double> window(63, 1.0);
  const auto refuse = [](const std::function<void()>& body, const std::string& part) {
    expect_refusal(body, {part});
  };
  refuse([&] { b.rfft(rows); }, "rfft");  // no fixed length
  refuse([&] { b.rfft(spectra); }, "needs real input");
  refuse([&] { b.fft(frames); }, "needs complex input");
  refuse([&] { b.power(frames); }, "needs complex input");
  refuse([&] { b.irfft(spectra, 60); }, "n / 2 + 1");
  refuse([&] { b.window(frames, window); }, "shapes differ");
  refuse([&] { b.concat(frames, b.rfft(frames)); }, "cannot join");
  refuse([&] { b.add(frames, spectra); }, "complex");
  refuse([&] { b.frame(frames, 16, 8); }, "[rows, samples]");
  refuse([&] { b.frame(rows, 0, 8); }, "above 0");
  refuse([&] { b.frame(rows, 16, -8); }, "hop");
  refuse([&] { b.pad(frames, 63); }, "does not hold its input");
  refuse([&] { b.slice(frames, 10, 10); }, "empty or out of range");
  refuse([&] { b.slice(frames, 10, 65); }, "out of range");
  refuse([&] { b.mean_frames(spectra); }, "needs real input");
  refuse([&] { b.mean_frames(b.mean_frames(frames)); }, "[rows, frames, ..]");
  refuse([&] { b.ln(spectra, 0.0); }, "needs real input");
  refuse([&] { b.input(""); }, "needs a name");
  refuse([&] { b.input("x"); }, "two inputs are called x");
  refuse([&] { b.window(frames, {}); }, "needs values");
  // The builder is unharmed.
  b.output("power", b.power(spectra));
  EXPECT_NO_THROW(Plan(b.finish()));
}

TEST(PlanErrors, NumbersThatMakeNoSense) {
  GraphBuilder b;
  const Node rows = b.input("x");
  const Node frames = b.frame(rows, 4, 4);
  const std::int64_t absurd = std::int64_t{1} << 60;
  expect_refusal([&] { b.affine(frames, kNaN, 0.0); }, {"[graph]", "affine", "not finite"});
  expect_refusal([&] { b.affine(frames, 1.0, kNaN); }, {"[graph]", "affine", "not finite"});
  expect_refusal([&] { b.rfft(frames, kNaN); }, {"[graph]", "scale", "not finite"});
  expect_refusal(
      [&] {
        b.window(frames, std::vector<double>{1, 2, kNaN, 4});
      },
      {"[graph]", "window", "not finite"});
  expect_refusal([&] { b.ln(frames, -1.0); }, {"[graph]", "floor"});
  expect_refusal([&] { b.log10(frames, kNaN); }, {"[graph]", "floor"});
  expect_refusal([&] { b.frame(rows, absurd, 1); }, {"[graph]", "frame"});
  expect_refusal([&] { b.pad(frames, absurd); }, {"[graph]", "pad"});
  expect_refusal([&] { b.input("y", false, -1); }, {"[graph]", "-1"});
  expect_refusal([] { GraphBuilder integers{DType::i16}; }, {"[graph]", "f32 or f64"});
}

TEST(PlanErrors, NodesOfNobody) {
  GraphBuilder b;
  const Node x = b.input("x", false, 8);
  for (const Node stranger : {Node{}, Node{7}, Node{-5}}) {
    EXPECT_THROW(b.affine(stranger, 1.0, 0.0), UserError);
    EXPECT_THROW(b.rfft(stranger), UserError);
    EXPECT_THROW(b.add(x, stranger), UserError);
    EXPECT_THROW(b.output("y", stranger), UserError);
  }
}

TEST(PlanErrors, GraphsWithoutOutputsAndOutputsWithoutNames) {
  GraphBuilder b;
  const Node x = b.affine(b.input("x", false, 8), 2.0, 0.0);
  expect_refusal([&] { b.finish(); }, {"[graph]", "at least one output"});
  expect_refusal([&] { b.output("", x); }, {"[graph]", "needs a name"});
  b.output("y", x);
  expect_refusal([&] { b.output("y", x); }, {"[graph]", "two outputs are called y"});
  EXPECT_NO_THROW(Plan(b.finish()));
  expect_refusal([&] { b.finish(); }, {"[graph]", "at least one output"});
  expect_refusal([] { Plan plan{Graph()}; }, {"[plan]", "empty"});
}

Graph simple_graph() {
  GraphBuilder b;
  b.output("power", b.power(b.rfft(b.frame(b.input("x"), 64, 32))));
  return b.finish();
}

TEST(PlanErrors, Devices) {
  const Graph graph = simple_graph();
  expect_refusal<DeviceError>([&] { Plan(graph, {.device = "cuda"}); }, {"[device]", "CUDA"});
  expect_refusal([&] { Plan(graph, {.device = "refrence"}); }, {"did you mean reference?"});
  expect_refusal([&] { Plan(graph, {.threads = -2}); }, {"[plan]", "threads is -2"});
  const Plan compiled(graph, {.device = "null"});
  EXPECT_EQ(compiled.strategy(), "null");
  EXPECT_EQ(compiled.shape(0, 2, 128), (std::vector<std::int64_t>{2, 3, 33}));
  std::vector<float> x(128), y(2 * 3 * 33);
  expect_refusal<DeviceError>(
      [&] {
        compiled.run({View<const float>(x)}, {AnyView(y.data(), {1, 3, 33})});
      },
      {"[null]"});
}

TEST(PlanErrors, MemoryOfTheWrongShape) {
  std::vector<float> x(256, 1.0F), y(1000);
  for (const std::string device : {"cpu", "reference"}) {
    SCOPED_TRACE(device);
    const Plan plan(simple_graph(), {.device = device});
    const AnyView in(x.data(), {2, 128});
    const auto refuse = [&](std::vector<AnyView> inputs, std::vector<AnyView> outputs,
                            std::initializer_list<std::string> parts) {
      expect_refusal([&] { plan.run(inputs, outputs); }, parts);
    };
    const AnyView out(y.data(), {2, 3, 33});
    refuse({}, {out}, {"1 inputs and 1 outputs"});
    refuse({in, in}, {out}, {"1 inputs and 1 outputs"});
    refuse({in}, {}, {"1 inputs and 1 outputs"});
    refuse(std::vector<AnyView>(9, in), {out}, {"at most 8"});
    refuse({in}, {AnyView(y.data(), {2, 4, 33})}, {"power", "wrong shape", "[2, 3, 33]"});
    refuse({in}, {AnyView(y.data(), {2, 99})}, {"wrong shape"});
    refuse({in}, {AnyView(reinterpret_cast<double*>(y.data()), {2, 3, 33})},
           {"float64", "float32"});
    refuse({AnyView(x.data(), {256})}, {out}, {"[rows, samples]"});
    refuse({AnyView(x.data(), {4, 60})}, {out}, {"60 samples", "no frame of 64"});
    refuse({AnyView(static_cast<float*>(nullptr), {2, 128})}, {out}, {"[plan]", "no data"});
    refuse({in}, {AnyView(static_cast<float*>(nullptr), {2, 3, 33})}, {"[plan]", "no data"});
    refuse({AnyView(reinterpret_cast<std::complex<float>*>(x.data()), {1, 128})}, {out},
           {"complex", "real"});
    AnyView lame(x.data(), {2, 128});
    lame.byte_strides.pop_back();
    refuse({lame}, {out}, {"[plan]", "stride"});
    EXPECT_NO_THROW(plan.run({in}, {out}));
    expect_refusal([&] { plan.shape(1, 2, 128); }, {"[plan]", "no output 1"});
    expect_refusal([&] { plan.shape(0, -2, 128); }, {"[plan]", "0 or more"});
  }
}

TEST(PlanErrors, GraphsThatTheCpuCannotRun) {
  GraphBuilder b;
  const Node x = b.input("x");
  b.output("a", b.power(b.rfft(b.frame(x, 64, 32))));
  b.output("b", b.power(b.rfft(b.frame(x, 128, 32))));
  expect_refusal([&] { Plan plan(b.finish()); }, {"[cpu]", "one framing"});

  b.output("copy", b.input("x"));
  expect_refusal([&] { Plan plan(b.finish()); }, {"[cpu]", "copy", "input"});

  b.output("of any length", b.affine(b.input("x"), 2.0, 0.0));
  expect_refusal([&] { Plan plan(b.finish()); }, {"[cpu]", "fixed length"});

  const Node frames = b.frame(b.input("x"), 16, 16);
  Node sum = b.mean_frames(frames);
  for (int i = 1; i < 20; ++i) {
    sum = b.add(sum, b.max_frames(b.ln(b.affine(frames, double(i), 1.0), 1e-9)));
  }
  b.output("sum", sum);
  expect_refusal([&] { Plan plan(b.finish()); }, {"[cpu]", "intermediate results", "16"});

  const Node whole = b.input("x", false, 8);
  for (int i = 0; i < 9; ++i) {
    b.output("y" + std::to_string(i), b.affine(whole, 2.0, double(i)));
  }
  expect_refusal([&] { Plan plan(b.finish()); }, {"8 outputs"});
}

}  // namespace
}  // namespace papilio::testing
