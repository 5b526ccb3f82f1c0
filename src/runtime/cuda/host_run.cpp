// Packing rows, three chunks in flight, unpacking results.
#include "runtime/cuda/host_run.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "papilio/error.h"

namespace papilio::runtime::cuda {
namespace {

/// Input of a chunk at a time: large enough that launches cost nothing, small enough to overlap.
constexpr double kChunkBytes = 32.0 * 1024 * 1024;
constexpr std::size_t kAlign = 256;

std::size_t aligned(std::size_t bytes) { return (bytes + kAlign - 1) / kAlign * kAlign; }

std::int64_t element_bytes(const base::TensorView& view) {
  return static_cast<std::int64_t>(size_of(view.dtype));
}

/// Bytes of one row's elements.
std::int64_t row_bytes(const base::TensorView& view) {
  std::int64_t count = element_bytes(view);
  for (int axis = 1; axis < view.rank; ++axis) count *= view.shape[static_cast<std::size_t>(axis)];
  return count;
}

/// Whether the elements of a row fill a block without gaps, in whatever order of the axes.
bool fills_block(const base::TensorView& view) {
  std::int64_t expected = element_bytes(view);
  std::array<bool, base::kMaxRank> done{};
  for (int turn = 1; turn < view.rank; ++turn) {
    std::size_t next = 0;
    for (std::size_t axis = 1; axis < static_cast<std::size_t>(view.rank); ++axis) {
      const bool fits = view.shape[axis] == 1 || view.byte_strides[axis] == expected;
      if (!done[axis] && fits && (next == 0 || view.shape[axis] == 1)) next = axis;
    }
    if (next == 0) return false;
    done[next] = true;
    expected *= view.shape[next];
  }
  return true;
}

/// The view of `rows` rows on the device: as dense as can be, in the caller's order if that is.
base::TensorView on_device(const base::TensorView& host, std::int64_t rows, CUdeviceptr data) {
  base::TensorView view = host;
  view.data = reinterpret_cast<void*>(data);
  view.device = base::DeviceKind::cuda;
  view.shape[0] = rows;
  view.byte_strides[0] = row_bytes(host);
  if (fills_block(host)) return view;
  std::int64_t stride = element_bytes(host);
  for (int axis = view.rank - 1; axis >= 1; --axis) {
    view.byte_strides[static_cast<std::size_t>(axis)] = stride;
    stride *= view.shape[static_cast<std::size_t>(axis)];
  }
  return view;
}

std::byte* row_address(const base::TensorView& view, std::int64_t row) {
  return static_cast<std::byte*>(view.data) + row * view.byte_strides[0];
}

/// Copies one row between the caller's memory and a dense block, element by element.
template <bool ToBlock>
void copy_elements(const base::TensorView& view, std::int64_t row, std::byte* block) {
  const auto bytes = static_cast<std::size_t>(element_bytes(view));
  std::array<std::int64_t, base::kMaxRank> index{};
  const std::int64_t count = row_bytes(view) / element_bytes(view);
  for (std::int64_t i = 0; i < count; ++i, block += bytes) {
    std::byte* element = row_address(view, row);
    for (int axis = 1; axis < view.rank; ++axis) {
      const auto a = static_cast<std::size_t>(axis);
      element += index[a] * view.byte_strides[a];
    }
    if constexpr (ToBlock) {
      std::memcpy(block, element, bytes);
    } else {
      std::memcpy(element, block, bytes);
    }
    for (int axis = view.rank - 1; axis >= 1; --axis) {
      const auto a = static_cast<std::size_t>(axis);
      if (++index[a] < view.shape[a]) break;
      index[a] = 0;
    }
  }
}

class HostRun {
 public:
  HostRun(const Compiled& compiled, const Device& device, std::span<const base::TensorView> inputs,
          std::span<const base::TensorView> outputs, std::int64_t frames, const RunOptions& options,
          std::span<RowStatus> status)
      : compiled_(compiled),
        device_(device),
        inputs_(inputs),
        outputs_(outputs),
        frames_(frames),
        options_(options),
        status_(status) {}

  void run(Session& session) {
    const std::int64_t rows = inputs_[0].shape[0];
    const std::int64_t chunk = chunk_rows(rows);
    std::size_t turn = 0;
    for (std::int64_t first = 0; first < rows; first += chunk, ++turn) {
      Slot& slot = session.slots[turn % session.slots.size()];
      finish(slot);
      start(slot, first, std::min(chunk, rows - first));
    }
    for (std::size_t i = 0; i < session.slots.size(); ++i) {
      finish(session.slots[(turn + i) % session.slots.size()]);
    }
  }

 private:
  std::int64_t chunk_rows(std::int64_t rows) const {
    double in = 0.0;
    for (const base::TensorView& view : inputs_) in += static_cast<double>(row_bytes(view));
    auto chunk = static_cast<std::int64_t>(std::clamp(kChunkBytes / std::max(1.0, in), 1.0, 1e9));
    chunk = std::min(chunk, rows);
    const auto free = static_cast<std::size_t>(device_.free_memory());
    const std::size_t slots = rows > chunk ? 3 : 1;
    const auto need = [&](std::int64_t count) {
      return slots * chunk_bytes(compiled_.program, inputs_, outputs_, count, frames_);
    };
    // Memory that the slots hold already is not free, so this is on the safe side.
    while (chunk > 1 && need(chunk) > free - free / 8) chunk = (chunk + 1) / 2;
    return chunk;
  }

