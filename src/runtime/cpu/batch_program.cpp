// Sweeps over blocks of rows.
#include "runtime/cpu/batch_program.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string>

#include "kernels/batch.h"
#include "kernels/load.h"
#include "papilio/error.h"
#include "runtime/check.h"
#include "runtime/cpu/batch_ops.h"
#include "runtime/cpu/batch_schedule.h"
#include "runtime/cpu/rows.h"

namespace papilio::runtime::cpu {
namespace {

using ir::Graph;
using ir::Node;
using ir::NodeId;
using ir::OpKind;

// Values of T that a block may take, so that it stays in the second cache; and at most so many
// rows.
constexpr std::int64_t kBlockValues = std::int64_t{1} << 17, kBlockRows = 64;
// Parts of the rows whose sums are gathered one by one, and bytes that their sums may take.
constexpr std::int64_t kMostParts = 16, kSumBytes = std::int64_t{256} << 20;

/// Where everything of one run lies.
template <typename T>
struct Run {
  std::span<const base::TensorView> ports;
  std::span<const base::TensorView> results;
  std::int64_t rows = 0;
  T* shared = nullptr;        ///< all shared values, and tables
  std::byte* sums = nullptr;  ///< [part][bytes of sums]
  T* threads = nullptr;       ///< [thread][block, then work of steps]
  std::int64_t parts = 1;
  std::span<const RowStatus> status;
};

template <typename T>
constexpr T nan_of() {
  return std::numeric_limits<T>::quiet_NaN();
}

template <typename T>
class BatchProgram final : public Program {
 public:
  BatchProgram(const Graph& graph, kernels::Isa isa)
      : Program(specs_of(graph), std::string("cpu ") + kernels::name_of(isa) + " batch"),
        graph_(graph),
        isa_(isa),
        schedule_(schedule_batch(graph)),
        steps_(graph.nodes().size()),
        sums_(graph.nodes().size()) {
    for (std::size_t i = 0; i < graph.nodes().size(); ++i) {
      const Node& node = graph.nodes()[i];
      const auto id = static_cast<NodeId>(i);
      work_ = std::max(work_, padded(value(id).width()));  // rows that are blanked on the way out
      if (ir::is_port(node.op)) {
        ports_.push_back(node);
        port_ids_.push_back(id);
      }
      if (node.op == OpKind::Input) inputs_.push_back(node.as<ir::InputAttrs>());
      if (ir::info_of(node.op).space == ir::Space::source) continue;
      if (sums_rows(id)) {
        sums_[i] = make_batch_sum<T>(graph, node, isa);
        steps_[i] = sums_[i].step;
      } else {
        steps_[i] = make_batch_step<T>(graph, node, isa);
      }
      work_ = std::max(work_, padded(steps_[i].work));
    }
    for (std::size_t i = 0; i < graph.nodes().size(); ++i) place(static_cast<NodeId>(i));
    block_rows_ = std::clamp<std::int64_t>(
        kBlockValues / std::max<std::int64_t>(1, schedule_.row_values), 1, kBlockRows);
  }

  void run(std::span<const base::TensorView> values, std::span<const base::TensorView> results,
           const RunOptions& options, std::span<RowStatus> status, Workspace& work) const override {
    Run<T> run = prepare(values, results, options, work);
    if (status.empty()) {
      status = {work.get<RowStatus>(3, static_cast<std::size_t>(run.rows)),
                static_cast<std::size_t>(run.rows)};
    }
    find_bad(values, status);
    run.status = status;
    for (const BatchSweep& sweep : schedule_.sweeps) {
      for (const NodeId id : sweep.shared) compute_shared(run, id);
      if (sweep.rows.empty() && sweep.sums.empty()) continue;
      for (const NodeId id : sweep.rows) prepare_step(run, id);
      for (const NodeId id : sweep.sums) prepare_step(run, id);
      sweep_rows(run, sweep, options.pool);
      for (const NodeId id : sweep.sums) {
        sums_[at(id)].finish(sums_of(run, 0, id), sum_bytes_, run.parts, run.rows,
                             shared_of(run, id));
      }
    }
    for (std::size_t i = 0; i < results.size(); ++i) {
      const NodeId id = graph_.outputs()[i].node;
      if (value(id).per_row) continue;
      if (any_bad(status)) std::fill_n(shared_of(run, id), value(id).width(), nan_of<T>());
      write_item(shared_of(run, id), value(id).length, results[i]);
    }
  }

