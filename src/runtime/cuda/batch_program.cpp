// All rows to the device, one run, results back; or everything where it is on the device.
#include "runtime/cuda/batch_program.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <string>

#include "papilio/error.h"
#include "runtime/check.h"
#include "runtime/cpu/rows.h"
#include "runtime/cuda/device_views.h"
#include "runtime/cuda/launcher.h"
#include "runtime/cuda/work_memory.h"

namespace papilio::runtime::cuda {
namespace {

using codegen::SharedValues;

/// Memory of runs from host memory, which follow one another; it grows and is kept.
struct Staging {
  explicit Staging(const Device& device)
      : stream(device), pinned(device), in(device), out(device), work(device) {}
  Stream stream;
  PinnedBuffer pinned;
  DeviceBuffer in, out, work;
};

template <typename T>
class BatchProgram final : public Program {
 public:
  using Views = std::span<const base::TensorView>;

  BatchProgram(const ir::Graph& graph, const Device& device)
      : Program(specs_of(graph),
                "cuda sm_" + std::to_string(device.facts().compute_capability) + " batch"),
        device_(device),
        set_(graph, device),
        staging_(device),
        work_(device) {
    for (const ir::Node& node : graph.nodes()) {
      if (!ir::is_port(node.op)) continue;
      ports_.push_back(node);
      if (node.op == ir::OpKind::Input) inputs_.push_back(node.as<ir::InputAttrs>());
    }
    std::vector<base::TensorView> usual;
    place_inputs(0, 1, usual);
    compiled_ = compiled_for(usual);
  }

  void run(std::span<const base::TensorView> values, std::span<const base::TensorView> results,
           const RunOptions& options, std::span<RowStatus> status, Workspace&) const override {
    if (options.bad == BadSamples::skip) {
      throw UserError(
          "[cuda] a graph with params has no frames to leave out; use --nonfinite flag");
    }
    const auto inputs = rows_among(ports_, values, outputs().size());
    const std::int64_t rows = check_ports(inputs_, outputs(), {}, inputs, results, true);
    const auto here = [](const base::TensorView& view) {
      return view.device == base::DeviceKind::cuda;
    };
    const std::lock_guard lock(mutex_);
    if (std::all_of(values.begin(), values.end(), here) &&
        std::all_of(results.begin(), results.end(), here)) {
      if (!status.empty()) {
        throw UserError(
            "[cuda] the status of rows is not told for runs on device memory; pass none");
      }
      return run_on_device(values, results, rows, options);
    }
    if (std::any_of(values.begin(), values.end(), here) ||
        std::any_of(results.begin(), results.end(), here)) {
      throw UserError(
          "[cuda] inputs and outputs of one run are all on the device or all in host memory; copy "
          "the others first");
    }
    run_from_host(values, results, rows, options, status);
  }

  std::size_t gpu_work(Views values, Views results, const RunOptions&) const override {
    const auto inputs = rows_among(ports_, values, outputs().size());
    const std::int64_t rows = check_ports(inputs_, outputs(), {}, inputs, results, true);
    return WorkLayout(compiled_for(inputs)->program, rows, 0).total;
  }

  MemoryNeed run_memory(const Load&, const RunOptions&) const override { return {}; }
  MemoryNeed stream_memory(const Load&, const RunOptions&) const override { return {}; }
  std::unique_ptr<runtime::Stream> stream(std::int64_t, const RunOptions&) const override {
    throw UserError("[stream] a graph with params runs on whole rows; it cannot be streamed");
  }

 private:
  const codegen::DeviceProgram& program() const { return compiled_->program; }
  const SharedValues& shared() const { return *program().shared; }

  /// Kernels for inputs that lie there.
  std::shared_ptr<const Compiled> compiled_for(Views inputs) const {
    codegen::Signature signature;
    signature.watch = false;
    for (const base::TensorView& view : inputs) {
      const bool aligned =
          view.byte_strides[0] % codegen::kRowAlign == 0 && address(view) % codegen::kRowAlign == 0;
      signature.inputs.push_back({view.dtype, true, false, aligned});
    }
    for (const OutputSpec& spec : outputs()) {
      if (spec.type.dims[0].extent == ir::Extent::rows) signature.dense_outputs.push_back(true);
    }
    return set_.get(signature);
  }
  static std::size_t bytes_of(const SharedValues::Place& place) {
    return static_cast<std::size_t>(place.length) * (place.complex ? 2 : 1) * sizeof(T);
  }
  bool of_rows(std::size_t output) const {
    return outputs()[output].type.dims[0].extent == ir::Extent::rows;
  }

  static std::size_t aligned_bytes(const base::TensorView& view) {
    constexpr std::size_t kAlign = 256;
    const std::size_t bytes = static_cast<std::size_t>(view.count()) * size_of(view.dtype);
    return (bytes + kAlign - 1) / kAlign * kAlign;
  }

