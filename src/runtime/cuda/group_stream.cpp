// Windows of frames, and the sums they leave.
#include "runtime/cuda/group_stream.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "papilio/error.h"
#include "runtime/cpu/sample_buffer.h"
#include "runtime/cuda/host_rows.h"
#include "runtime/cuda/launcher.h"

namespace papilio::runtime::cuda {
namespace {

using codegen::kGroupFrames;

/// Samples of a window in bytes, where groups of all rows leave a choice.
constexpr double kWindowBytes = 1024.0 * 1024.0;

std::int64_t window_frames(const ir::FrameRule& rule, std::int64_t rows, DType dtype) {
  const double group = static_cast<double>(kGroupFrames * rule.hop) * static_cast<double>(rows) *
                       static_cast<double>(size_of(dtype));
  const double groups = std::clamp(kWindowBytes / std::max(1.0, group), 1.0, 1e6);
  return static_cast<std::int64_t>(groups) * kGroupFrames;
}

std::int64_t aligned_bytes(std::int64_t bytes) {
  constexpr std::int64_t kAlign = codegen::kRowAlign;
  return (bytes + kAlign - 1) / kAlign * kAlign;
}

std::size_t length_of(const codegen::Stored& stored, bool single) {
  return stored.item_bytes / (single ? sizeof(float) : sizeof(double));
}

double larger(double a, double b) { return a > b || std::isnan(a) ? a : b; }

/// What the samples so far have left of every row: for each value that groups of frames leave,
/// [row][element] in double, as the device adds them up.
struct Totals {
  std::vector<std::vector<double>> values;
  std::vector<RowStatus> status;
  bool empty = true;

  Totals(const codegen::DeviceProgram& program, std::int64_t rows, bool single)
      : values(program.stored.size()), status(static_cast<std::size_t>(rows)) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (program.stored[i].items != codegen::Items::groups) continue;
      values[i].assign(static_cast<std::size_t>(rows) * length_of(program.stored[i], single), 0.0);
    }
  }

  /// Adds the groups [group][element] of one row, in their order. `R`: as the device computes.
  template <typename R>
  void add(std::size_t index, bool largest, std::int64_t row, const std::byte* groups,
           std::int64_t count, std::size_t length) {
    double* const sums = values[index].data() + static_cast<std::size_t>(row) * length;
    for (std::int64_t g = 0; g < count; ++g) {
      for (std::size_t i = 0; i < length; ++i, groups += sizeof(R)) {
        R value{};
        std::memcpy(&value, groups, sizeof value);
        if (!largest) {
          sums[i] += static_cast<double>(value);
        } else {
          sums[i] = empty && g == 0 ? value : larger(sums[i], value);
        }
      }
    }
  }
};

/// A double as so many numbers of R whose sum in double it is: 3 floats, or itself.
template <typename R>
void write_parts(double value, std::size_t stride, R* to, std::int64_t parts) {
  for (std::int64_t part = 0; part < parts; ++part, to += stride) {
    *to = static_cast<R>(value);
    value = std::isfinite(static_cast<double>(*to)) ? value - static_cast<double>(*to) : 0.0;
  }
}

class GroupStream final : public runtime::Stream {
 public:
  GroupStream(const StreamParts& parts, std::int64_t rows, const RunOptions& options)
      : parts_(parts),
        options_(options),
        rows_(rows),
        stream_(parts.device),
        memory_(parts.device),
        staged_(parts.device),
        status_(static_cast<std::size_t>(rows)) {}

  /// A chunk of which some was taken before an error cannot be given once more.
  void push(const base::TensorView& chunk) override {
    check_whole();
    const std::int64_t before = held_.end();
    try {
      take(chunk);
    } catch (...) {
      broken_ = held_.end() != before;
      throw;
    }
  }
  void finish() override {}
  std::int64_t samples() const override { return held_.end(); }
  std::span<const RowStatus> status() const override { return status_; }

  void fetch(std::span<const base::TensorView> outputs) override {
    check_whole();
    if (done_ == 0) return fetch_short(outputs);
    Totals all = *totals_;
    fold(all, done_, whole_frames() - done_);
    fetch_totals(all, outputs);
  }

 private:
  void check_whole() const {
    if (!broken_) return;
    throw UserError("[stream] an error has ended this stream in the middle of a chunk; begin anew");
  }

  /// In pieces of a window, so that a long chunk is not held as a whole.
  void take(const base::TensorView& chunk) {
    if (window_ == 0) window_ = window_frames(parts_.rule, rows_, chunk.dtype);
    const std::int64_t piece = window_ * parts_.rule.hop;
    const std::int64_t count = chunk.shape[1];
    for (std::int64_t at = 0; at < count || at == 0; at += piece) {
      held_.append(chunk, at, std::min(count, at + piece));
      // One frame is left, so that a row that is folded here is a long one in the end.
      while (whole_frames() - done_ > window_) fold_window(window_);
    }
  }
  std::int64_t whole_frames() const { return parts_.rule.frames(held_.end()); }