  MemoryNeed run_memory(const Load& load, const RunOptions& options) const override {
    const double threads = options.pool == nullptr ? 1.0 : options.pool->size();
    return {static_cast<double>(shared_values_ * sizeof(T)) +
                static_cast<double>(parts_of(load.rows) * sum_bytes_) +
                threads * static_cast<double>(thread_values() * sizeof(T)),
            0.0};
  }
  MemoryNeed stream_memory(const Load&, const RunOptions&) const override { return {}; }

  std::unique_ptr<Stream> stream(std::int64_t, const RunOptions&) const override {
    throw UserError("[stream] a graph with params runs on whole rows; it cannot be streamed");
  }

 private:
  /// Rows first .. first + rows and the memory of their values.
  struct Block {
    std::int64_t first = 0, rows = 0;
    T* own = nullptr;
  };

  static std::int64_t padded(std::int64_t values) { return (values + 15) / 16 * 16; }
  static std::size_t at(NodeId id) { return static_cast<std::size_t>(id); }

  const BatchValue& value(NodeId id) const { return schedule_.values[at(id)]; }
  bool sums_rows(NodeId id) const {
    const Node& node = graph_.node(id);
    return ir::info_of(node.op).space == ir::Space::batch && value(node.inputs[0]).per_row;
  }

  /// Shared values and tables lie one after the other, and so do sums of a part.
  void place(NodeId id) {
    shared_at_.push_back(shared_values_);
    if (!value(id).per_row) shared_values_ += padded(value(id).width());
    table_at_.push_back(shared_values_);
    shared_values_ += padded(steps_[at(id)].table);
    sums_at_.push_back(sum_bytes_);
    sum_bytes_ += (sums_[at(id)].part + 63) / 64 * 64;
  }

  T* shared_of(const Run<T>& run, NodeId id) const { return run.shared + shared_at_[at(id)]; }
  T* table_of(const Run<T>& run, NodeId id) const { return run.shared + table_at_[at(id)]; }
  std::int64_t thread_values() const { return schedule_.row_values * block_rows_ + work_; }

  std::int64_t parts_of(std::int64_t rows) const {
    const std::int64_t blocks = (rows + block_rows_ - 1) / block_rows_;
    const std::int64_t most =
        std::clamp<std::int64_t>(kSumBytes / std::max<std::int64_t>(1, sum_bytes_), 1, kMostParts);
    return std::clamp<std::int64_t>(blocks, 1, most);
  }

  Run<T> prepare(std::span<const base::TensorView> values,
                 std::span<const base::TensorView> results, const RunOptions& options,
                 Workspace& work) const {
    if (options.bad == BadSamples::skip) {
      throw UserError("[cpu] a graph with params has no frames to leave out; use --nonfinite flag");
    }
    const auto rows = rows_among(ports_, values, outputs().size());
    Run<T> run;
    run.ports = values;
    run.results = results;
    run.rows = check_ports(inputs_, outputs(), {}, rows, results);
    run.parts = parts_of(run.rows);
    const auto threads =
        static_cast<std::size_t>(options.pool == nullptr ? 1 : options.pool->size());
    run.shared = work.get<T>(0, static_cast<std::size_t>(shared_values_));
    run.sums = work.get<std::byte>(1, static_cast<std::size_t>(run.parts * sum_bytes_));
    run.threads = work.get<T>(2, threads * static_cast<std::size_t>(thread_values()));
    return run;
  }

