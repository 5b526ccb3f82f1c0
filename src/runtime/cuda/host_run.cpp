// Chunks of rows, several in flight.
#include "runtime/cuda/host_run.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/memory.h"
#include "papilio/error.h"
#include "runtime/cuda/device_views.h"
#include "runtime/cuda/host_rows.h"

namespace papilio::runtime::cuda {
namespace {

/// Input of a chunk in bytes: a share of what is left, since the last chunk's kernels and results
/// overlap with nothing, and every chunk costs a few us; not so little that queueing it takes
/// longer than its copy, and not so much that staging it leaves the processor's caches. What is
/// staged overlaps with the copies before it and has smaller chunks.
constexpr double kLeastBytes = 768.0 * 1024.0;
constexpr double kMostBytes = 8.0 * 1024.0 * 1024.0;
constexpr double kStagedShare = 0.5;
constexpr double kDirectShare = 0.75;

std::size_t ports_bytes(std::span<const base::TensorView> views, std::int64_t rows) {
  std::size_t bytes = 0;
  for (const base::TensorView& view : views) bytes += port_bytes(view, rows);
  return bytes;
}

/// A port of the run, and whether the device reaches the caller's memory itself.
struct Port {
  base::TensorView view;
  bool direct = false;
  bool written_there = false;  ///< by the kernel
};

std::vector<Port> ports_of(const Device& device, std::span<const base::TensorView> views) {
  std::vector<Port> ports;
  for (const base::TensorView& view : views) {
    const auto bytes = static_cast<std::size_t>(row_bytes(view) * view.shape[0]);
    ports.push_back({view, is_block(view) && is_pinned(device, view.data, bytes)});
  }
  return ports;
}

class HostRun {
 public:
  HostRun(const Compiled& compiled, const Device& device, std::span<const base::TensorView> inputs,
          std::span<const base::TensorView> outputs, std::int64_t frames, const RunOptions& options,
          std::span<RowStatus> status, Session& session)
      : compiled_(compiled),
        device_(device),
        inputs_(inputs),
        outputs_(outputs),
        in_(ports_of(device, inputs)),
        out_(ports_of(device, outputs)),
        share_(std::all_of(in_.begin(), in_.end(), [](auto& port) { return port.direct; })
                   ? kDirectShare
                   : kStagedShare),
        frames_(frames),
        pool_(options.pool),
        status_(status),
        slots_(session.slots) {
    // By the only kernel, which reads none of them again: a copy less to wait for.
    for (Port& port : out_) {
      port.written_there = port.direct && dense_items(port.view) && lies_aligned(port.view) &&
                           !compiled.program.clears;
    }
  }

  void run() {
    const std::int64_t rows = inputs_[0].shape[0];
    choose_chunk(rows);
    std::size_t turn = 0;
    for (std::int64_t first = 0; first < rows; ++turn) {
      Slot& slot = slots_[turn % slots_.size()];
      finish(slot);
      const std::int64_t count = std::min(chunk_, next_chunk(rows - first));
      start(slot, first, count);
      first += count;
    }
    for (std::size_t i = 0; i < slots_.size(); ++i) finish(slots_[(turn + i) % slots_.size()]);
  }

  /// Waits for what is on its way between the device and the caller's memory, which may go with the
  /// error that ended the run.
  void abandon() noexcept {
    for (Slot& slot : slots_) {
      try {
        slot.stream.synchronize();
      } catch (const DeviceError&) {
        continue;  // the first error is the one to tell
      }
    }
  }

 private:
  /// Rows of the next chunk where so many are left.
  std::int64_t next_chunk(std::int64_t left) const {
    double bytes = 0.0;
    for (const base::TensorView& view : inputs_) bytes += static_cast<double>(row_bytes(view));
    const double wanted =
        std::clamp(bytes * static_cast<double>(left) * share_, kLeastBytes, kMostBytes);
    const double rows = std::max(1.0, wanted / std::max(1.0, bytes));
    // What would be left for a last chunk of less than half of the least goes along.
    const bool all = (static_cast<double>(left) - rows) * bytes < 0.5 * kLeastBytes;
    return all ? left : static_cast<std::int64_t>(rows);
  }

  /// As many rows and slots as the device has memory for: first fewer rows, then fewer slots.
  void choose_chunk(std::int64_t rows) {
    chunk_ = next_chunk(rows);
    if (chunk_ == rows) slots_ = slots_.first(1);
    while (!reserve()) {
      if (chunk_ > 1) {
        chunk_ = (chunk_ + 1) / 2;
      } else if (slots_.size() > 1) {
        slots_ = slots_.first(slots_.size() / 2);
      } else {
        refuse();
      }
    }
  }

  /// What a chunk takes of the device's memory: inputs, results, work memory.
  std::size_t bytes_there(std::int64_t rows) const {
    return ports_bytes(inputs_, rows) + results_bytes(rows) +
           WorkLayout(compiled_.program, rows, frames_).total;
  }
  std::size_t results_bytes(std::int64_t rows) const {
    std::size_t bytes = 0;
    for (const Port& port : out_) bytes += port.written_there ? 0 : port_bytes(port.view, rows);
    return bytes;
  }

  /// Device memory for a chunk in each slot; all of it is given back where it is too little.
  bool reserve() {
    const std::size_t bytes = bytes_there(chunk_);
    for (Slot& slot : slots_) {
      if (slot.memory.try_reserve(bytes)) continue;
      for (Slot& other : slots_) other.memory.release();
      return false;
    }
    return true;
  }