  /// Nothing has been folded: an ordinary run.
  void fetch_short(std::span<const base::TensorView> outputs) {
    const base::TensorView rows = held_.view();
    Workspace work;
    parts_.program.run({&rows, 1}, outputs, options_, status_, work);
  }

  codegen::Signature signature() const {
    codegen::Signature signature = parts_.signature;
    const base::TensorView held = held_.view();
    signature.inputs[0] = {held.dtype, true, held.scale != 1.0, true};
    signature.long_rows = true;
    signature.skip = options_.bad == BadSamples::skip;
    return signature;
  }

  void fold_window(std::int64_t frames) {
    if (!compiled_) {
      compiled_ = parts_.compiled.get(signature());
      totals_ = std::make_unique<Totals>(compiled_->program, rows_, parts_.single);
    }
    fold(*totals_, done_, frames);
    done_ += frames;
    held_.drop_before(done_ * parts_.rule.hop);
  }

  /// Adds frames [first, first + frames) to the totals, some rows at a time.
  void fold(Totals& totals, std::int64_t first, std::int64_t frames) {
    if (frames == 0) return;
    const base::TensorView held = held_.view();
    const std::int64_t samples = (frames - 1) * parts_.rule.hop + parts_.rule.length;
    const std::int64_t bytes = samples * static_cast<std::int64_t>(size_of(held.dtype));
    const auto most = static_cast<std::int64_t>(kWindowBytes / static_cast<double>(bytes));
    const std::int64_t count = std::clamp<std::int64_t>(most, 1, std::max<std::int64_t>(1, rows_));
    for (std::int64_t row = 0; row < rows_; row += count) {
      fold_rows(totals, {row, std::min(count, rows_ - row), first, frames, samples, bytes});
    }
    totals.empty = false;
  }

  struct Window {
    std::int64_t row;
    std::int64_t rows;
    std::int64_t frame;
    std::int64_t frames;
    std::int64_t samples;
    std::int64_t bytes;  ///< of a row's samples
  };

  void fold_rows(Totals& totals, const Window& window) {
    const codegen::DeviceProgram& program = compiled_->program;
    const WorkLayout layout(program, window.rows, window.frames);
    const std::int64_t pitch = aligned_bytes(window.bytes);
    const auto in_bytes = static_cast<std::size_t>(pitch * window.rows + 255) / 256 * 256;
    memory_.reserve(in_bytes + layout.total);
    staged_.reserve(std::max(in_bytes, layout.total));
    const CUdeviceptr work = memory_.data() + in_bytes;
    const base::TensorView in = send(window, pitch);
    enqueue(*compiled_, {{&in, 1}, {}, window.rows, window.samples, window.frames, true}, work,
            stream_, Part::frames);
    bring(staged_.data(), work, layout.status);
    for (std::size_t i = 0; i < program.stored.size(); ++i) {
      const codegen::Stored& stored = program.stored[i];
      if (stored.items != codegen::Items::groups) continue;
      bring(staged_.data() + layout.stored[i], work + layout.stored[i],
            static_cast<std::size_t>(window.rows * groups_of(window.frames)) * stored.item_bytes);
    }
    await(*compiled_, window.rows, window.samples, stream_);
    take(totals, window, layout);
  }

  static std::int64_t groups_of(std::int64_t frames) {
    return (frames + kGroupFrames - 1) / kGroupFrames;
  }

  void bring(std::byte* to, CUdeviceptr from, std::size_t bytes) {
    copy_to_host(to, from, bytes, stream_);
  }

  /// The window's samples on the device, each row from a multiple of kRowAlign bytes on.
  base::TensorView send(const Window& window, std::int64_t pitch) {
    const base::TensorView held = held_.view();
    const std::int64_t skipped = window.frame * parts_.rule.hop - held_.first();
    const std::byte* const from = row_address(held, window.row) + skipped * held.byte_strides[1];
    base::split(options_.pool, window.rows, 1, [&](int, std::int64_t begin, std::int64_t end) {
      for (std::int64_t row = begin; row < end; ++row) {
        std::memcpy(staged_.data() + row * pitch, from + row * held.byte_strides[0],
                    static_cast<std::size_t>(window.bytes));
      }
    });
    copy_to_device(memory_.data(), staged_.data(), static_cast<std::size_t>(pitch * window.rows),
                   stream_);
    base::TensorView view = held;
    view.data = reinterpret_cast<void*>(memory_.data());
    view.device = base::DeviceKind::cuda;
    view.shape[0] = window.rows;
    view.shape[1] = window.samples;
    view.byte_strides[0] = pitch;
    return view;
  }