  /// Inputs, and results of rows, one behind the other from an address on; returns what lies
  /// behind.
  CUdeviceptr place_inputs(CUdeviceptr at, std::int64_t rows,
                           std::vector<base::TensorView>& views) const {
    for (const ir::Node& port : ports_) {
      if (port.op != ir::OpKind::Input) continue;
      const auto shape = port.type.resolve(rows, port.as<ir::InputAttrs>().samples);
      views.push_back(device_view(at, port.type.dtype, shape));
      at += aligned_bytes(views.back());
    }
    return at;
  }
  CUdeviceptr place_results(CUdeviceptr at, std::int64_t rows,
                            std::vector<base::TensorView>& views) const {
    for (std::size_t i = 0; i < outputs().size(); ++i) {
      if (!of_rows(i)) continue;
      const ir::Type& type = outputs()[i].type;
      views.push_back(device_view(at, type.dtype, type.resolve(rows, 0)));
      at += aligned_bytes(views.back());
    }
    return at;
  }

  // ---- on the device

  struct Copy {
    CUdeviceptr to = 0;
    CUdeviceptr from = 0;
    std::size_t bytes = 0;
  };
  /// Neighbours on both sides are copied at once: each copy costs as much as a launch.
  static void append(std::vector<Copy>& copies, const Copy& copy) {
    if (!copies.empty()) {
      Copy& last = copies.back();
      if (copy.to == last.to + last.bytes && copy.from == last.from + last.bytes) {
        last.bytes += copy.bytes;
        return;
      }
    }
    copies.push_back(copy);
  }
  static void run_copies(const std::vector<Copy>& copies, StreamHandle stream) {
    for (const Copy& copy : copies) copy_on_device(copy.to, copy.from, copy.bytes, stream);
  }

  static void need_dense(const base::TensorView& view, DType dtype) {
    std::int64_t stride = static_cast<std::int64_t>(size_of(dtype));
    bool dense = view.dtype == dtype && view.scale == 1.0;
    for (int axis = view.rank - 1; axis >= 0; --axis) {
      const auto a = static_cast<std::size_t>(axis);
      dense = dense && (view.shape[a] == 1 || view.byte_strides[a] == stride);
      stride *= view.shape[a];
    }
    if (!dense) {
      throw UserError(
          "[cuda] device memory of a graph with params is dense and of the compute type; copy it");
    }
  }
  static CUdeviceptr address(const base::TensorView& view) {
    return reinterpret_cast<CUdeviceptr>(view.data);
  }

  void run_on_device(Views values, Views results, std::int64_t rows,
                     const RunOptions& options) const {
    std::vector<base::TensorView> inputs;
    std::vector<base::TensorView> row_results;
    for (std::size_t i = 0; i < values.size(); ++i) {
      need_dense(values[i], ports_[i].type.dtype);
      if (ports_[i].op != ir::OpKind::Input) continue;
      check_input_alignment(ports_[i].as<ir::InputAttrs>().name, values[i]);
      inputs.push_back(values[i]);
    }
    for (std::size_t i = 0; i < results.size(); ++i) {
      need_dense(results[i], outputs()[i].type.dtype);
      if (!of_rows(i)) continue;
      check_output_alignment(outputs()[i].name, results[i]);
      row_results.push_back(results[i]);
    }
    const WorkLayout layout(program(), rows, 0);
    const CUdeviceptr work = work_.of(options, layout.total);
    const CUdeviceptr values_of_none = work + layout.stored[0];
    const StreamHandle stream = stream_of(device_, options);
    std::vector<Copy> copies;
    for (const auto& place : shared().params) {
      append(copies, {values_of_none + place.offset,
                      address(values[static_cast<std::size_t>(place.port)]), bytes_of(place)});
    }
    run_copies(copies, stream);
    enqueue(*compiled_for(inputs), {inputs, row_results, rows, 0, 0, true}, work, stream);
    copies.clear();
    for (const auto& place : shared().results) {
      append(copies, {address(results[static_cast<std::size_t>(place.port)]),
                      values_of_none + place.offset, bytes_of(place)});
    }
    run_copies(copies, stream);
  }

  // ---- from host memory

  static std::byte* read(const base::TensorView& view, bool complex, std::byte* to) {
    if (view.rank > 1) {
      for (std::int64_t i = 0; i < view.shape[0]; ++i) {
        to = read(cpu::row_view(view, i), complex, to);
      }
      return to;
    }
    const std::int64_t length = view.shape[0];
    cpu::convert_row(static_cast<const std::byte*>(view.data), view, length, length, complex,
                     reinterpret_cast<T*>(to));
    return to + static_cast<std::size_t>(length) * (complex ? 2 : 1) * sizeof(T);
  }
  static const std::byte* write(const std::byte* from, const base::TensorView& view) {
    if (view.rank > 1) {
      for (std::int64_t i = 0; i < view.shape[0]; ++i) from = write(from, cpu::row_view(view, i));
      return from;
    }
    cpu::write_item(reinterpret_cast<const T*>(from), view.shape[0], view);
    return from + static_cast<std::size_t>(view.shape[0]) * size_of(view.dtype);
  }