  void find_bad(std::span<const base::TensorView> values, std::span<RowStatus> status) const {
    std::fill(status.begin(), status.end(), RowStatus{});
    const auto& kernels = kernels::batch_kernels<T>(isa_);
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (ports_[i].op != OpKind::Input) continue;
      const base::TensorView& view = values[i];
      const std::int64_t width = view.shape[1] * (is_complex(view.dtype) ? 2 : 1);
      for (std::size_t row = 0; row < status.size(); ++row) {
        const std::byte* from = row_of(view, static_cast<std::int64_t>(row));
        if (is_dense(view, ports_[i].type.dtype) &&
            kernels.finite(reinterpret_cast<const T*>(from), width)) {
          continue;
        }
        const std::int64_t bad = kernels::first_nonfinite<T>(from, view.dtype, view.byte_strides[1],
                                                             view.shape[1], view.scale);
        RowStatus& mark = status[row];
        if (bad >= 0 && (mark.first_bad < 0 || bad < mark.first_bad)) mark.first_bad = bad;
      }
    }
  }

  /// What rows share is as bad as the worst of them.
  static bool any_bad(std::span<const RowStatus> status) {
    return std::any_of(status.begin(), status.end(),
                       [](const RowStatus& row) { return row.first_bad >= 0; });
  }

  std::size_t port_of(NodeId id) const {
    const auto found = std::find(port_ids_.begin(), port_ids_.end(), id);
    return static_cast<std::size_t>(found - port_ids_.begin());
  }

  void compute_shared(const Run<T>& run, NodeId id) const {
    const Node& node = graph_.node(id);
    T* out = shared_of(run, id);
    if (node.op == OpKind::Const) {
      const auto& values = *node.as<ir::ConstAttrs>().values;
      std::transform(values.begin(), values.end(), out, [](double x) { return static_cast<T>(x); });
    } else if (node.op == OpKind::Param) {
      const base::TensorView& view = run.ports[port_of(id)];
      const BatchValue& to = value(id);
      convert_row(static_cast<const std::byte*>(view.data), view, to.length, to.length, to.complex,
                  out);
    } else {
      prepare_step(run, id);
      run_step(run, id, out, nullptr, run.threads);
    }
  }

  void sweep_rows(const Run<T>& run, const BatchSweep& sweep, const base::ThreadPool* pool) const {
    const auto part_rows = [&](std::int64_t part) {
      const std::int64_t blocks = (run.rows + block_rows_ - 1) / block_rows_;
      return std::min(run.rows, blocks * part / run.parts * block_rows_);
    };
    base::split(pool, run.parts, 1, [&](int thread, std::int64_t begin, std::int64_t end) {
      T* own = run.threads + thread * thread_values();
      for (std::int64_t part = begin; part < end; ++part) {
        for (const NodeId id : sweep.sums) {
          std::fill_n(sums_of(run, part, id), sums_[at(id)].part, std::byte{0});
        }
        for (std::int64_t row = part_rows(part); row < part_rows(part + 1); row += block_rows_) {
          run_block(run, sweep, part, row, std::min(block_rows_, part_rows(part + 1) - row), own);
        }
      }
    });
  }

  std::byte* sums_of(const Run<T>& run, std::int64_t part, NodeId id) const {
    return run.sums + part * sum_bytes_ + sums_at_[at(id)];
  }

  T* block_of(T* own, NodeId id) const { return own + value(id).slot * block_rows_; }

  void run_block(const Run<T>& run, const BatchSweep& sweep, std::int64_t part, std::int64_t first,
                 std::int64_t rows, T* own) const {
    const Block block{first, rows, own};
    T* work = own + schedule_.row_values * block_rows_;
    for (const NodeId id : sweep.rows) {
      if (graph_.node(id).op != OpKind::Input) {
        run_step(run, id, block_of(own, id), &block, work);
      } else if (!lies_ready(run, id)) {
        load_rows(run, id, first, rows, block_of(own, id));
      }
    }
    for (const NodeId id : sweep.sums) {
      run_step(run, id, reinterpret_cast<T*>(sums_of(run, part, id)), &block, work);
    }
    for (const std::size_t output : sweep.outputs) {
      const NodeId id = graph_.outputs()[output].node;
      for (std::int64_t row = 0; row < rows; ++row) {
        const T* item = rows_of(run, id, block) + row * value(id).width();
        const bool bad = run.status[static_cast<std::size_t>(first + row)].first_bad >= 0;
        if (bad) item = std::fill_n(work, value(id).width(), nan_of<T>()) - value(id).width();
        write_item(item, value(id).length, row_view(run.results[output], first + row));
      }
    }
  }

