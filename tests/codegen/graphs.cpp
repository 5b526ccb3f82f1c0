// Transforms of every radix, the features with every option that changes a kernel, the ops that
// only own graphs have.
#include "graphs.h"

#include <stdexcept>

#include "base/target.h"
#include "codegen/batch.h"
#include "codegen/fft_shape.h"
#include "ir/gradient.h"
#include "ir/losses.h"
#include "passes/pipeline.h"
#include "spectral/learned.h"
#include "spectral/mel.h"
#include "spectral/peaks.h"
#include "spectral/transform.h"
#include "spectral/welch.h"
#include "transform/graph.h"
#include "transform/inits.h"

namespace papilio::test {
namespace {

codegen::Signature signature_of(const ir::Graph& graph) {
  codegen::Signature signature;
  for (const ir::Node& node : graph.nodes()) {
    if (node.op != ir::OpKind::Input) continue;
    signature.inputs.push_back({node.type.dtype, true, false});
  }
  signature.dense_outputs.assign(graph.outputs().size(), true);
  return signature;
}

NamedGraph named(std::string name, const ir::Graph& graph) {
  return {std::move(name), graph, signature_of(graph)};
}

NamedGraph transform(const std::string& kind, std::int64_t n, DType compute) {
  FftOptions options;
  options.n = n;
  options.real = kind == "rfft" || kind == "irfft";
  options.inverse = kind == "ifft" || kind == "irfft";
  const std::int64_t length = kind == "irfft" ? n / 2 + 1 : n;
  const std::string suffix = compute == DType::f64 ? "_f64" : "";
  NamedGraph graph =
      named(kind + "_" + std::to_string(n) + suffix, spectral::build_fft(options, length, compute));
  graph.signature.watch = false;
  return graph;
}

void add_transforms(std::vector<NamedGraph>& all) {
  // Every radix, alone.
  for (const std::int64_t n : {1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 15, 16, 20, 25}) {
    all.push_back(transform("fft", n, DType::f32));
  }
  for (const std::int64_t n : {480, 4096, 16384}) all.push_back(transform("fft", n, DType::f32));
  for (const std::int64_t n : {15, 64, 97, 256, 1000}) {
    all.push_back(transform("rfft", n, DType::f32));
    all.back().signature.inputs[0].aligned = n % 4 == 0;
  }
  for (const std::int64_t n : {100000, 1 << 24}) all.push_back(transform("rfft", n, DType::f32));
  all.push_back(transform("fft", 20011, DType::f32));  // a prime
  all.push_back(transform("fft", 100000, DType::f32));
  all.push_back(transform("irfft", 40000, DType::f64));
  all.push_back(transform("ifft", 400, DType::f32));
  for (const std::int64_t n : {15, 256}) all.push_back(transform("irfft", n, DType::f32));
  for (const char* kind : {"fft", "rfft", "irfft"}) {
    all.push_back(transform(kind, 400, DType::f64));
  }
}

NamedGraph welch(const std::string& name, const WelchOptions& options, bool complex = false,
                 DType compute = DType::f32) {
  return named(name, spectral::build_welch(spectral::fit_welch(options, 10 * options.nperseg),
                                           complex, compute));
}

void add_welch(std::vector<NamedGraph>& all) {
  WelchOptions options;
  all.push_back(welch("psd", options));
  all.push_back(all.back());
  all.back().name = "psd_long";
  all.back().signature.long_rows = true;
  all.push_back(all.back());
  all.back().name = "psd_skip";
  all.back().signature.skip = true;
  all.push_back(welch("psd_complex", options, true));
  all.push_back(welch("psd_f64", options, false, DType::f64));
  options.average = Average::max;
  all.push_back(welch("psd_max", options));
  options.average = Average::median;
  all.push_back(welch("psd_median", options));
  options.nperseg = 65536;
  options.average = Average::mean;
  all.push_back(welch("psd_65536", options));
  options.detrend = Detrend::none;
  all.push_back(welch("psd_65536_plain", options));
  options = {.fs = 1000.0,
             .nperseg = 200,
             .n_fft = 256,
             .detrend = Detrend::linear,
             .fmin = 10.0,
             .fmax = 100.0};
  all.push_back(welch("psd_linear_i16", options));
  all.back().signature.inputs[0] = {DType::i16, false, true};
}

void add_peaks(std::vector<NamedGraph>& all) {
  PeaksOptions options;
  options.welch.detrend = Detrend::none;
  const auto add = [&](const std::string& name, bool complex, DType compute) {
    all.push_back(named(name, spectral::build_peaks(spectral::fit_peaks(options, 2560, complex),
                                                    complex, compute, false)));
  };
  options.mode = TopMode::bins;
  add("bins", false, DType::f32);
  all.back().signature.inputs[0].aligned = true;
  add("bins_f64", false, DType::f64);
  options.mode = TopMode::peaks;
  add("peaks", false, DType::f32);
  options.min_distance = 0.05;
  options.prominence = 1e-3;
  add("peaks_distance", true, DType::f32);
}

void add_mel(std::vector<NamedGraph>& all) {
  for (const std::string profile_name : {"whisper", "librosa", "torchaudio", "kaldi"}) {
    const auto options = std::get<MelOptions>(profile("mel", profile_name, 16000).options);
    all.push_back(named(
        profile_name,
        spectral::build_log_mel(spectral::fit_mel(options, 16000, profile_name), DType::f32)));
  }
}

/// Constants that are numbered behind the transform whose results they are multiplied with.
ir::Graph segment_powers() {
  WelchOptions options;
  options.nperseg = 256;
  return spectral::build_segment_powers(spectral::fit_welch(options, 4096), false, DType::f32);
}

/// A complex input that is given real rows.
NamedGraph real_rows_backwards() {
  NamedGraph graph = transform("irfft", 60, DType::f32);
  graph.name = "irfft_real_rows";
  graph.signature.inputs[0].dtype = DType::f32;
  return graph;
}

/// Ops that no feature has.
void add_own(std::vector<NamedGraph>& all) {
  using ir::OpKind;
  ir::GraphBuilder b(DType::f32);
  const ir::NodeId x = b.add(OpKind::Frame, {b.input("x")}, ir::FrameAttrs{{48, 24}, {}});
  const ir::NodeId z = b.add(OpKind::Fft, {b.add(OpKind::Complex, {x})}, ir::FftAttrs{48, 0.5});
  const ir::NodeId half = b.add(OpKind::Slice, {z}, ir::SliceAttrs{3, 24});
  const ir::NodeId joined = b.add(OpKind::Concat, {half, b.add(OpKind::Conj, {half})});
  const ir::NodeId product = b.add(OpKind::Mul, {joined, joined});
  const ir::NodeId sum = b.add(OpKind::Add, {product, b.constant(std::vector<double>(42, 2.0))});
  b.output("real", b.add(OpKind::Real, {sum}));
  const ir::NodeId size = b.add(OpKind::Magnitude, {joined});
  const ir::NodeId log = b.add(OpKind::Log, {size}, ir::LogAttrs{ir::LogBase::e, 1e-6});
  b.output("range",
           b.add(OpKind::ClampRange, {log}, ir::ClampRangeAttrs{3.0, ir::RangeMax::frame, 0.0}));
  b.output("fixed",
           b.add(OpKind::ClampRange, {log}, ir::ClampRangeAttrs{3.0, ir::RangeMax::fixed, 1.0}));
  all.push_back(named("own", b.finish()));
  all.push_back(named("segment_powers", segment_powers()));
  all.push_back(real_rows_backwards());
}

NamedGraph learned(const std::string& name, const transform::NetworkSpec& spec,
                   double scale = 1.0) {
  transform::Network trained = transform::random_butterfly(spec, 5);
  trained.scale = scale;
  const spectral::LearnedTransform network{trained};
  NamedGraph graph = named(name, spectral::build_learned(network, network.n(), DType::f32));
  graph.signature.watch = false;
  return graph;
}

/// Loss and gradients of a network with gates.
NamedGraph training(const std::string& name, const transform::NetworkSpec& spec, DType compute,
                    codegen::Descent descent) {
  transform::Network network = transform::random_butterfly(spec, 5);
  for (transform::Stage& stage : network.stages) {
    stage.gates.assign(static_cast<std::size_t>(network.spec.layout.n / 2), 0.75);
  }
  ir::GraphBuilder b(compute);
  const ir::NodeId x = b.input("x", true, spec.n());
  const auto params = transform::make_params(b, transform::get_parameters(network));
  const ir::NodeId y = transform::add_network(b, network, params, x);
  const ir::NodeId loss = ir::mean_squared_error(b, y, b.input("t", true, spec.n()));
  b.output("loss", loss);
  for (const ir::NodeId gradient : ir::gradients(b, loss, params)) {
    b.output("g" + std::to_string(gradient), gradient);
  }
  NamedGraph graph = named(name, b.finish());
  graph.signature.watch = false;
  using Kind = codegen::Descent::Kind;
  for (const transform::Parameter& tensor : transform::get_parameters(network)) {
    const bool gate = tensor.name.ends_with(".gate");
    const bool phase = tensor.name.ends_with(".twiddle");
    descent.parts.push_back({gate ? Kind::gates : phase ? Kind::phases : Kind::plain, 1.0});
  }
  graph.descent = std::move(descent);
  return graph;
}

void add_networks(std::vector<NamedGraph>& all) {
  transform::NetworkSpec spec;
  spec.layout = transform::default_layout(256);
  all.push_back(learned("learned_256", spec));
  all.push_back(learned("learned_scaled", spec, 0.5));
  spec.layout = transform::parse_layout("7,5,16");
  spec.form = transform::Form::block;
  spec.order = transform::Order::dif;
  all.push_back(learned("learned_blocks", spec));
  spec = {};
  spec.layout = transform::default_layout(8);
  all.push_back(training("training", spec, DType::f32, {codegen::Descent::Rule::adam, {}}));
  all.push_back(training("training_sgd", spec, DType::f32, {codegen::Descent::Rule::sgd, {}}));
  spec.layout = transform::default_layout(64);
  spec.form = transform::Form::block;
  all.push_back(
      training("training_blocks_f64", spec, DType::f64, {codegen::Descent::Rule::diagonal, {}}));
}

}  // namespace

codegen::DeviceProgram NamedGraph::lower(std::int64_t shared_per_block) const {
  base::Target target = base::describe_machine();
  target.block_fft = codegen::longest_fft(graph.compute() == DType::f32 ? 4 : 8, shared_per_block);
  const ir::Graph optimised = passes::run_passes(graph, target);
  codegen::Signature here = signature;
  here.shared_per_block = shared_per_block;
  if (descent) return codegen::lower_batch(optimised, here, &*descent);
  return codegen::lower_cuda(optimised, here);
}

std::vector<NamedGraph> device_graphs() {
  std::vector<NamedGraph> all;
  add_transforms(all);
  add_welch(all);
  add_peaks(all);
  add_mel(all);
  add_own(all);
  add_networks(all);
  return all;
}

std::vector<NamedGraph> graphs_of_length(std::int64_t n, DType compute) {
  std::vector<NamedGraph> all;
  for (const char* kind : {"fft", "rfft", "irfft"}) all.push_back(transform(kind, n, compute));
  PeaksOptions peaks;
  peaks.welch.nperseg = n;
  peaks.min_distance = 0.05;
  for (const bool complex : {false, true}) {
    all.push_back(welch("psd_" + std::to_string(n), peaks.welch, complex, compute));
    all.push_back(named("peaks_" + std::to_string(n),
                        spectral::build_peaks(spectral::fit_peaks(peaks, 10 * n, complex), complex,
                                              compute, false)));
  }
  MelOptions mel;
  mel.n_fft = mel.win_length = n;
  all.push_back(named("mel_" + std::to_string(n),
                      spectral::build_log_mel(spectral::fit_mel(mel, 10 * n), compute)));
  return all;
}

NamedGraph device_graph(const std::string& name) {
  for (NamedGraph& graph : device_graphs()) {
    if (graph.name == name) return graph;
  }
  throw std::invalid_argument("no graph is called " + name);
}

}  // namespace papilio::test
