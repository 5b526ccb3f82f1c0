// Windows of frames out of a sliding buffer; what is left is done at the end, when the length of
// the rows is known.
#include "runtime/cpu/tile_stream.h"

#include <algorithm>
#include <array>
#include <vector>

#include "papilio/error.h"
#include "runtime/cpu/program_base.h"
#include "runtime/cpu/sample_buffer.h"
#include "runtime/cpu/tile_memory.h"

namespace papilio::runtime::cpu {
namespace {

/// Samples of all rows that a window of frames is collected from, in bytes.
constexpr std::int64_t kWindowBudget = std::int64_t{4} << 20;

/// Frames that are computed together.
std::int64_t window_frames(const ir::FrameRule& rule, std::int64_t rows, DType dtype) {
  const std::int64_t hop_bytes = rows * rule.hop * static_cast<std::int64_t>(size_of(dtype));
  const std::int64_t units = kWindowBudget / std::max<std::int64_t>(1, hop_bytes * kUnitFrames);
  return std::clamp<std::int64_t>(units, 1, 4096) * kUnitFrames;
}

/// Every frame of a value, growing: [rows][capacity][width].
template <typename T>
struct FrameStore {
  base::Buffer<T> data;
  std::int64_t capacity = 0;
  std::int64_t width = 0;

  void reserve(std::int64_t rows, std::int64_t frames, std::int64_t used) {
    if (frames <= capacity) return;
    const std::int64_t grown = std::max(frames, 2 * capacity);
    base::Buffer<T> moved(static_cast<std::size_t>(rows * grown * width));
    for (std::int64_t row = 0; row < rows; ++row) {
      std::copy_n(data.data() + row * capacity * width, used * width,
                  moved.data() + row * grown * width);
    }
    data = std::move(moved);
    capacity = grown;
  }

  Place<T> place(std::int64_t first, T* row_max) {
    return {data.data() + first * width, capacity * width, width, 1, row_max};
  }
};

template <typename T>
class TileStream final : public Stream {
 public:
  TileStream(const TileProgram<T>& program, bool complex_input, std::int64_t rows,
             const RunOptions& options)
      : program_(program),
        complex_(complex_input),
        rows_(rows),
        executor_(program, work_, options),
        status_(static_cast<std::size_t>(rows)),
        stored_(program.stored.size()),
        outputs_(program.outputs.size()) {
    for (std::size_t i = 0; i < stored_.size(); ++i) stored_[i].width = program.stored[i].width();
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
      const OutputLayout& layout = program.outputs[i];
      outputs_[i].width = layout.length * (layout.complex ? 2 : 1);
    }
    for (std::size_t i = 0; i < program.regions.size(); ++i) {
      const Region<T>& region = program.regions[i];
      if (!is_summing(region)) continue;
      if (!follows_input(region)) {
        throw UserError("[stream] a mean over frames that need the whole row cannot be streamed");
      }
      trees_.emplace_back(work_, kTreeFirst + kTreeBlocks * trees_.size(), rows,
                          region.fold->accumulator.length, combine_of(region));
    }
  }

  void push(const base::TensorView& chunk) override {
    if (finished_) throw UserError("[stream] push after finish");
    if (chunk.rank != 2 || chunk.shape[0] != rows_) {
      throw UserError("[stream] a chunk is not [rows, samples]");
    }
    if (is_complex(chunk.dtype) && !complex_) {
      throw UserError("[stream] the chunk is complex, the plan was made for real samples");
    }
    const std::int64_t window = window_frames(*program_.rule, rows_, chunk.dtype);
    const std::int64_t piece = window * program_.rule->hop;
    for (std::int64_t begin = 0; begin < chunk.shape[1]; begin += piece) {
      const std::int64_t end = std::min(chunk.shape[1], begin + piece);
      const std::int64_t last =
          program_.rule->fixed_samples;  // what lies behind is never looked at
      const std::int64_t used = last > 0 ? std::min(end, begin + last - buffer_.end()) : end;
      if (used > begin) buffer_.append(chunk, begin, used);
      samples_ += end - begin;
      work_off(window);
    }
  }