  void load_rows(const Run<T>& run, NodeId id, std::int64_t first, std::int64_t rows,
                 T* out) const {
    const base::TensorView& view = run.ports[port_of(id)];
    const BatchValue& to = value(id);
    for (std::int64_t row = 0; row < rows; ++row) {
      convert_row(row_of(view, first + row), view, to.length, to.length, to.complex,
                  out + row * to.width());
    }
  }

  /// Rows of the compute type one behind the other are read where they are.
  bool lies_ready(const Run<T>& run, NodeId id) const {
    if (graph_.node(id).op != OpKind::Input) return false;
    return is_dense(run.ports[port_of(id)], graph_.node(id).type.dtype);
  }

  static bool is_dense(const base::TensorView& view, DType dtype) {
    const auto element = static_cast<std::int64_t>(size_of(view.dtype));
    return view.dtype == dtype && view.scale == 1.0 && view.byte_strides[1] == element &&
           view.byte_strides[0] == element * view.shape[1] &&
           reinterpret_cast<std::uintptr_t>(view.data) % alignof(T) == 0;
  }

  /// Values of the rows of a block.
  const T* rows_of(const Run<T>& run, NodeId id, const Block& block) const {
    if (!lies_ready(run, id)) return block_of(block.own, id);
    const auto* data = static_cast<const T*>(run.ports[port_of(id)].data);
    return data + block.first * value(id).width();
  }

  /// `block`: nullptr for a shared result.
  void run_step(const Run<T>& run, NodeId id, T* out, const Block* block, T* work) const {
    const Node& node = graph_.node(id);
    const std::int64_t items = block == nullptr ? 1 : block->rows;
    const auto in = operands_of(run, node, block);
    const T* table = table_of(run, id);
    steps_[at(id)].run({{in.data(), node.inputs.size()}, out, items, run.rows, table, work});
  }

  std::array<BatchOperand<T>, 4> operands_of(const Run<T>& run, const Node& node,
                                             const Block* block) const {
    std::array<BatchOperand<T>, 4> in;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const BatchValue& from = value(node.inputs[i]);
      // Of the second operand of spread only the extents matter: it may never be computed.
      const bool there = from.per_row && block != nullptr && from.slot >= 0;
      const T* data = there ? rows_of(run, node.inputs[i], *block) : nullptr;
      if (!from.per_row) data = shared_of(run, node.inputs[i]);
      in[i] = {data, from.length, from.complex, !from.per_row};
    }
    return in;
  }

  void prepare_step(const Run<T>& run, NodeId id) const {
    const BatchStep<T>& step = steps_[at(id)];
    if (!step.prepare) return;
    const Node& node = graph_.node(id);
    const auto in = operands_of(run, node, nullptr);
    step.prepare({in.data(), node.inputs.size()}, table_of(run, id));
  }

  Graph graph_;
  kernels::Isa isa_;
  BatchSchedule schedule_;
  std::vector<BatchStep<T>> steps_;
  std::vector<Node> ports_;
  std::vector<NodeId> port_ids_;
  std::vector<ir::InputAttrs> inputs_;
  std::vector<BatchSum<T>> sums_;
  std::vector<std::int64_t> shared_at_, table_at_, sums_at_;
  std::int64_t shared_values_ = 0;  ///< T
  std::int64_t sum_bytes_ = 0;      ///< of a part
  std::int64_t work_ = 0;           ///< T that the steps need
  std::int64_t block_rows_ = 1;
};

}  // namespace

bool is_batch_graph(const Graph& graph) {
  const auto any = [&](auto&& holds) {
    return std::any_of(graph.nodes().begin(), graph.nodes().end(), holds);
  };
  if (any([](const Node& node) { return has(node.op, ir::unlowered); })) return true;
  const bool framed = any([](const Node& node) { return node.op == OpKind::Frame; });
  return !framed && any([](const Node& node) { return has(node.op, ir::framed); });
}

std::unique_ptr<Program> make_batch_program(const Graph& graph, kernels::Isa isa) {
  if (graph.compute() == DType::f64) return std::make_unique<BatchProgram<double>>(graph, isa);
  return std::make_unique<BatchProgram<float>>(graph, isa);
}

}  // namespace papilio::runtime::cpu