  void take(Totals& totals, const Window& window, const WorkLayout& layout) const {
    const codegen::DeviceProgram& program = compiled_->program;
    const std::int64_t groups = groups_of(window.frames);
    for (std::int64_t row = 0; row < window.rows; ++row) {
      for (std::size_t i = 0; i < program.stored.size(); ++i) {
        const codegen::Stored& stored = program.stored[i];
        if (stored.items != codegen::Items::groups) continue;
        const std::byte* const from = staged_.data() + layout.stored[i] +
                                      static_cast<std::size_t>(row * groups) * stored.item_bytes;
        const std::size_t length = length_of(stored, parts_.single);
        if (parts_.single) {
          totals.add<float>(i, stored.largest, window.row + row, from, groups, length);
        } else {
          totals.add<double>(i, stored.largest, window.row + row, from, groups, length);
        }
      }
      RowStatus& all = totals.status[static_cast<std::size_t>(window.row + row)];
      const RowStatus own = status_at(staged_.data(), layout, row);
      if (all.first_bad < 0 && own.first_bad >= 0) {
        all.first_bad = window.frame * parts_.rule.hop + own.first_bad;
      }
      all.skipped += own.skipped;
    }
  }

  /// What follows from the totals, row by row.
  void fetch_totals(const Totals& totals, std::span<const base::TensorView> outputs) {
    codegen::Signature tail = signature();
    for (std::size_t i = 0; i < outputs.size(); ++i)
      tail.dense_outputs[i] = dense_items(outputs[i]);
    const auto compiled = parts_.compiled.get(tail);
    const std::int64_t parts = parts_.single ? 3 : 1;
    const WorkLayout layout(compiled->program, rows_, parts * kGroupFrames);
    std::size_t out_bytes = 0;
    for (const base::TensorView& view : outputs) out_bytes += port_bytes(view, rows_);
    memory_.reserve(out_bytes + layout.total);
    staged_.reserve(std::max(out_bytes + layout.status, layout.total));
    const CUdeviceptr work = memory_.data() + out_bytes;
    stage(totals, layout, parts);
    copy_to_device(work, staged_.data(), layout.total, stream_);
    const std::vector<base::TensorView> out = place(outputs, rows_, memory_.data());
    base::TensorView none = held_.view();  // is not read
    none.byte_strides = {};
    enqueue(*compiled, {{&none, 1}, out, rows_, held_.end(), whole_frames(), true, parts}, work,
            stream_, Part::rows);
    bring(staged_.data(), memory_.data(), out_bytes);
    bring(staged_.data() + out_bytes, work, layout.status);
    await(*compiled, rows_, held_.end(), stream_);
    const std::byte* from = staged_.data();
    for (const base::TensorView& view : outputs) {
      unpack(view, 0, rows_, from, options_.pool);
      from += port_bytes(view, rows_);
    }
    read_status(from, layout, status_);
  }

  /// Status and totals as the launches of rows find them in their work memory.
  void stage(const Totals& totals, const WorkLayout& layout, std::int64_t parts) {
    std::memset(staged_.data(), 0, layout.total);
    for (std::int64_t row = 0; row < rows_; ++row) {
      put_status(staged_.data(), layout, row, totals.status[static_cast<std::size_t>(row)]);
    }
    for (std::size_t i = 0; i < totals.values.size(); ++i) {
      if (totals.values[i].empty()) continue;
      const codegen::Stored& stored = compiled_->program.stored[i];
      const std::size_t length = length_of(stored, parts_.single);
      std::byte* to = staged_.data() + layout.stored[i];
      for (std::size_t at = 0; at < totals.values[i].size(); ++at) {
        const double value = totals.values[i][at];
        const std::size_t row = at / length;
        const std::size_t first = row * static_cast<std::size_t>(parts) * length + at % length;
        if (!parts_.single) {
          write_parts(value, length, reinterpret_cast<double*>(to) + first, parts);
        } else if (stored.largest) {
          for (std::int64_t part = 0; part < parts; ++part) {
            reinterpret_cast<float*>(to)[first + static_cast<std::size_t>(part) * length] =
                static_cast<float>(value);
          }
        } else {
          write_parts(value, length, reinterpret_cast<float*>(to) + first, parts);
        }
      }
    }
  }

  StreamParts parts_;
  RunOptions options_;
  std::int64_t rows_;
  cuda::Stream stream_;
  DeviceBuffer memory_;
  PinnedBuffer staged_;
  std::vector<RowStatus> status_;
  cpu::SampleBuffer held_;
  std::int64_t window_ = 0;  ///< frames, a multiple of kGroupFrames
  std::int64_t done_ = 0;    ///< frames that the totals hold
  bool broken_ = false;      ///< some of a chunk was taken, and perhaps folded
  std::shared_ptr<const Compiled> compiled_;
  std::unique_ptr<Totals> totals_;
};

}  // namespace

std::unique_ptr<runtime::Stream> make_group_stream(const StreamParts& parts, std::int64_t rows,
                                                   const RunOptions& options) {
  return std::make_unique<GroupStream>(parts, rows, options);
}

double group_stream_bytes(const ir::FrameRule& rule, std::int64_t rows, DType dtype) {
  // Two windows are held, and one is staged.
  const double samples =
      3.0 * static_cast<double>(window_frames(rule, rows, dtype) * rule.hop + rule.length);
  return samples * static_cast<double>(rows) * static_cast<double>(size_of(dtype));
}

}  // namespace papilio::runtime::cuda
