// Whole rows through a tile program, block of rows by block of rows.
#include "runtime/cpu/cpu_program.h"

#include <algorithm>
#include <array>
#include <string>

#include "runtime/check.h"
#include "runtime/cpu/program_base.h"
#include "runtime/cpu/tile_memory.h"
#include "runtime/cpu/tile_stream.h"

namespace papilio::runtime::cpu {
namespace {

/// What the intermediates of a block of rows may take: about what L2 and L3 hold.
constexpr std::int64_t kBlockBudget = std::int64_t{8} << 20;
constexpr std::size_t kMaxPorts = 8;

std::vector<OutputSpec> specs_of(const ir::Graph& graph) {
  std::vector<OutputSpec> specs;
  for (const ir::Output& output : graph.outputs()) {
    specs.push_back({output.name, graph.node(output.node).type});
  }
  return specs;
}

base::TensorView rows_from(base::TensorView view, std::int64_t first, std::int64_t count) {
  view.data = static_cast<std::byte*>(view.data) + first * view.byte_strides[0];
  view.shape[0] = count;
  return view;
}

template <typename T>
class CpuProgram final : public Program {
 public:
  CpuProgram(const ir::Graph& graph, kernels::Isa isa)
      : Program(specs_of(graph), std::string("cpu ") + kernels::name_of(isa)),
        tiles_(lower<T>(graph, isa)) {
    for (const ir::Node& node : graph.nodes()) {
      if (node.op == ir::OpKind::Input) input_attrs_.push_back(node.as<ir::InputAttrs>());
    }
    if (input_attrs_.size() > kMaxPorts || graph.outputs().size() > kMaxPorts) {
      throw UserError("[cpu] a graph has at most 8 inputs and 8 outputs");
    }
  }

  void run(std::span<const base::TensorView> inputs, std::span<const base::TensorView> outputs,
           const RunOptions& options, std::span<RowStatus> status, Workspace& work) const override {
    const std::int64_t rows =
        check_ports(input_attrs_, this->outputs(), tiles_.rule, inputs, outputs);
    const std::int64_t block = block_rows(inputs[0].shape[1], options);
    for (std::int64_t first = 0; first < rows; first += block) {
      const std::int64_t count = std::min(block, rows - first);
      std::array<Samples, kMaxPorts> samples;
      for (std::size_t i = 0; i < inputs.size(); ++i) {
        samples[i] = {rows_from(inputs[i], first, count), 0, inputs[i].shape[1]};
      }
      std::array<Place<T>, kMaxPorts> places;
      for (std::size_t i = 0; i < outputs.size(); ++i) {
        places[i] = place_of<T>(rows_from(outputs[i], first, count), tiles_.outputs[i]);
      }
      run_block({samples.data(), inputs.size()}, {places.data(), outputs.size()}, options,
                block_status(status, first, count, work), work);
    }
  }

  MemoryNeed run_memory(const Load& load, const RunOptions& options) const override {
    const std::int64_t frames = tiles_.rule ? tiles_.rule->frames(load.samples) : 0;
    const BlockLoad block{std::min(load.rows, block_rows(load.samples, options)), frames,
                          load.dtype, options.pool == nullptr ? 1 : options.pool->size()};
    MemoryNeed need{tiles_memory(tiles_, block), 0.0};
    for (std::size_t i = 0; i < tiles_.regions.size(); ++i) {
      if (fusable(i, frames, options)) {
        ++i;  // one visit, nothing in between
      } else {
        add_region_memory(tiles_, tiles_.regions[i], block, need);
      }
    }
    return need;
  }

  MemoryNeed stream_memory(const Load& load, const RunOptions& options) const override {
    return tile_stream_memory<T>(tiles_, load, options);
  }

  std::unique_ptr<Stream> stream(std::int64_t rows, const RunOptions& options) const override {
    if (!tiles_.rule || tiles_.inputs != 1) {
      throw UserError("[stream] only a graph that cuts one input into frames can be streamed");
    }
    return make_tile_stream<T>(tiles_, input_attrs_[0].complex, rows, options);
  }