  void start(Slot& slot, std::int64_t first, std::int64_t rows) {
    slot.first = first;
    slot.rows = rows;
    const WorkLayout layout(compiled_.program, rows, frames_);
    slot.work.reserve(layout.total);
    std::vector<base::TensorView> in = place(inputs_, rows, slot.device_in);
    std::vector<base::TensorView> out = place(outputs_, rows, slot.device_out);
    slot.pinned_in.reserve(slot_bytes(inputs_, rows));
    slot.pinned_out.reserve(slot_bytes(outputs_, rows) + layout.status);
    pack(slot);
    copy_to_device(slot.device_in.data(), slot.pinned_in.data(), slot_bytes(inputs_, rows),
                   slot.stream);
    enqueue(compiled_, {in, out, rows, inputs_[0].shape[1], frames_, !status_.empty()},
            slot.work.data(), slot.stream);
    const std::size_t results = slot_bytes(outputs_, rows);
    copy_to_host(slot.pinned_out.data(), slot.device_out.data(), results, slot.stream);
    if (wants_status()) {
      copy_to_host(slot.pinned_out.data() + results, slot.work.data(), layout.status, slot.stream);
    }
  }

  void finish(Slot& slot) {
    if (slot.rows == 0) return;
    slot.stream.synchronize();
    unpack(slot);
    if (wants_status()) read_status(slot);
    slot.rows = 0;
  }

  bool wants_status() const { return !status_.empty() && compiled_.program.watches; }

  static std::size_t slot_bytes(std::span<const base::TensorView> views, std::int64_t rows) {
    std::size_t bytes = 0;
    for (const base::TensorView& view : views) {
      bytes += aligned(static_cast<std::size_t>(row_bytes(view) * rows));
    }
    return bytes;
  }

  /// Views of all ports of a chunk, one behind the other in `memory`.
  static std::vector<base::TensorView> place(std::span<const base::TensorView> views,
                                             std::int64_t rows, DeviceBuffer& memory) {
    memory.reserve(slot_bytes(views, rows));
    std::vector<base::TensorView> placed;
    std::size_t at = 0;
    for (const base::TensorView& view : views) {
      placed.push_back(on_device(view, rows, memory.data() + at));
      at += aligned(static_cast<std::size_t>(row_bytes(view) * rows));
    }
    return placed;
  }

  /// Calls f(view, row of the caller, block of the chunk) for every row of every port.
  template <typename F>
  void for_rows(std::span<const base::TensorView> views, const Slot& slot, std::byte* memory,
                F f) const {
    for (const base::TensorView& view : views) {
      const std::int64_t bytes = row_bytes(view);
      const bool block = fills_block(view);
      if (block && view.byte_strides[0] == bytes) {
        f(view, slot.first, memory, static_cast<std::size_t>(bytes * slot.rows), true);
      } else {
        base::split(options_.pool, slot.rows, 1, [&](int, std::int64_t begin, std::int64_t end) {
          for (std::int64_t row = begin; row < end; ++row) {
            f(view, slot.first + row, memory + row * bytes, static_cast<std::size_t>(bytes), block);
          }
        });
      }
      memory += aligned(static_cast<std::size_t>(bytes * slot.rows));
    }
  }

  void pack(const Slot& slot) const {
    for_rows(inputs_, slot, slot.pinned_in.data(),
             [](const base::TensorView& view, std::int64_t row, std::byte* to, std::size_t bytes,
                bool block) {
               if (block) {
                 std::memcpy(to, row_address(view, row), bytes);
               } else {
                 copy_elements<true>(view, row, to);
               }
             });
  }

  void unpack(const Slot& slot) const {
    for_rows(outputs_, slot, slot.pinned_out.data(),
             [](const base::TensorView& view, std::int64_t row, std::byte* from, std::size_t bytes,
                bool block) {
               if (block) {
                 std::memcpy(row_address(view, row), from, bytes);
               } else {
                 copy_elements<false>(view, row, from);
               }
             });
  }

  void read_status(const Slot& slot) const {
    const WorkLayout layout(compiled_.program, slot.rows, frames_);
    cuda::read_status(
        slot.pinned_out.data() + slot_bytes(outputs_, slot.rows), layout,
        status_.subspan(static_cast<std::size_t>(slot.first), static_cast<std::size_t>(slot.rows)));
  }

  const Compiled& compiled_;
  const Device& device_;
  std::span<const base::TensorView> inputs_;
  std::span<const base::TensorView> outputs_;
  std::int64_t frames_;
  RunOptions options_;
  std::span<RowStatus> status_;
};

}  // namespace

std::size_t chunk_bytes(const codegen::DeviceProgram& program,
                        std::span<const base::TensorView> inputs,
                        std::span<const base::TensorView> outputs, std::int64_t rows,
                        std::int64_t frames) {
  std::size_t bytes = WorkLayout(program, rows, frames).total;
  for (const auto views : {inputs, outputs}) {
    for (const base::TensorView& view : views) {
      bytes += aligned(static_cast<std::size_t>(row_bytes(view) * rows));
    }
  }
  return bytes;
}

void run_from_host(const Compiled& compiled, const Device& device,
                   std::span<const base::TensorView> inputs,
                   std::span<const base::TensorView> outputs, std::int64_t frames,
                   const RunOptions& options, std::span<RowStatus> status, Session& session) {
  // An error in the middle of a run must not leave chunks that a later run would wait for.
  for (Slot& slot : session.slots) slot.rows = 0;
  std::fill(status.begin(), status.end(), RowStatus{});
  HostRun(compiled, device, inputs, outputs, frames, options, status).run(session);
}

}  // namespace papilio::runtime::cuda
