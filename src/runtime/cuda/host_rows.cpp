// Copies of rows, whole where they are dense, element by element where they are not.
#include "runtime/cuda/host_rows.h"

#include <array>
#include <cstring>

namespace papilio::runtime::cuda {
namespace {

/// Bytes that a thread copies at least: starting one costs as much.
constexpr std::int64_t kGrain = 256 * 1024;
/// Of ports in device memory.
constexpr std::size_t kAlign = 256;

std::int64_t element_bytes(const base::TensorView& view) {
  return static_cast<std::int64_t>(size_of(view.dtype));
}

/// Whether the elements of a row fill its bytes without gaps, in whatever order of the axes.
bool dense_row(const base::TensorView& view) {
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

/// Copies one row between the caller's memory and a dense one, element by element.
template <bool ToBlock, typename Byte>
void copy_elements(const base::TensorView& view, std::int64_t row, Byte* block) {
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

template <bool ToBlock, typename Byte>
void copy_bytes(std::byte* rows, Byte* block, std::int64_t count) {
  const auto bytes = static_cast<std::size_t>(count);
  if constexpr (ToBlock) {
    std::memcpy(block, rows, bytes);
  } else {
    std::memcpy(rows, block, bytes);
  }
}

template <bool ToBlock, typename Byte>
void copy_rows(const base::TensorView& view, std::int64_t first, std::int64_t rows, Byte* block,
               const base::ThreadPool* pool) {
  const std::int64_t bytes = row_bytes(view);
  if (is_block(view)) {
    std::byte* const begin = row_address(view, first);
    base::split(pool, bytes * rows, kGrain, [&](int, std::int64_t from, std::int64_t to) {
      copy_bytes<ToBlock>(begin + from, block + from, to - from);
    });
    return;
  }
  const bool dense = dense_row(view);
  const std::int64_t grain = 1 + kGrain / (bytes + 1);
  base::split(pool, rows, grain, [&](int, std::int64_t from, std::int64_t to) {
    for (std::int64_t row = from; row < to; ++row) {
      if (dense) {
        copy_bytes<ToBlock>(row_address(view, first + row), block + row * bytes, bytes);
      } else {
        copy_elements<ToBlock>(view, first + row, block + row * bytes);
      }
    }
  });
}

}  // namespace

std::int64_t row_bytes(const base::TensorView& view) {
  std::int64_t count = element_bytes(view);
  for (int axis = 1; axis < view.rank; ++axis) count *= view.shape[static_cast<std::size_t>(axis)];
  return count;
}

bool is_block(const base::TensorView& view) {
  return dense_row(view) && (view.shape[0] <= 1 || view.byte_strides[0] == row_bytes(view));
}

base::TensorView on_device(const base::TensorView& host, std::int64_t rows, CUdeviceptr data) {
  base::TensorView view = host;
  view.data = reinterpret_cast<void*>(data);
  view.device = base::DeviceKind::cuda;
  view.shape[0] = rows;
  view.byte_strides[0] = row_bytes(host);
  if (dense_row(host)) return view;
  std::int64_t stride = element_bytes(host);
  for (int axis = view.rank - 1; axis >= 1; --axis) {
    view.byte_strides[static_cast<std::size_t>(axis)] = stride;
    stride *= view.shape[static_cast<std::size_t>(axis)];
  }
  return view;
}

std::size_t port_bytes(const base::TensorView& view, std::int64_t rows) {
  const auto bytes = static_cast<std::size_t>(row_bytes(view) * rows);
  return (bytes + kAlign - 1) / kAlign * kAlign;
}

std::vector<base::TensorView> place(std::span<const base::TensorView> views, std::int64_t rows,
                                    CUdeviceptr at) {
  std::vector<base::TensorView> placed;
  for (const base::TensorView& view : views) {
    placed.push_back(on_device(view, rows, at));
    at += port_bytes(view, rows);
  }
  return placed;
}

bool dense_items(const base::TensorView& view) {
  const auto last = static_cast<std::size_t>(view.rank - 1);
  return view.byte_strides[last] == element_bytes(view);
}

std::byte* row_address(const base::TensorView& view, std::int64_t row) {
  return static_cast<std::byte*>(view.data) + row * view.byte_strides[0];
}

void pack(const base::TensorView& view, std::int64_t first, std::int64_t rows, std::byte* block,
          const base::ThreadPool* pool) {
  copy_rows<true>(view, first, rows, block, pool);
}

void unpack(const base::TensorView& view, std::int64_t first, std::int64_t rows,
            const std::byte* block, const base::ThreadPool* pool) {
  copy_rows<false>(view, first, rows, block, pool);
}

}  // namespace papilio::runtime::cuda