  /// What is copied to the device: the rows, and the block of the params.
  std::size_t params_bytes() const {
    std::size_t bytes = 0;
    for (const auto& place : shared().params) bytes = place.offset + bytes_of(place);
    return bytes;
  }
  std::size_t results_end() const {
    std::size_t bytes = params_bytes();
    for (const auto& place : shared().results) bytes = place.offset + bytes_of(place);
    return bytes;
  }

  /// Fills the page-locked copies of `inputs`, which are placed from 0 on, and behind them of the
  /// params.
  void pack(Views values, Views inputs, std::size_t input_bytes, const RunOptions& options) const {
    auto input = inputs.begin();
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (ports_[i].op != ir::OpKind::Input) continue;
      const bool complex = ports_[i].type.complex();
      std::byte* const to = staging_.pinned.data() + address(*input);
      const std::int64_t row_bytes = input->byte_strides[0];
      base::split(options.pool, input->shape[0], 1, [&](int, std::int64_t begin, std::int64_t end) {
        for (; begin < end; ++begin) {
          read(cpu::row_view(values[i], begin), complex, to + begin * row_bytes);
        }
      });
      ++input;
    }
    for (const auto& place : shared().params) {
      read(values[static_cast<std::size_t>(place.port)], place.complex,
           staging_.pinned.data() + input_bytes + place.offset);
    }
  }

  void run_from_host(Views values, Views results, std::int64_t rows, const RunOptions& options,
                     std::span<RowStatus> status) const {
    std::vector<base::TensorView> inputs;
    std::vector<base::TensorView> row_results;
    const auto input_bytes = static_cast<std::size_t>(place_inputs(0, rows, inputs));
    const auto result_bytes = static_cast<std::size_t>(place_results(0, rows, row_results));
    const WorkLayout layout(program(), rows, 0);
    const std::size_t out_bytes = result_bytes + results_end() + layout.status;
    staging_.in.reserve(input_bytes);
    staging_.out.reserve(result_bytes);
    staging_.work.reserve(layout.total);
    staging_.pinned.reserve(std::max(input_bytes + params_bytes(), out_bytes));
    const StreamHandle stream = staging_.stream;
    const CUdeviceptr block = staging_.work.data() + layout.stored[0];
    std::byte* const pinned = staging_.pinned.data();
    pack(values, inputs, input_bytes, options);
    if (input_bytes > 0) copy_to_device(staging_.in.data(), pinned, input_bytes, stream);
    if (params_bytes() > 0) copy_to_device(block, pinned + input_bytes, params_bytes(), stream);
    inputs.clear();
    row_results.clear();
    place_inputs(staging_.in.data(), rows, inputs);
    place_results(staging_.out.data(), rows, row_results);
    enqueue(*compiled_, {inputs, row_results, rows, 0, 0, true}, staging_.work.data(), stream);
    std::byte* const block_back = pinned + result_bytes;
    if (result_bytes > 0) copy_to_host(pinned, staging_.out.data(), result_bytes, stream);
    if (results_end() > 0) copy_to_host(block_back, block, results_end(), stream);
    if (layout.status > 0) {
      copy_to_host(block_back + results_end(), staging_.work.data(), layout.status, stream);
    }
    await(*compiled_, rows, inputs.empty() ? 0 : inputs[0].shape[1], stream);
    auto row_result = row_results.begin();
    for (std::size_t i = 0; i < results.size(); ++i) {
      if (!of_rows(i)) continue;
      write(pinned + (address(*row_result) - staging_.out.data()), results[i]);
      ++row_result;
    }
    for (const auto& place : shared().results) {
      write(block_back + place.offset, results[static_cast<std::size_t>(place.port)]);
    }
    read_status(block_back + results_end(), layout, status);
  }

  const Device& device_;
  std::vector<ir::Node> ports_;
  std::vector<ir::InputAttrs> inputs_;
  CompiledSet set_;
  std::shared_ptr<const Compiled> compiled_;  ///< for rows that begin at multiples of kRowAlign
  mutable std::mutex mutex_;
  mutable Staging staging_;
  mutable WorkMemory work_;  ///< of runs on device memory
};

}  // namespace

std::unique_ptr<Program> make_batch_program(const ir::Graph& graph, const Device& device) {
  if (graph.compute() == DType::f64) return std::make_unique<BatchProgram<double>>(graph, device);
  return std::make_unique<BatchProgram<float>>(graph, device);
}

}  // namespace papilio::runtime::cuda
