// Signatures of runs, sessions that are used again, streams of chunks.
#include "runtime/cuda/cuda_program.h"

#include <algorithm>
#include <string>

#include "codegen/batch.h"
#include "codegen/group_folds.h"
#include "papilio/error.h"
#include "runtime/check.h"
#include "runtime/cpu/row_fft_program.h"
#include "runtime/cpu/sample_buffer.h"
#include "runtime/cuda/batch_program.h"
#include "runtime/cuda/device_views.h"
#include "runtime/cuda/group_stream.h"
#include "runtime/cuda/host_rows.h"
#include "runtime/cuda/host_run.h"
#include "runtime/cuda/work_memory.h"

namespace papilio::runtime::cuda {
namespace {

/// Whether rows begin at multiples of kRowAlign bytes; those in host memory are packed first.
bool aligned(const base::TensorView& view) {
  const bool here = view.device == base::DeviceKind::cuda;
  const auto bytes = static_cast<std::int64_t>(size_of(view.dtype));
  const std::int64_t row = here ? view.byte_strides[0] : view.shape[1] * bytes;
  const auto first = here ? reinterpret_cast<std::uintptr_t>(view.data) : 0;
  return row % codegen::kRowAlign == 0 && first % codegen::kRowAlign == 0;
}

bool on_device(const base::TensorView& view) { return view.device == base::DeviceKind::cuda; }

class CudaProgram final : public Program {
 public:
  CudaProgram(const ir::Graph& graph, const Device& device)
      : Program(specs_of(graph), "cuda sm_" + std::to_string(device.facts().compute_capability)),
        device_(device),
        compiled_(graph, device),
        watch_(!cpu::is_row_fft(graph)),
        folds_groups_(codegen::folds_groups(graph)),
        work_(device) {
    for (const ir::Node& node : graph.nodes()) {
      if (node.op == ir::OpKind::Input) inputs_.push_back(node.as<ir::InputAttrs>());
      if (node.op == ir::OpKind::Frame) rule_ = node.as<ir::FrameAttrs>().rule;
    }
    compiled_.get(usual_signature());
  }

  void run(std::span<const base::TensorView> inputs, std::span<const base::TensorView> outputs,
           const RunOptions& options, std::span<RowStatus> status, Workspace&) const override {
    const std::int64_t rows = check_views(inputs, outputs);
    const std::int64_t frames = rule_ ? rule_->frames(inputs[0].shape[1]) : 0;
    const auto here = [&](std::span<const base::TensorView> views) {
      return std::count_if(views.begin(), views.end(), on_device);
    };
    const auto device_views = static_cast<std::size_t>(here(inputs) + here(outputs));
    const auto compiled = compiled_.get(signature_of(inputs, outputs, frames, options));
    if (device_views == inputs.size() + outputs.size()) {
      run_on_device(*compiled, {inputs, outputs, rows, inputs[0].shape[1], frames, false}, options,
                    status);
    } else if (device_views == 0) {
      const Borrowed session(*this);
      run_from_host(*compiled, device_, inputs, outputs, frames, options, status, *session);
    } else {
      throw UserError(
          "[cuda] inputs and outputs of one run are all on the device or all in host "
          "memory; copy the others first");
    }
  }

  std::size_t gpu_work(std::span<const base::TensorView> inputs,
                       std::span<const base::TensorView> outputs,
                       const RunOptions& options) const override {
    const std::int64_t rows = check_views(inputs, outputs);
    const std::int64_t frames = rule_ ? rule_->frames(inputs[0].shape[1]) : 0;
    const auto compiled = compiled_.get(signature_of(inputs, outputs, frames, options));
    return WorkLayout(compiled->program, rows, frames, false).total;
  }

  std::vector<KernelUse> kernel_use() const override { return compiled_.latest_use(); }

  MemoryNeed run_memory(const Load&, const RunOptions&) const override { return {}; }
  MemoryNeed stream_memory(const Load& load, const RunOptions&) const override {
    const double samples = static_cast<double>(load.rows) * static_cast<double>(load.samples) *
                           static_cast<double>(size_of(load.dtype));
    if (!folds_groups_) return {0.0, samples};
    return {std::min(samples, group_stream_bytes(*rule_, load.rows, load.dtype)), 0.0};
  }

  std::unique_ptr<runtime::Stream> stream(std::int64_t rows,
                                          const RunOptions& options) const override;

 private:
  /// A session that is nobody else's for as long as this lives.
  class Borrowed {
   public:
    explicit Borrowed(const CudaProgram& program) : program_(program) {
      const std::lock_guard lock(program_.mutex_);
      if (program_.idle_.empty()) {
        session_ = std::make_unique<Session>(program_.device_);
      } else {
        session_ = std::move(program_.idle_.back());
        program_.idle_.pop_back();
      }
    }
    ~Borrowed() {
      const std::lock_guard lock(program_.mutex_);
      program_.idle_.push_back(std::move(session_));
    }
    Borrowed(const Borrowed&) = delete;
    Borrowed& operator=(const Borrowed&) = delete;
    Session& operator*() const { return *session_; }

