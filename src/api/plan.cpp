// The public graph builder and plans: thin over ir and runtime.
#include "papilio/plan.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "api/check.h"
#include "api/memory.h"
#include "api/scratch.h"
#include "base/threads.h"
#include "ir/graph.h"
#include "ir/print.h"
#include "papilio/error.h"
#include "runtime/compile.h"

namespace papilio {
namespace {

/// Longest axis that a graph may name: far above any real use, far below overflow.
constexpr std::int64_t kMaxLength = std::int64_t{1} << 31;

void check_length(std::int64_t value, const char* what) {
  if (value >= 0 && value <= kMaxLength) return;
  throw UserError(std::string("[graph] ") + what + " is " + std::to_string(value) + "; give 0 to " +
                  std::to_string(kMaxLength));
}

void check_number(double value, const char* what) {
  if (!std::isfinite(value)) throw UserError(std::string("[graph] ") + what + " is not finite");
}

void check_floor(double floor) {
  if (std::isfinite(floor) && floor >= 0.0) return;
  throw UserError("[graph] the floor of a logarithm must be a number of 0 or more");
}

}  // namespace

struct Graph::Impl {
  ir::Graph graph;
};

std::string Graph::text() const { return impl_ ? ir::to_text(impl_->graph) : std::string(); }

struct GraphBuilder::Impl {
  explicit Impl(DType compute) : builder(compute) {}

  /// Operands that do not fit are the caller's doing here, not Papilio's.
  Node add(ir::OpKind op, std::vector<Node> inputs, ir::Attrs attrs = ir::NoAttrs{}) {
    std::vector<ir::NodeId> ids;
    for (const Node& input : inputs) ids.push_back(input.id);
    try {
      const Node node{builder.add(op, std::move(ids), std::move(attrs))};
      nodes = std::max(nodes, node.id + 1);
      return node;
    } catch (const InternalError& error) {
      throw UserError(error.what());
    }
  }
  std::int64_t length(Node x) {
    if (x.id < 0 || x.id >= nodes) throw UserError("[graph] the node is not of this builder");
    return builder.node(x.id).type.last().size;
  }

  Node transform(ir::OpKind op, Node x, std::int64_t n, double scale) {
    check_length(n, "the length of a transform");
    check_number(scale, "the scale of a transform");
    api::check_transform(n, builder.compute(), {}, "[graph]", "one");
    return add(op, {x}, ir::FftAttrs{n, scale});
  }