  void finish() override {
    if (finished_) return;
    finished_ = true;
    if (frames() < 1) {
      throw UserError("[stream] " + std::to_string(samples()) + " samples hold no frame of " +
                      std::to_string(program_.rule->length));
    }
    run_window(frames());
  }

  std::int64_t samples() const override { return samples_; }

  void fetch(std::span<const base::TensorView> results) override {
    if (!finished_) throw UserError("[stream] fetch before finish");
    std::vector<Place<T>> places;
    for (std::size_t i = 0; i < results.size(); ++i) {
      places.push_back(place_of<T>(results[i], program_.outputs[i]));
    }
    executor_.set_outputs(places);
    std::size_t tree = 0;
    for (const Region<T>& region : program_.regions) {
      for (const Sink& sink : region.sinks) prepare_sink(sink);
      if (is_summing(region)) {
        if (!totals_done_) executor_.close_fold(region, trees_[tree], frames());
        ++tree;
      } else if (region.fold) {
        executor_.close_median(region, frames());
      } else if (follows_input(region)) {
        copy_frames(region, places);
      } else {
        executor_.run_region(region, 0, frames());
      }
    }
    totals_done_ = true;
    executor_.blank_bad_rows(frames());
  }

  std::span<const RowStatus> status() const override { return status_; }

 private:
  std::int64_t frames() const { return program_.rule->frames(samples()); }

  /// Frames that can be computed whatever comes next.
  std::int64_t ready_frames() const {
    const ir::FrameRule& rule = *program_.rule;
    std::int64_t have = samples();
    if (rule.fixed_samples > 0) have = std::min(have, rule.fixed_samples);
    if (have <= rule.pad_left) return 0;
    // A rule that leaves out the last frame, or counts by rounding, must first see one more.
    const std::int64_t reach = rule.count == ir::FrameCount::full ? 0 : rule.hop;
    const std::int64_t whole = have + rule.pad_left - rule.length - reach;
    return whole < 0 ? 0 : whole / rule.hop + 1;
  }

  void work_off(std::int64_t window) {
    const std::int64_t ready = (ready_frames() - next_frame_) / kUnitFrames * kUnitFrames;
    if (ready < window) return;
    run_window(next_frame_ + ready);
    const ir::FrameRule& rule = *program_.rule;
    // Reflection at the right end reads back as far as it pads.
    const std::int64_t back = buffer_.end() - rule.pad_right - rule.length - 1;
    buffer_.drop_before(std::min(next_frame_ * rule.hop - rule.pad_left, back));
  }

  /// Computes frames [next_frame_, last).
  void run_window(std::int64_t last) {
    if (last <= next_frame_) return;
    inputs_[0] = {buffer_.view(), buffer_.first(), finished_ ? samples() : -1};
    if (!began_) executor_.begin(rows_, inputs_, status_);
    began_ = true;
    executor_.set_inputs(inputs_);
    std::vector<Place<T>> places(outputs_.size());
    executor_.set_outputs(places);
    std::size_t tree = 0;
    for (const Region<T>& region : program_.regions) {
      if (!follows_input(region)) continue;
      if (is_summing(region)) {
        executor_.add_frames(region, trees_[tree++], next_frame_, last);
        continue;
      }
      for (const Sink& sink : region.sinks) grow_sink(sink, last, places);
      executor_.run_region(region, next_frame_, last);
    }
    next_frame_ = last;
  }

  void grow_sink(const Sink& sink, std::int64_t last, std::vector<Place<T>>& places) {
    const auto index = static_cast<std::size_t>(sink.index);
    auto& store = sink.to == Sink::To::output ? outputs_[index] : stored_[index];
    store.reserve(rows_, last, next_frame_);
    if (sink.to == Sink::To::output) {
      places[index] = store.place(next_frame_, nullptr);
    } else {
      executor_.set_stored(index, store.place(next_frame_, executor_.stored()[index].row_max));
    }
  }