   private:
    const CudaProgram& program_;
    std::unique_ptr<Session> session_;
  };

  /// Returns the number of rows.
  std::int64_t check_views(std::span<const base::TensorView> inputs,
                           std::span<const base::TensorView> outputs) const {
    const std::int64_t rows = check_ports(inputs_, this->outputs(), rule_, inputs, outputs, true);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      if (on_device(inputs[i])) check_input_alignment(inputs_[i].name, inputs[i]);
    }
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      check_items(this->outputs()[i], outputs[i]);
      if (on_device(outputs[i])) check_output_alignment(this->outputs()[i].name, outputs[i]);
    }
    return rows;
  }

  bool single() const {
    return outputs().empty() || outputs()[0].type.dtype == DType::f32 ||
           outputs()[0].type.dtype == DType::c64;
  }

  /// Dense rows of the graph's own type: compiled at once, so that errors come early.
  codegen::Signature usual_signature() const {
    codegen::Signature signature;
    for (const ir::InputAttrs& input : inputs_) {
      const DType real = single() ? DType::f32 : DType::f64;
      const DType dtype = input.complex ? ir::complex_of(real) : real;
      const std::int64_t bytes = input.samples * static_cast<std::int64_t>(size_of(dtype));
      signature.inputs.push_back({dtype, true, false, bytes % codegen::kRowAlign == 0});
    }
    signature.dense_outputs.assign(outputs().size(), true);
    signature.watch = watch_;
    return signature;
  }

  codegen::Signature signature_of(std::span<const base::TensorView> inputs,
                                  std::span<const base::TensorView> outputs, std::int64_t frames,
                                  const RunOptions& options) const {
    codegen::Signature signature;
    for (const base::TensorView& view : inputs) {
      const auto bytes = static_cast<std::int64_t>(size_of(view.dtype));
      const bool dense = !on_device(view) || view.byte_strides[1] == bytes;
      signature.inputs.push_back({view.dtype, dense, view.scale != 1.0, dense && aligned(view)});
    }
    for (const base::TensorView& view : outputs) {
      signature.dense_outputs.push_back(dense_items(view));
    }
    signature.long_rows = frames > codegen::kGroupFrames;
    signature.skip = options.bad == BadSamples::skip;
    signature.watch = watch_;
    return signature;
  }

  void run_on_device(const Compiled& compiled, const DevicePorts& ports, const RunOptions& options,
                     std::span<RowStatus> status) const {
    if (!status.empty()) {
      throw UserError("[cuda] the status of rows is not told for runs on device memory; pass none");
    }
    const WorkLayout layout(compiled.program, ports.rows, ports.frames, ports.status);
    const std::lock_guard lock(mutex_);
    enqueue(compiled, ports, work_.of(options, layout.total), stream_of(device_, options));
  }

  const Device& device_;
  CompiledSet compiled_;
  bool watch_;
  bool folds_groups_;
  std::vector<ir::InputAttrs> inputs_;
  std::optional<ir::FrameRule> rule_;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<Session>> idle_;
  mutable WorkMemory work_;
};

/// Keeps the samples, as they came, until all are there: for results of every frame.
class CudaStream final : public runtime::Stream {
 public:
  CudaStream(const CudaProgram& program, std::int64_t rows, const RunOptions& options)
      : program_(program), options_(options), status_(static_cast<std::size_t>(rows)) {}

  void push(const base::TensorView& chunk) override { held_.append(chunk, 0, chunk.shape[1]); }
  void finish() override {}
  std::int64_t samples() const override { return held_.end(); }
  void fetch(std::span<const base::TensorView> outputs) override {
    const base::TensorView rows = held_.view();
    Workspace work;
    program_.run({&rows, 1}, outputs, options_, status_, work);
  }
  std::span<const RowStatus> status() const override { return status_; }

 private:
  const CudaProgram& program_;
  RunOptions options_;
  std::vector<RowStatus> status_;
  cpu::SampleBuffer held_;
};

std::unique_ptr<runtime::Stream> CudaProgram::stream(std::int64_t rows,
                                                     const RunOptions& options) const {
  if (!rule_ || inputs_.size() != 1) {
    throw UserError("[stream] only a graph that cuts one input into frames can be streamed");
  }
  if (folds_groups_) {
    const StreamParts parts{*this, compiled_, device_, *rule_, usual_signature(), single()};
    return make_group_stream(parts, rows, options);
  }
  return std::make_unique<CudaStream>(*this, rows, options);
}

}  // namespace

std::unique_ptr<Program> make_cuda_program(const ir::Graph& graph, const Device& device) {
  if (codegen::is_batch_graph(graph)) return make_batch_program(graph, device);
  return std::make_unique<CudaProgram>(graph, device);
}

}  // namespace papilio::runtime::cuda