  ir::GraphBuilder builder;
  std::int32_t nodes = 0;
  std::set<std::string> input_names;
  std::vector<std::string> outputs;
};

GraphBuilder::GraphBuilder(DType compute) {
  if (compute != DType::f32 && compute != DType::f64) {
    throw UserError("[graph] a graph computes in f32 or f64");
  }
  impl_ = std::make_unique<Impl>(compute);
}
GraphBuilder::~GraphBuilder() = default;
GraphBuilder::GraphBuilder(GraphBuilder&&) noexcept = default;

Node GraphBuilder::input(const std::string& name, bool complex, std::int64_t samples) {
  check_length(samples, "the length of an input's rows");
  if (!impl_->input_names.insert(name).second) {
    throw UserError("[graph] two inputs are called " + name + "; give each a name of its own");
  }
  return impl_->add(ir::OpKind::Input, {}, ir::InputAttrs{name, complex, samples});
}

Node GraphBuilder::frame(Node rows, std::int64_t length, std::int64_t hop) {
  check_length(length, "the length of a frame");
  check_length(hop, "the hop of frames");
  ir::FrameAttrs attrs;
  attrs.rule.length = length;
  attrs.rule.hop = hop;
  return impl_->add(ir::OpKind::Frame, {rows}, attrs);
}

Node GraphBuilder::detrend(Node x, Detrend kind) {
  if (kind == Detrend::none) return x;
  const bool linear = kind == Detrend::linear;
  return impl_->add(ir::OpKind::Detrend, {x},
                    ir::DetrendAttrs{linear ? ir::Trend::linear : ir::Trend::constant});
}

Node GraphBuilder::window(Node x, std::span<const double> values) {
  for (const double value : values) check_number(value, "a value of the window");
  auto table = std::make_shared<const std::vector<double>>(values.begin(), values.end());
  const Node constant = impl_->add(ir::OpKind::Const, {}, ir::ConstAttrs{std::move(table), false});
  return impl_->add(ir::OpKind::Mul, {x, constant});
}

Node GraphBuilder::multiply(Node x, Node y) { return impl_->add(ir::OpKind::Mul, {x, y}); }
Node GraphBuilder::add(Node x, Node y) { return impl_->add(ir::OpKind::Add, {x, y}); }

Node GraphBuilder::affine(Node x, double mul, double add) {
  check_number(mul, "the factor of affine");
  check_number(add, "the constant of affine");
  return impl_->add(ir::OpKind::Affine, {x}, ir::AffineAttrs{mul, add});
}

Node GraphBuilder::pad(Node x, std::int64_t size) {
  check_length(size, "the size of a pad");
  return impl_->add(ir::OpKind::Pad, {x}, ir::PadAttrs{0, size});
}

Node GraphBuilder::slice(Node x, std::int64_t begin, std::int64_t end) {
  return impl_->add(ir::OpKind::Slice, {x}, ir::SliceAttrs{begin, end});
}

Node GraphBuilder::concat(Node x, Node y) { return impl_->add(ir::OpKind::Concat, {x, y}); }

Node GraphBuilder::rfft(Node x, double scale) {
  return impl_->transform(ir::OpKind::Rfft, x, impl_->length(x), scale);
}

Node GraphBuilder::irfft(Node x, std::int64_t n, double scale) {
  return impl_->transform(ir::OpKind::Irfft, x, n, scale);
}

Node GraphBuilder::fft(Node x, double scale) {
  return impl_->transform(ir::OpKind::Fft, x, impl_->length(x), scale);
}

Node GraphBuilder::ifft(Node x, double scale) {
  return impl_->transform(ir::OpKind::Ifft, x, impl_->length(x), scale);
}

Node GraphBuilder::power(Node x) { return impl_->add(ir::OpKind::Power, {x}); }
Node GraphBuilder::magnitude(Node x) { return impl_->add(ir::OpKind::Magnitude, {x}); }
Node GraphBuilder::mean_frames(Node x) { return impl_->add(ir::OpKind::MeanFrames, {x}); }
Node GraphBuilder::max_frames(Node x) { return impl_->add(ir::OpKind::MaxFrames, {x}); }
Node GraphBuilder::median_frames(Node x) { return impl_->add(ir::OpKind::MedianFrames, {x}); }

Node GraphBuilder::ln(Node x, double floor) {
  check_floor(floor);
  return impl_->add(ir::OpKind::Log, {x}, ir::LogAttrs{ir::LogBase::e, floor});
}

Node GraphBuilder::log10(Node x, double floor) {
  check_floor(floor);
  return impl_->add(ir::OpKind::Log, {x}, ir::LogAttrs{ir::LogBase::ten, floor});
}

void GraphBuilder::output(const std::string& name, Node x) {
  (void)impl_->length(x);
  auto& names = impl_->outputs;
  if (name.empty()) throw UserError("[graph] an output needs a name");
  if (std::find(names.begin(), names.end(), name) != names.end()) {
    throw UserError("[graph] two outputs are called " + name + "; give each its own name");
  }
  names.push_back(name);
  impl_->builder.output(name, x.id);
}

Graph GraphBuilder::finish() {
  if (impl_->outputs.empty()) throw UserError("[graph] name at least one output before finish()");
  Graph graph;
  graph.impl_ = std::make_shared<const Graph::Impl>(Graph::Impl{impl_->builder.finish()});
  impl_ = std::make_unique<Impl>(graph.impl_->graph.compute());
  return graph;
}

Scratch::Scratch() : impl_(std::make_unique<Impl>()) {}
Scratch::~Scratch() = default;
Scratch::Scratch(Scratch&&) noexcept = default;

namespace {

constexpr std::size_t kMaxPorts = 8;

base::TensorView tensor_of(const AnyView& view) {
  base::TensorView tensor;
  tensor.data = view.data;
  tensor.dtype = view.dtype;
  tensor.scale = view.scale;
  tensor.device = view.memory == Memory::cuda ? base::DeviceKind::cuda : base::DeviceKind::cpu;
  if (view.shape.size() > base::kMaxRank || view.shape.size() != view.byte_strides.size()) {
    throw UserError("[plan] a view has 1 to 4 axes and a stride for each");
  }
  tensor.rank = static_cast<int>(view.shape.size());
  for (std::size_t axis = 0; axis < view.shape.size(); ++axis) {
    tensor.shape[axis] = view.shape[axis];
    tensor.byte_strides[axis] = view.byte_strides[axis];
  }
  api::check_view(tensor, "[plan]");
  return tensor;
}

}  // namespace

struct Plan::Impl {
  std::shared_ptr<const runtime::Program> program;
  base::ThreadPool pool;
};

Plan::Plan(const Graph& graph, const Execution& execution) {
  if (!graph.impl_) throw UserError("[plan] the graph is empty");
  api::check_execution(execution, "[plan]");
  impl_ = std::make_shared<const Impl>(
      Impl{runtime::compile(graph.impl_->graph, {execution.device, {}}),
           base::ThreadPool(execution.threads)});
}

std::vector<std::int64_t> Plan::shape(std::size_t index, std::int64_t rows,
                                      std::int64_t samples) const {
  const auto outputs = impl_->program->outputs();
  if (index >= outputs.size()) {
    throw UserError("[plan] there is no output " + std::to_string(index) + ", the plan has " +
                    std::to_string(outputs.size()));
  }
  if (rows < 0 || samples < 0) throw UserError("[plan] rows and samples are 0 or more");
  return outputs[index].type.resolve(rows, samples);
}

std::vector<std::string> Plan::output_names() const {
  std::vector<std::string> names;
  for (const auto& output : impl_->program->outputs()) names.push_back(output.name);
  return names;
}

std::string Plan::strategy() const { return impl_->program->strategy(); }

void Plan::run(std::span<const AnyView> inputs, std::span<const AnyView> outputs) const {
  Scratch scratch;
  run(inputs, outputs, scratch);
}

namespace {

/// Views as the runtime has them.
class Ports {
 public:
  Ports(std::span<const AnyView> inputs, std::span<const AnyView> outputs)
      : inputs_(inputs.size()), outputs_(outputs.size()) {
    if (inputs.size() > kMaxPorts || outputs.size() > kMaxPorts) {
      throw UserError("[plan] at most 8 inputs and 8 outputs");
    }
    for (std::size_t i = 0; i < inputs.size(); ++i) in_[i] = tensor_of(inputs[i]);
    for (std::size_t i = 0; i < outputs.size(); ++i) out_[i] = tensor_of(outputs[i]);
  }
  std::span<const base::TensorView> inputs() const { return {in_.data(), inputs_}; }
  std::span<const base::TensorView> outputs() const { return {out_.data(), outputs_}; }

 private:
  std::size_t inputs_;
  std::size_t outputs_;
  std::array<base::TensorView, kMaxPorts> in_;
  std::array<base::TensorView, kMaxPorts> out_;
};

}  // namespace

void Plan::run(std::span<const AnyView> inputs, std::span<const AnyView> outputs,
               Scratch& scratch) const {
  const Ports ports(inputs, outputs);
  runtime::RunOptions options;
  options.pool = &impl_->pool;
  impl_->program->run(ports.inputs(), ports.outputs(), options, {}, scratch.impl_->work);
}

void Plan::run(std::span<const AnyView> inputs, std::span<const AnyView> outputs,
               const GpuRun& gpu) const {
  const Ports ports(inputs, outputs);
  runtime::RunOptions options;
  options.stream = gpu.stream;
  options.work = gpu.work;
  options.work_bytes = gpu.work_bytes;
  runtime::Workspace none;
  impl_->program->run(ports.inputs(), ports.outputs(), options, {}, none);
}

std::size_t Plan::work_bytes(std::span<const AnyView> inputs,
                             std::span<const AnyView> outputs) const {
  const Ports ports(inputs, outputs);
  return impl_->program->gpu_work(ports.inputs(), ports.outputs(), {});
}

}  // namespace papilio
