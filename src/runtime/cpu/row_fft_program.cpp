// Plain transforms: rows that are already dense and of the compute type are read where they lie;
// others are converted row by row into scratch, never as a whole.
#include "runtime/cpu/row_fft_program.h"

#include <algorithm>
#include <optional>
#include <string>

#include "base/target.h"
#include "kernels/row_fft.h"
#include "papilio/error.h"
#include "runtime/check.h"
#include "runtime/cpu/program_base.h"
#include "runtime/cpu/rows.h"

namespace papilio::runtime::cpu {
namespace {

using ir::Graph;
using ir::Node;
using ir::OpKind;
using kernels::FftKind;

/// The one transform of a graph and how its input is fitted to it.
struct Pattern {
  FftKind kind = FftKind::forward;
  std::int64_t n = 0;
  double scale = 1.0;
  ir::InputAttrs input;
  ir::Type output;
  std::string name;
};

std::optional<FftKind> kind_of(OpKind op) {
  if (op == OpKind::Fft) return FftKind::forward;
  if (op == OpKind::Ifft) return FftKind::inverse;
  if (op == OpKind::Rfft) return FftKind::r2c;
  if (op == OpKind::Irfft) return FftKind::c2r;
  return std::nullopt;
}

std::optional<Pattern> match(const Graph& graph) {
  const auto is_input = [](const Node& node) { return node.op == OpKind::Input; };
  const auto nodes = graph.nodes();
  if (graph.outputs().size() != 1 || std::count_if(nodes.begin(), nodes.end(), is_input) != 1) {
    return std::nullopt;
  }
  const Node& transform = graph.node(graph.outputs()[0].node);
  const auto kind = kind_of(transform.op);
  if (!kind) return std::nullopt;
  const Node* from = &graph.node(transform.inputs[0]);
  const bool pad = from->op == OpKind::Pad && from->as<ir::PadAttrs>().before == 0;
  const bool cut = from->op == OpKind::Slice && from->as<ir::SliceAttrs>().begin == 0;
  if (pad || cut) from = &graph.node(from->inputs[0]);
  if (from->op != OpKind::Input) return std::nullopt;
  const auto& attrs = transform.as<ir::FftAttrs>();
  return Pattern{*kind,          attrs.n,
                 attrs.scale,    from->as<ir::InputAttrs>(),
                 transform.type, graph.outputs()[0].name};
}

template <typename T>
class RowFftProgram final : public Program {
 public:
  RowFftProgram(Pattern pattern, kernels::Isa isa)
      : Program({{pattern.name, pattern.output}},
                std::string("cpu ") + kernels::name_of(isa) + " in-row"),
        pattern_(std::move(pattern)),
        plan_(pattern_.kind, pattern_.n, isa) {}

  void run(std::span<const base::TensorView> inputs, std::span<const base::TensorView> results,
           const RunOptions& options, std::span<RowStatus> status, Workspace& work) const override {
    const std::int64_t count = check_ports({&pattern_.input, 1}, outputs(), {}, inputs, results);
    std::fill(status.begin(), status.end(), RowStatus{});
    const int threads = options.pool == nullptr ? 1 : options.pool->size();
    T* scratch = work.get<T>(0, scratch_values() * static_cast<std::size_t>(threads));
    const auto apart = [](const base::TensorView& view, std::int64_t values) {
      return view.byte_strides[0] >= values * static_cast<std::int64_t>(sizeof(T));
    };
    const bool stack = dense_input(inputs[0]) && apart(inputs[0], plan_.in_size()) &&
                       dense_output(results[0]) && apart(results[0], plan_.out_size());
    const kernels::Writes writes = writes_of(count);
    const auto rows = [&](int part, std::int64_t begin, std::int64_t end) {
      T* own = scratch + static_cast<std::size_t>(part) * scratch_values();
      if (stack) return run_stack(inputs[0], results[0], begin, end, writes, own);
      for (std::int64_t row = begin; row < end; ++row) run_row(inputs[0], results[0], row, own);
    };
    base::split(options.pool, count, kernels::lanes_of<T>(plan_.isa()), rows);
  }

  MemoryNeed run_memory(const Load& load, const RunOptions& options) const override {
    const std::int64_t threads = options.pool == nullptr ? 1 : options.pool->size();
    const std::int64_t lanes = kernels::lanes_of<T>(plan_.isa());
    const std::int64_t parts = std::min(threads, (load.rows + lanes - 1) / lanes);
    return {static_cast<double>(parts) * static_cast<double>(scratch_values() * sizeof(T)), 0.0};
  }
  MemoryNeed stream_memory(const Load&, const RunOptions&) const override { return {}; }

  std::unique_ptr<Stream> stream(std::int64_t, const RunOptions&) const override {
    throw UserError("[stream] a transform of whole rows cannot be streamed");
  }