  /// Before the last regions run: kept frames are seen from frame 0, rows get their memory.
  void prepare_sink(const Sink& sink) {
    if (sink.to != Sink::To::stored) return;
    const auto index = static_cast<std::size_t>(sink.index);
    if (program_.stored[index].frames) {
      executor_.set_stored(index, stored_[index].place(0, executor_.stored()[index].row_max));
    } else {
      executor_.set_stored(index, executor_.make_place(index, 0));
    }
  }

  void copy_frames(const Region<T>& region, std::span<const Place<T>> places) {
    for (const Sink& sink : region.sinks) {
      if (sink.to != Sink::To::output) continue;
      const auto index = static_cast<std::size_t>(sink.index);
      const Place<T> from = outputs_[index].place(0, nullptr);
      const Place<T>& to = places[index];
      const std::int64_t parts = program_.outputs[index].complex ? 2 : 1;
      for (std::int64_t row = 0; row < rows_; ++row) {
        for (std::int64_t f = 0; f < frames(); ++f) {
          const T* source = from.data + row * from.row_stride + f * from.frame_stride;
          T* target = to.data + row * to.row_stride + f * to.frame_stride;
          for (std::int64_t e = 0; e < outputs_[index].width; ++e) {
            target[e / parts * to.element_stride * parts + e % parts] = source[e];
          }
        }
      }
    }
  }

  const TileProgram<T>& program_;
  bool complex_;
  std::int64_t rows_;
  Workspace work_;
  Executor<T> executor_;
  std::vector<RowStatus> status_;
  std::vector<FoldTree<T>> trees_;
  std::vector<FrameStore<T>> stored_, outputs_;
  SampleBuffer buffer_;
  std::array<Samples, 1> inputs_;
  std::int64_t samples_ = 0;
  std::int64_t next_frame_ = 0;
  bool began_ = false, finished_ = false, totals_done_ = false;
};

}  // namespace

template <typename T>
std::unique_ptr<Stream> make_tile_stream(const TileProgram<T>& program, bool complex_input,
                                         std::int64_t rows, const RunOptions& options) {
  return std::make_unique<TileStream<T>>(program, complex_input, rows, options);
}

template <typename T>
MemoryNeed tile_stream_memory(const TileProgram<T>& program, const Load& load,
                              const RunOptions& options) {
  if (!program.rule) return {};
  const ir::FrameRule& rule = *program.rule;
  const BlockLoad block{load.rows, rule.frames(load.samples), load.dtype,
                        options.pool == nullptr ? 1 : options.pool->size()};
  MemoryNeed need{tiles_memory(program, block), 0.0};
  for (const Region<T>& region : program.regions) {
    add_region_memory(program, region, block, need);
    for (const Sink& sink : region.sinks) {
      if (sink.to != Sink::To::output || !follows_input(region)) continue;
      const OutputLayout& output = program.outputs[static_cast<std::size_t>(sink.index)];
      need.frames += static_cast<double>(load.rows) * static_cast<double>(block.frames) *
                     static_cast<double>(output.length * (output.complex ? 2 : 1)) * sizeof(T);
    }
  }
  // Samples wait for a window of frames, a second one at most behind it, in twice the room.
  const double window = static_cast<double>(window_frames(rule, load.rows, load.dtype));
  const double waiting = static_cast<double>(rule.length + rule.pad_left + rule.pad_right) +
                         2.0 * window * static_cast<double>(rule.hop);
  need.work += 2.0 * static_cast<double>(load.rows) * static_cast<double>(size_of(load.dtype)) *
               std::min(waiting, static_cast<double>(std::max<std::int64_t>(0, load.samples)));
  return need;
}

template MemoryNeed tile_stream_memory<float>(const TileProgram<float>&, const Load&,
                                              const RunOptions&);
template MemoryNeed tile_stream_memory<double>(const TileProgram<double>&, const Load&,
                                               const RunOptions&);
template std::unique_ptr<Stream> make_tile_stream<float>(const TileProgram<float>&, bool,
                                                         std::int64_t, const RunOptions&);
template std::unique_ptr<Stream> make_tile_stream<double>(const TileProgram<double>&, bool,
                                                          std::int64_t, const RunOptions&);

}  // namespace papilio::runtime::cpu
