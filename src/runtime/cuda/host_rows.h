/// Rows of any strides in host memory, and dense blocks of them as they travel to a device and
/// back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/tensor.h"
#include "base/threads.h"
#include "runtime/cuda/driver/api.h"

namespace papilio::runtime::cuda {

/// Bytes of one row's elements.
std::int64_t row_bytes(const base::TensorView& view);

/// Whether the rows follow one another without gaps, their elements in whatever order of the axes:
/// a block as it travels.
bool is_block(const base::TensorView& view);

/// The view of `rows` rows in device memory: dense, in the caller's order of axes if it is dense.
base::TensorView on_device(const base::TensorView& host, std::int64_t rows, CUdeviceptr data);

/// Bytes of `rows` rows of a port in device or staging memory.
std::size_t port_bytes(const base::TensorView& view, std::int64_t rows);

/// Ports one behind the other in device memory from `at` on.
std::vector<base::TensorView> place(std::span<const base::TensorView> views, std::int64_t rows,
                                    CUdeviceptr at);

/// Whether the elements of an item lie side by side.
bool dense_items(const base::TensorView& view);

std::byte* row_address(const base::TensorView& view, std::int64_t row);

/// Copies rows [first, first + rows) to or from a block, on all threads of the pool.
void pack(const base::TensorView& view, std::int64_t first, std::int64_t rows, std::byte* block,
          const base::ThreadPool* pool);
void unpack(const base::TensorView& view, std::int64_t first, std::int64_t rows,
            const std::byte* block, const base::ThreadPool* pool);

}  // namespace papilio::runtime::cuda
