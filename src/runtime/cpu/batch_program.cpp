// Sweeps over blocks of rows.
#include "runtime/cpu/batch_program.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <utility>

#include "ir/print.h"
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
  std::span<RowStatus> status;
  bool check_rows = false;  ///< the sweep is the first to read them
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
      work_ =
          std::max(work_, padded(value(id).row_width()));  // rows that are blanked on the way out
      if (ir::is_port(node.op)) {
        ports_.push_back(node);
        port_ids_.push_back(id);
      }
      if (node.op == OpKind::Input) inputs_.push_back(node.as<ir::InputAttrs>());
      if (ir::info_of(node.op).space == ir::Space::source) continue;
      if (sums_rows(id)) {
        sums_[i] = make_batch_sum<T>(graph, node, schedule_.nodes[i], isa);
        steps_[i] = sums_[i].step;
      } else {
        steps_[i] = make_batch_step<T>(graph, node, schedule_.nodes[i], schedule_.samples, isa);
      }
      work_ = std::max(work_, padded(steps_[i].work));
    }
    for (std::size_t i = 0; i < graph.nodes().size(); ++i) place(static_cast<NodeId>(i));
    pair_gradients();
    const std::int64_t most = kBlockValues / (schedule_.row_values + kept_values(1) + 1);
    block_rows_ = std::clamp<std::int64_t>(most, 1, kBlockRows);
  }

  void run(std::span<const base::TensorView> values, std::span<const base::TensorView> results,
           const RunOptions& options, std::span<RowStatus> status, Workspace& work) const override {
    Run<T> run = prepare(values, results, options, work);
    if (status.empty()) {
      status = {work.get<RowStatus>(3, static_cast<std::size_t>(run.rows)),
                static_cast<std::size_t>(run.rows)};
    }
    std::fill(status.begin(), status.end(), RowStatus{});
    run.status = status;
    bool checked = options.finite;
    for (const BatchSweep& sweep : schedule_.sweeps) {
      for (const NodeId id : sweep.shared) compute_shared(run, id);
      if (sweep.steps.empty()) continue;
      run.check_rows = !std::exchange(checked, true);
      for (const NodeId id : sweep.steps) prepare_step(run, id);
      sweep_rows(run, sweep, options.pool);
      for (const NodeId id : sweep.sums) {
        sums_[at(id)].finish(sums_of(run, 0, id), sum_bytes_, run.parts, summed_items(run, id),
                             shared_of(run, id));
      }
    }
    for (std::size_t i = 0; i < results.size(); ++i) {
      const NodeId id = graph_.outputs()[i].node;
      if (value(id).per_row) continue;
      write_shared(run, id, results[i]);
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
  /// Rows first .. first + rows of a sweep, and the memory of their values.
  struct Block {
    const BatchSweep& sweep;
    std::int64_t first = 0, rows = 0;
    T* own = nullptr;
  };

  static std::int64_t padded(std::int64_t values) { return (values + 15) / 16 * 16; }
  static std::size_t at(NodeId id) { return static_cast<std::size_t>(id); }

  const BatchValue& value(NodeId id) const { return schedule_.values[at(id)]; }
  bool has_rows(NodeId id) const { return graph_.node(id).type.dims[0].extent == ir::Extent::rows; }
  bool sums_rows(NodeId id) const {
    const Node& node = graph_.node(id);
    return ir::info_of(node.op).space == ir::Space::batch && value(node.inputs[0]).per_row;
  }

  /// Shared values and tables lie one after the other, and so do sums of a part.
  void place(NodeId id) {
    shared_at_.push_back(shared_values_);
    if (!value(id).per_row) shared_values_ += padded(value(id).row_width());
    table_at_.push_back(shared_values_);
    shared_values_ += padded(steps_[at(id)].table);
    sums_at_.push_back(sum_bytes_);
    sum_bytes_ += (sums_[at(id)].part + 63) / 64 * 64;
  }

  /// Where a sweep runs a butterfly and its gradient, the first keeps buffers for the second.
  void pair_gradients() {
    kept_for_.assign(graph_.nodes().size(), -1);
    for (const BatchSweep& sweep : schedule_.sweeps) {
      for (const NodeId id : sweep.steps) {
        if (graph_.node(id).op != OpKind::ButterflyGradient || steps_[at(id)].kept == 0) continue;
        const auto forward = std::find_if(sweep.steps.begin(), sweep.steps.end(),
                                          [&](NodeId other) { return is_forward_of(other, id); });
        if (forward != sweep.steps.end()) kept_for_[at(id)] = kept_for_[at(*forward)] = *forward;
      }
    }
  }

  bool is_forward_of(NodeId forward, NodeId gradient) const {
    const Node &node = graph_.node(forward), &other = graph_.node(gradient);
    return node.op == OpKind::Butterfly && node.inputs[0] == other.inputs[0] &&
           node.inputs[1] == other.inputs[2] && ir::to_text(node.attrs) == ir::to_text(other.attrs);
  }

  /// T that the butterflies before node `end` keep for a block of so many rows: for an even number
  /// of items each.
  std::int64_t kept_values(std::int64_t rows, std::size_t end) const {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < end; ++i) {
      if (kept_for_[i] != static_cast<NodeId>(i)) continue;
      const std::int64_t items = rows * schedule_.values[i].items;
      sum += padded(steps_[i].kept * (items + items % 2));
    }
    return sum;
  }
  std::int64_t kept_values(std::int64_t rows) const { return kept_values(rows, kept_for_.size()); }

  T* shared_of(const Run<T>& run, NodeId id) const { return run.shared + shared_at_[at(id)]; }
  T* table_of(const Run<T>& run, NodeId id) const { return run.shared + table_at_[at(id)]; }
  std::int64_t thread_values() const {
    return schedule_.row_values * block_rows_ + kept_values(block_rows_) + work_;
  }
  T* kept_of(T* own) const { return own + schedule_.row_values * block_rows_; }
  T* work_of(T* own) const { return kept_of(own) + kept_values(block_rows_); }

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

  /// Marks the rows of a block that hold a non-finite sample, just before they are read anyway.
  void find_bad(const Run<T>& run, std::int64_t first, std::int64_t rows) const {
    const auto& kernels = kernels::batch_kernels<T>(isa_);
    for (std::size_t i = 0; i < run.ports.size(); ++i) {
      if (ports_[i].op != OpKind::Input) continue;
      const base::TensorView& view = run.ports[i];
      const std::int64_t width = view.shape[1] * (is_complex(view.dtype) ? 2 : 1);
      const bool dense = is_dense(view, ports_[i].type.dtype);
      for (std::int64_t row = first; row < first + rows; ++row) {
        const std::byte* from = row_of(view, row);
        if (dense && kernels.finite(reinterpret_cast<const T*>(from), width)) continue;
        const std::int64_t bad = kernels::first_nonfinite<T>(from, view.dtype, view.byte_strides[1],
                                                             view.shape[1], view.scale);
        RowStatus& mark = run.status[static_cast<std::size_t>(row)];
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
      read_rows(view, value(id), out);
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

  std::int64_t summed_items(const Run<T>& run, NodeId sum) const {
    return run.rows * value(operands(sum)[0]).items;
  }

  std::byte* sums_of(const Run<T>& run, std::int64_t part, NodeId id) const {
    return run.sums + part * sum_bytes_ + sums_at_[at(id)];
  }

  T* values_of(const Block& block, NodeId id) const {
    return block.own + block.sweep.slots[at(id)] * block_rows_;
  }

  void run_block(const Run<T>& run, const BatchSweep& sweep, std::int64_t part, std::int64_t first,
                 std::int64_t rows, T* own) const {
    const Block block{sweep, first, rows, own};
    if (run.check_rows) find_bad(run, first, rows);
    T* work = work_of(own);
    for (const NodeId id : sweep.steps) {
      if (!value(id).per_row) {
        run_step(run, id, reinterpret_cast<T*>(sums_of(run, part, id)), &block, work);
      } else if (graph_.node(id).op != OpKind::Input) {
        run_step(run, id, values_of(block, id), &block, work);
      } else if (!lies_ready(run, id)) {
        load_rows(run, id, first, rows, values_of(block, id));
      }
    }
    for (const std::size_t output : sweep.outputs) {
      const NodeId id = graph_.outputs()[output].node;
      for (std::int64_t row = 0; row < rows; ++row) {
        const std::int64_t width = value(id).row_width();
        const T* values = rows_of(run, id, block) + row * width;
        const bool bad = run.status[static_cast<std::size_t>(first + row)].first_bad >= 0;
        if (bad) values = std::fill_n(work, width, nan_of<T>()) - width;
        write_rows(values, value(id), row_view(run.results[output], first + row));
      }
    }
  }

  /// Copies values to a view of any rank; returns what lies behind them.
  static const T* write_rows(const T* values, const BatchValue& from, const base::TensorView& to) {
    if (to.rank > 1) {
      for (std::int64_t i = 0; i < to.shape[0]; ++i) {
        values = write_rows(values, from, row_view(to, i));
      }
      return values;
    }
    write_item(values, from.length, to);
    return values + from.width();
  }

  static T* read_rows(const base::TensorView& view, const BatchValue& to, T* out) {
    if (view.rank > 1) {
      for (std::int64_t i = 0; i < view.shape[0]; ++i) out = read_rows(row_view(view, i), to, out);
      return out;
    }
    const auto* from = static_cast<const std::byte*>(view.data);
    convert_row(from, view, to.length, to.length, to.complex, out);
    return out + to.width();
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

  /// A result of no row, or one that is the same in every row.
  void write_shared(const Run<T>& run, NodeId id, const base::TensorView& to) const {
    const std::int64_t width = value(id).row_width();
    T* nan = std::fill_n(run.threads, width, nan_of<T>()) - width;
    if (!has_rows(id)) {
      write_rows(any_bad(run.status) ? nan : shared_of(run, id), value(id), to);
      return;
    }
    for (std::int64_t row = 0; row < run.rows; ++row) {
      const bool bad = run.status[static_cast<std::size_t>(row)].first_bad >= 0;
      write_rows(bad ? nan : shared_of(run, id), value(id), row_view(to, row));
    }
  }

  /// Values of the rows of a block.
  const T* rows_of(const Run<T>& run, NodeId id, const Block& block) const {
    if (!lies_ready(run, id)) return values_of(block, id);
    const auto* data = static_cast<const T*>(run.ports[port_of(id)].data);
    return data + block.first * value(id).width();
  }

  /// `block`: nullptr for a shared result.
  void run_step(const Run<T>& run, NodeId id, T* out, const Block* block, T* work) const {
    const auto in = operands_of(run, id, block);
    const std::int64_t rows = block == nullptr ? 1 : block->rows;
    // A sum has as many items as what it adds.
    const bool sum = ir::info_of(graph_.node(id).op).space == ir::Space::batch;
    const NodeId counted = sum ? operands(id)[0] : id;
    const std::int64_t items = value(counted).items;
    BatchCall<T> call{{in.data(), operands(id).size()},
                      out,
                      rows,
                      rows * items,
                      (has_rows(counted) ? run.rows : 1) * items};
    call.table = table_of(run, id);
    call.work = work;
    const NodeId keeper = kept_for_[at(id)];
    if (block != nullptr && keeper >= 0) {
      call.kept = kept_of(block->own) + kept_values(block_rows_, at(keeper));
    }
    steps_[at(id)].run(call);
  }

  std::span<const NodeId> operands(NodeId id) const { return schedule_.nodes[at(id)].operands; }

  std::array<BatchOperand<T>, 4> operands_of(const Run<T>& run, NodeId id,
                                             const Block* block) const {
    std::array<BatchOperand<T>, 4> in;
    for (std::size_t i = 0; i < operands(id).size(); ++i) {
      const NodeId from = operands(id)[i];
      const BatchValue& known = value(from);
      // A table is made before there are rows.
      const T* data = !known.per_row     ? shared_of(run, from)
                      : block != nullptr ? rows_of(run, from, *block)
                                         : nullptr;
      // Beside other shared values of several items, one has items of its own.
      const bool own = known.per_row || (block == nullptr && known.items > 1);
      in[i] = {data, known.length, known.complex, !own, known.items};
    }
    return in;
  }

  void prepare_step(const Run<T>& run, NodeId id) const {
    const BatchStep<T>& step = steps_[at(id)];
    if (!step.prepare) return;
    const auto in = operands_of(run, id, nullptr);
    step.prepare({in.data(), operands(id).size()}, table_of(run, id));
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
  std::vector<NodeId> kept_for_;    ///< by node: the butterfly that keeps what it reads; or -1
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