  [[noreturn]] void refuse() const {
    const std::size_t bytes = bytes_there(1);
    throw DeviceError("[cuda] out of memory on cuda:" + std::to_string(device_.facts().ordinal) +
                      ": one row of " + std::to_string(inputs_[0].shape[1]) + " samples takes " +
                      base::size_text(static_cast<std::int64_t>(bytes)) + " there, " +
                      base::size_text(device_.free_memory()) + " are free of " +
                      base::size_text(device_.facts().memory_bytes) +
                      "; give shorter rows, or free memory there");
  }

  void start(Slot& slot, std::int64_t first, std::int64_t rows) {
    slot.first = first;
    slot.rows = rows;
    const CUdeviceptr in = slot.memory.data();
    const CUdeviceptr out = in + ports_bytes(inputs_, rows);
    const CUdeviceptr work = out + results_bytes(rows);
    send(slot, in);
    const std::vector<base::TensorView> rows_in = place(inputs_, rows, in);
    const std::vector<base::TensorView> rows_out = place_results(slot, out);
    enqueue(compiled_, {rows_in, rows_out, rows, inputs_[0].shape[1], frames_, !status_.empty()},
            work, slot.stream);
    bring(slot, out);
    if (wants_status()) {
      const WorkLayout layout(compiled_.program, rows, frames_);
      copy_to_host(status_of(slot), work, layout.status, slot.stream);
    }
  }

  void finish(Slot& slot) {
    if (slot.rows == 0) return;
    await(compiled_, slot.rows, inputs_[0].shape[1], slot.stream);
    const std::byte* from = slot.staged_out.data();
    for (const Port& port : out_) {
      if (port.direct) continue;
      unpack(port.view, slot.first, slot.rows, from, pool_);
      from += port_bytes(port.view, slot.rows);
    }
    if (wants_status()) read_status(slot);
    slot.rows = 0;
  }

  bool wants_status() const { return !status_.empty() && compiled_.program.watches; }

  static std::size_t staged_bytes(std::span<const Port> ports, std::int64_t rows) {
    std::size_t bytes = 0;
    for (const Port& port : ports) bytes += port.direct ? 0 : port_bytes(port.view, rows);
    return bytes;
  }

  std::byte* status_of(const Slot& slot) const {
    return slot.staged_out.data() + staged_bytes(out_, slot.rows);
  }

  void send(Slot& slot, CUdeviceptr to) {
    slot.staged_in.reserve(staged_bytes(in_, slot.rows));
    std::byte* staged = slot.staged_in.data();
    for (const Port& port : in_) {
      const std::byte* from = staged;
      if (port.direct) {
        from = row_address(port.view, slot.first);
      } else {
        pack(port.view, slot.first, slot.rows, staged, pool_);
        staged += port_bytes(port.view, slot.rows);
      }
      copy_to_device(to, from, static_cast<std::size_t>(row_bytes(port.view) * slot.rows),
                     slot.stream);
      to += port_bytes(port.view, slot.rows);
    }
  }

  std::vector<base::TensorView> place_results(const Slot& slot, CUdeviceptr at) const {
    std::vector<base::TensorView> placed;
    for (const Port& port : out_) {
      placed.push_back(place({&port.view, 1}, slot.rows, at)[0]);
      if (port.written_there) {
        placed.back().data = row_address(port.view, slot.first);
      } else {
        at += port_bytes(port.view, slot.rows);
      }
    }
    return placed;
  }

  void bring(Slot& slot, CUdeviceptr from) {
    const WorkLayout layout(compiled_.program, slot.rows, frames_);
    slot.staged_out.reserve(staged_bytes(out_, slot.rows) + (wants_status() ? layout.status : 0));
    std::byte* staged = slot.staged_out.data();
    for (const Port& port : out_) {
      if (port.written_there) continue;
      std::byte* const to = port.direct ? row_address(port.view, slot.first) : staged;
      if (!port.direct) staged += port_bytes(port.view, slot.rows);
      copy_to_host(to, from, static_cast<std::size_t>(row_bytes(port.view) * slot.rows),
                   slot.stream);
      from += port_bytes(port.view, slot.rows);
    }
  }

  void read_status(const Slot& slot) const {
    const WorkLayout layout(compiled_.program, slot.rows, frames_);
    cuda::read_status(
        status_of(slot), layout,
        status_.subspan(static_cast<std::size_t>(slot.first), static_cast<std::size_t>(slot.rows)));
  }

  const Compiled& compiled_;
  const Device& device_;
  std::span<const base::TensorView> inputs_;
  std::span<const base::TensorView> outputs_;
  std::vector<Port> in_;
  std::vector<Port> out_;
  double share_;  ///< of what is left, for a chunk
  std::int64_t frames_;
  const base::ThreadPool* pool_;
  std::span<RowStatus> status_;
  std::span<Slot> slots_;
  std::int64_t chunk_ = 1;
};

}  // namespace

void run_from_host(const Compiled& compiled, const Device& device,
                   std::span<const base::TensorView> inputs,
                   std::span<const base::TensorView> outputs, std::int64_t frames,
                   const RunOptions& options, std::span<RowStatus> status, Session& session) {
  const UseContext use(device);  // once, so that each call below finds it current
  // An error in the middle of a run must not leave chunks that a later run would wait for.
  for (Slot& slot : session.slots) slot.rows = 0;
  std::fill(status.begin(), status.end(), RowStatus{});
  if (inputs[0].shape[0] == 0) return;
  HostRun run(compiled, device, inputs, outputs, frames, options, status, session);
  try {
    run.run();
  } catch (...) {
    run.abandon();
    throw;
  }
}

}  // namespace papilio::runtime::cuda