 private:
  /// Rows per block: whole tiles for every thread, and intermediates that stay in the cache.
  std::int64_t block_rows(std::int64_t samples, const RunOptions& options) const {
    const std::int64_t frames = tiles_.rule ? tiles_.rule->frames(samples) : 0;
    std::int64_t bytes = 1;
    for (const Stored& stored : tiles_.stored) {
      bytes += (stored.frames ? frames : 1) * stored.width() * static_cast<std::int64_t>(sizeof(T));
    }
    const std::int64_t threads = options.pool == nullptr ? 1 : options.pool->size();
    const std::int64_t step = tiles_.lanes * threads;
    return std::max<std::int64_t>(1, kBlockBudget / bytes / step) * step;
  }

  std::span<RowStatus> block_status(std::span<RowStatus> status, std::int64_t first,
                                    std::int64_t count, Workspace& work) const {
    RowStatus* own = status.empty() ? work.get<RowStatus>(kStatus, static_cast<std::size_t>(count))
                                    : status.data() + first;
    std::fill_n(own, count, RowStatus{});
    return {own, static_cast<std::size_t>(count)};
  }

  /// A fold of few frames, and the rows' region right behind it reads nothing else.
  bool fusable(std::size_t index, std::int64_t frames, const RunOptions& options) const {
    const Region<T>& fold = tiles_.regions[index];
    if (!is_summing(fold) || frames > kUnitFrames || options.bad == BadSamples::skip) return false;
    int readers = 0;
    for (const Region<T>& region : tiles_.regions) {
      for (const Source& source : region.sources) {
        readers += source.from == Source::From::stored && source.index == fold.fold->stored;
      }
    }
    if (readers != 1 || index + 1 == tiles_.regions.size()) return false;
    const Region<T>& tail = tiles_.regions[index + 1];
    const bool stores = std::any_of(tail.sinks.begin(), tail.sinks.end(),
                                    [](const Sink& sink) { return sink.to == Sink::To::stored; });
    return !tail.frames && !stores && tail.sources.size() == 1 &&
           tail.sources[0].from == Source::From::stored &&
           tail.sources[0].index == fold.fold->stored &&
           tail.sources[0].value.re == fold.fold->accumulator.re;
  }

  void run_block(std::span<const Samples> inputs, std::span<const Place<T>> places,
                 const RunOptions& options, std::span<RowStatus> status, Workspace& work) const {
    const std::int64_t rows = inputs[0].view.shape[0];
    const std::int64_t frames = tiles_.rule ? tiles_.rule->frames(inputs[0].row_samples) : 0;
    Executor<T> executor(tiles_, work, options);
    executor.begin(rows, inputs, status);
    executor.set_outputs(places);
    for (std::size_t i = 0; i < tiles_.regions.size(); ++i) {
      const Region<T>& region = tiles_.regions[i];
      if (fusable(i, frames, options)) {
        executor.run_fused(region, tiles_.regions[++i], frames);
      } else if (is_summing(region)) {
        FoldTree<T> tree(work, kTreeFirst, rows, region.fold->accumulator.length,
                         combine_of(region));
        executor.add_frames(region, tree, 0, frames);
        executor.close_fold(region, tree, frames);
      } else {
        for (const Sink& sink : region.sinks) {
          const auto index = static_cast<std::size_t>(sink.index);
          if (sink.to == Sink::To::stored) {
            executor.set_stored(index, executor.make_place(index, frames));
          }
        }
        executor.run_region(region, 0, frames);
        if (region.fold) executor.close_median(region, frames);
      }
    }
    executor.blank_bad_rows(frames);
  }

  TileProgram<T> tiles_;
  std::vector<ir::InputAttrs> input_attrs_;
};

}  // namespace

std::unique_ptr<Program> make_tile_program(const ir::Graph& graph, kernels::Isa isa) {
  if (graph.compute() == DType::f64) return std::make_unique<CpuProgram<double>>(graph, isa);
  return std::make_unique<CpuProgram<float>>(graph, isa);
}

}  // namespace papilio::runtime::cpu
