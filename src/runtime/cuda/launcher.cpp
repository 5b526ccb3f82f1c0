// Parameters, work memory and grids.
#include "runtime/cuda/launcher.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "codegen/params.h"
#include "papilio/error.h"

namespace papilio::runtime::cuda {
namespace {

std::int64_t groups_of(std::int64_t frames) {
  return (frames + codegen::kGroupFrames - 1) / codegen::kGroupFrames;
}

std::int64_t slices_of(std::int64_t rows, std::int64_t most) {
  const std::int64_t each = (rows + most - 1) / most;
  return rows == 0 ? 0 : (rows + each - 1) / each;
}

std::int64_t items_of(const codegen::DeviceProgram& program, codegen::Items items,
                      std::int64_t rows, std::int64_t frames) {
  switch (items) {
    case codegen::Items::rows:
      return rows;
    case codegen::Items::frames:
      return rows * frames;
    case codegen::Items::groups:
      return rows * groups_of(frames);
    case codegen::Items::slices:
      return slices_of(rows, program.most_slices);
    case codegen::Items::once:
      return 1;
  }
  return rows;
}

std::uint64_t address(const base::TensorView& view) {
  return reinterpret_cast<std::uint64_t>(view.data);
}

codegen::Params params_of(const Compiled& compiled, const DevicePorts& ports, CUdeviceptr work,
                          const WorkLayout& layout) {
  codegen::Params p;
  p.rows = ports.rows;
  p.samples = ports.samples;
  p.frames = ports.frames;
  p.groups = ports.groups > 0 ? ports.groups : groups_of(ports.frames);
  for (std::size_t i = 0; i < ports.inputs.size(); ++i) {
    const base::TensorView& view = ports.inputs[i];
    p.in[i] = {address(view), view.byte_strides[0], view.byte_strides[1], view.scale};
  }
  for (std::size_t i = 0; i < ports.outputs.size(); ++i) {
    const base::TensorView& view = ports.outputs[i];
    const bool frames = compiled.program.frame_outputs[i];
    p.out[i] = {address(view), view.byte_strides[0], frames ? view.byte_strides[1] : 0,
                view.byte_strides[static_cast<std::size_t>(view.rank - 1)]};
  }
  for (std::size_t i = 0; i < layout.stored.size(); ++i) p.stored[i] = work + layout.stored[i];
  p.tables = compiled.tables.data();
  if (ports.status || compiled.program.clears) {
    p.first_bad = work + layout.first_bad;
    p.overflow = work + layout.overflow;
    p.skipped = work + layout.skipped;
  }
  return p;
}

bool belongs(const codegen::Launch& launch, Part part, bool last) {
  if (part == Part::all) return true;
  if (part == Part::move) return last;
  return (launch.items == codegen::Items::rows) == (part == Part::rows);
}

}  // namespace

WorkLayout::WorkLayout(const codegen::DeviceProgram& program, std::int64_t rows,
                       std::int64_t frames, bool told) {
  constexpr std::size_t kAlign = 256;
  const auto count = static_cast<std::size_t>(told || program.clears ? rows : 0);
  const auto take = [&](std::size_t bytes) {
    const std::size_t at = total;
    total = (total + bytes + kAlign - 1) / kAlign * kAlign;
    return at;
  };
  first_bad = take(count * sizeof(std::uint64_t));
  overflow = take(count * sizeof(std::uint32_t));
  skipped = take(count * sizeof(std::uint32_t));
  status = total;
  stored.resize(program.stored.size());
  for (const bool maxima : {true, false}) {
    for (std::size_t i = 0; i < stored.size(); ++i) {
      const codegen::Stored& value = program.stored[i];
      if (value.maximum != maxima) continue;
      // Teams without a slice of their own have one that nobody reads.
      const std::int64_t spare = value.items == codegen::Items::slices ? 1 : 0;
      const auto items =
          static_cast<std::size_t>(items_of(program, value.items, rows, frames) + spare);
      stored[i] = take(items * value.item_bytes);
    }
    if (maxima) cleared = total;
  }
}

base::TensorView device_view(CUdeviceptr data, DType dtype,
                             const std::vector<std::int64_t>& shape) {
  base::TensorView view;
  view.data = reinterpret_cast<void*>(data);
  view.dtype = dtype;
  view.device = base::DeviceKind::cuda;
  view.rank = static_cast<int>(shape.size());
  auto stride = static_cast<std::int64_t>(size_of(dtype));
  for (std::size_t axis = shape.size(); axis-- > 0; stride *= shape[axis]) {
    view.shape[axis] = shape[axis];
    view.byte_strides[axis] = stride;
  }
  return view;
}

RowStatus status_at(const std::byte* memory, const WorkLayout& layout, std::int64_t row) {
  const auto at = static_cast<std::size_t>(row);
  std::uint64_t bad = 0;
  std::uint32_t overflow = 0;
  std::uint32_t skipped = 0;
  std::memcpy(&bad, memory + layout.first_bad + at * sizeof bad, sizeof bad);
  std::memcpy(&overflow, memory + layout.overflow + at * sizeof overflow, sizeof overflow);
  std::memcpy(&skipped, memory + layout.skipped + at * sizeof skipped, sizeof skipped);
  return {bad == 0 ? -1 : static_cast<std::int64_t>(~bad), skipped, overflow != 0};
}

void read_status(const std::byte* memory, const WorkLayout& layout, std::span<RowStatus> status) {
  for (std::size_t row = 0; row < status.size(); ++row) {
    status[row] = status_at(memory, layout, static_cast<std::int64_t>(row));
  }
}

void put_status(std::byte* memory, const WorkLayout& layout, std::int64_t row,
                const RowStatus& status) {
  const auto at = static_cast<std::size_t>(row);
  const std::uint64_t bad =
      status.first_bad < 0 ? 0 : ~static_cast<std::uint64_t>(status.first_bad);
  const std::uint32_t overflow = status.overflow ? 1 : 0;
  const auto skipped = static_cast<std::uint32_t>(status.skipped);
  std::memcpy(memory + layout.first_bad + at * sizeof bad, &bad, sizeof bad);
  std::memcpy(memory + layout.overflow + at * sizeof overflow, &overflow, sizeof overflow);
  std::memcpy(memory + layout.skipped + at * sizeof skipped, &skipped, sizeof skipped);
}

void enqueue(const Compiled& compiled, const DevicePorts& ports, CUdeviceptr work,
             StreamHandle stream, Part part) {
  const codegen::DeviceProgram& program = compiled.program;
  if (ports.rows == 0 && !program.shared) return;
  const std::int64_t laid = ports.groups > 0 ? ports.groups * codegen::kGroupFrames : ports.frames;
  const WorkLayout layout(program, ports.rows, laid, ports.status);
  if (program.clears && (part == Part::all || part == Part::frames))
    clear(work, layout.cleared, stream);
  const codegen::Params p = params_of(compiled, ports, work, layout);
  // What is learned changes between launches, and kernels read it as if it never did.
  const Start start = program.shared ? Start::after : Start::beside;
  for (std::size_t i = 0; i < program.launches.size(); ++i) {
    const codegen::Launch& launch = program.launches[i];
    if (!belongs(launch, part, i + 1 == program.launches.size())) continue;
    const std::int64_t items =
        items_of(program, launch.items, ports.rows, ports.frames) * launch.parts * launch.times;
    if (items == 0) continue;
    constexpr std::int64_t kMostBlocks = (std::int64_t{1} << 31) - 1;
    const std::int64_t blocks = std::min(kMostBlocks, (items + launch.teams - 1) / launch.teams);
    compiled.kernels[i].launch({static_cast<unsigned>(blocks)},
                               {static_cast<unsigned>(launch.threads)}, launch.shared_bytes, stream,
                               arguments(p), start);
  }
}

void await(const Compiled& compiled, std::int64_t rows, std::int64_t samples, StreamHandle stream) {
  try {
    stream.synchronize();
  } catch (const DeviceError& error) {
    throw DeviceError(std::string(error.what()) + ", while kernels for " +
                      compiled.program.results + " ran on " + std::to_string(rows) + " rows of " +
                      std::to_string(samples) + " samples");
  }
}

}  // namespace papilio::runtime::cuda
