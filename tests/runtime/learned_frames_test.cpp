// Learned transforms of frames on every device: as the reference device computes them,
// with the bits of a whole run whatever the chunks.
#include <gtest/gtest.h>

#include "runtime/support.h"
#include "spectral/learned.h"
#include "spectral/mel.h"
#include "spectral/welch.h"
#include "transform/inits.h"

namespace papilio::runtime::testing {
namespace {

using spectral::LearnedTransform;

struct Case {
  std::string name;
  transform::Network network;
};

transform::Network network_of(const char* radices, transform::Form form, transform::Order order,
                              transform::Input input = transform::Input::complex) {
  transform::NetworkSpec spec;
  spec.layout = transform::parse_layout(radices);
  spec.form = form;
  spec.order = order;
  spec.input = input;
  return transform::random_butterfly(spec, 5);
}

std::vector<Case> cases() {
  using transform::Form;
  using transform::Input;
  using transform::Order;
  std::vector<Case> all{
      {"twos", network_of("2,2,2,2,2", Form::twiddle, Order::dit)},
      {"mixed", network_of("4,3,5", Form::twiddle, Order::dit)},
      {"blocks", network_of("2,7,3", Form::block, Order::dit)},
      {"dif", network_of("2,4,5", Form::twiddle, Order::dif)},
      {"difBlocks", network_of("3,2,4", Form::block, Order::dif)},
      {"real", network_of("4,5", Form::twiddle, Order::dit, Input::real)},
  };
  all.push_back({"gated", network_of("2,2,4", Form::twiddle, Order::dit)});
  for (double& gate : all.back().network.stages[1].gates = std::vector<double>(8, 0.3)) gate += 0.1;
  all.push_back({"inverse", network_of("2,4,3", Form::twiddle, Order::dit)});
  all.back().network.spec.direction = transform::Direction::inverse;
  return all;
}

class LearnedFrames : public ::testing::TestWithParam<Case> {};

ir::Graph psd_graph(const LearnedTransform& learned, bool complex, DType compute,
                    Average average = Average::mean) {
  WelchOptions options;
  options.nperseg = learned.n();
  options.average = average;
  return spectral::build_welch(spectral::fit_welch(options, 2000), complex, compute, "psd",
                               &learned);
}

ir::Graph mel_graph(const LearnedTransform& learned, DType compute) {
  MelOptions options;
  options.n_mels = 4;
  options.n_fft = options.win_length = learned.n();
  options.hop_length = 7;
  options.log = MelLog::ln;
  return spectral::build_log_mel(spectral::fit_mel(options, 2000), compute, &learned);
}

void expect_like_reference(const ir::Graph& graph, const base::TensorView& input, double most,
                           const std::string& what) {
  const Outcome want = run(graph, input, {"reference", {}, 1, BadSamples::flag});
  for (const RunSpec& spec : runs_under_test()) {
    const Outcome got = run(graph, input, spec);
    EXPECT_LE(worst_row(got.outputs[0], want.outputs[0], input.shape[0]), most)
        << what << " on " << name_of(spec);
  }
}

TEST_P(LearnedFrames, AreThoseOfTheReferenceDevice) {
  const LearnedTransform learned{GetParam().network};
  std::vector<double> data = signal(19, 2000);
  const base::TensorView real = base::dense(data.data(), DType::f64, {19, 2000});
  for (const Average average : {Average::mean, Average::max, Average::median}) {
    expect_like_reference(psd_graph(learned, false, DType::f64, average), real, 1e-13, "psd");
  }
  expect_like_reference(psd_graph(learned, false, DType::f32), real, 1e-5, "psd f32");
  expect_like_reference(mel_graph(learned, DType::f64), real, 1e-12, "mel");
  if (learned.real_input()) return;
  std::vector<double> pairs = signal(3, 2000, 2, true);
  const base::TensorView complex = base::dense(pairs.data(), DType::c128, {3, 2000});
  expect_like_reference(psd_graph(learned, true, DType::f64), complex, 1e-13, "complex psd");
}

TEST_P(LearnedFrames, HaveTheBitsOfAWholeRunInChunks) {
  const LearnedTransform learned{GetParam().network};
  std::vector<double> values = signal(5, 2000);
  std::vector<float> data(values.begin(), values.end());
  const base::TensorView input = base::dense(data.data(), DType::f32, {5, 2000});
  for (const ir::Graph& graph :
       {psd_graph(learned, false, DType::f32), mel_graph(learned, DType::f32)}) {
    const RunSpec spec = runs_under_test().back();
    const Outcome want = run(graph, input, spec);
    for (const std::int64_t step : {1, 99, 1999}) {
      const auto program = compile(graph, {spec.device, spec.isa});
      const base::ThreadPool pool(2);
      const auto stream = program->stream(5, {&pool, BadSamples::flag});
      for (std::int64_t at = 0; at < 2000; at += step) {
        base::TensorView chunk = input;
        chunk.shape[1] = std::min(step, 2000 - at);
        chunk.data = static_cast<std::byte*>(input.data) + at * input.byte_strides[1];
        stream->push(chunk);
      }
      stream->finish();
      OutputMemory memory(*program, 5, 2000);
      stream->fetch(memory.views);
      EXPECT_TRUE(memory.bytes[0] == want.bytes[0]) << "chunks of " << step;
    }
  }
}

TEST_P(LearnedFrames, RowsOfNoFramesAreThoseOfTheReferenceDevice) {
  const LearnedTransform learned{GetParam().network};
  for (const std::int64_t length : {learned.n(), learned.n() - 3, learned.n() + 5}) {
    std::vector<double> data = signal(7, length);
    expect_like_reference(spectral::build_learned(learned, length, DType::f64),
                          base::dense(data.data(), DType::f64, {7, length}), 1e-13, "rows");
  }
}

INSTANTIATE_TEST_SUITE_P(Networks, LearnedFrames, ::testing::ValuesIn(cases()),
                         [](const auto& param) { return param.param.name; });

}  // namespace
}  // namespace papilio::runtime::testing