 private:
  static constexpr std::size_t kAlign = base::kAlignment / sizeof(T);
  static std::size_t rounded(std::int64_t values) {
    return (static_cast<std::size_t>(values) + kAlign - 1) / kAlign * kAlign;
  }
  std::size_t scratch_values() const {
    return rounded(plan_.scratch_size()) + rounded(plan_.in_size()) + rounded(plan_.out_size());
  }
  bool complex_in() const { return pattern_.kind != FftKind::r2c; }
  bool complex_out() const { return pattern_.kind != FftKind::c2r; }

  /// Rows and results that fill half of the last cache would push one another out of it.
  kernels::Writes writes_of(std::int64_t rows) const {
    const auto bytes = static_cast<double>((plan_.in_size() + plan_.out_size()) * sizeof(T));
    const bool large = last_cache_ > 0 && static_cast<double>(rows) * bytes > 0.5 * last_cache_;
    return large ? kernels::Writes::streamed : kernels::Writes::cached;
  }

  /// Every row starts at an address where a T may lie.
  static bool aligned(const base::TensorView& view) {
    const auto address = reinterpret_cast<std::uintptr_t>(view.data);
    return address % alignof(T) == 0 &&
           view.byte_strides[0] % static_cast<std::int64_t>(alignof(T)) == 0;
  }

  bool dense_output(const base::TensorView& out) const {
    return aligned(out) && out.byte_strides[1] == static_cast<std::int64_t>(size_of(out.dtype));
  }

  /// Dense rows in one go: short ones share a tile.
  void run_stack(const base::TensorView& in, const base::TensorView& out, std::int64_t begin,
                 std::int64_t end, kernels::Writes writes, T* scratch) const {
    const auto values = [](std::int64_t bytes) {
      return bytes / static_cast<std::int64_t>(sizeof(T));
    };
    const auto* from = static_cast<const std::byte*>(in.data) + begin * in.byte_strides[0];
    auto* to = static_cast<std::byte*>(out.data) + begin * out.byte_strides[0];
    plan_.run_many(reinterpret_cast<const T*>(from), values(in.byte_strides[0]),
                   reinterpret_cast<T*>(to), values(out.byte_strides[0]), end - begin,
                   pattern_.scale, scratch, writes);
  }

  /// The row can be read where it lies.
  bool dense_input(const base::TensorView& in) const {
    const DType real = real_dtype<T>();
    const DType wanted = complex_in() ? ir::complex_of(real) : real;
    const std::int64_t elements = plan_.in_size() / (complex_in() ? 2 : 1);
    return aligned(in) && in.dtype == wanted && in.scale == 1.0 && in.shape[1] >= elements &&
           in.byte_strides[1] == static_cast<std::int64_t>(size_of(wanted));
  }

  void run_row(const base::TensorView& in, const base::TensorView& out, std::int64_t row,
               T* scratch) const {
    const auto* from = static_cast<const std::byte*>(in.data) + row * in.byte_strides[0];
    auto* to = static_cast<std::byte*>(out.data) + row * out.byte_strides[0];
    T* in_row = scratch + rounded(plan_.scratch_size());
    T* out_row = in_row + rounded(plan_.in_size());
    const T* source = reinterpret_cast<const T*>(from);
    if (!dense_input(in)) {
      const std::int64_t elements = plan_.in_size() / (complex_in() ? 2 : 1);
      convert_row(from, in, std::min(elements, in.shape[1]), elements, complex_in(), in_row);
      source = in_row;
    }
    const auto element = static_cast<std::int64_t>(size_of(out.dtype));
    const bool dense = dense_output(out);
    plan_.run(source, dense ? reinterpret_cast<T*>(to) : out_row, pattern_.scale, scratch);
    if (dense) return;
    const auto* result = reinterpret_cast<const std::byte*>(out_row);
    for (std::int64_t i = 0; i < out.shape[1]; ++i) {
      std::copy_n(result + i * element, element, to + i * out.byte_strides[1]);
    }
  }

  Pattern pattern_;
  kernels::RowFftPlan<T> plan_;
  double last_cache_ = static_cast<double>(
      std::max(base::describe_machine().l2_bytes, base::describe_machine().l3_bytes));
};

}  // namespace

bool is_row_fft(const Graph& graph) { return match(graph).has_value(); }

std::unique_ptr<Program> make_row_fft_program(const Graph& graph, kernels::Isa isa) {
  const auto pattern = match(graph);
  if (!pattern) throw InternalError("[cpu] the graph is no plain transform");
  if (graph.compute() == DType::f64) return std::make_unique<RowFftProgram<double>>(*pattern, isa);
  return std::make_unique<RowFftProgram<float>>(*pattern, isa);
}

}  // namespace papilio::runtime::cpu
