/// Rows of any strides in host memory, and dense blocks of them as they travel to a device and
/// back.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/tensor.h"
#include "base/threads.h"
#include "runtime/cuda/api.h"

namespace papilio::runtime::cuda {

/// Bytes of one row's elements.
std::int64_t row_bytes(const base::TensorView& view);

/// Whether the rows follow one another without gaps, their elements in whatever order of the axes:
/// a block as it travels.
bool is_block(const base::TensorView& view);

/// The view of `rows` rows in device memory: dense, in the caller's order of axes if it is dense.
base::TensorView on_device(const base::TensorView& host, std::int64_t rows, CUdeviceptr data);

std::byte* row_address(const base::TensorView& view, std::int64_t row);

/// Copies rows [first, first + rows) to or from a block, on all threads of the pool.
void pack(const base::TensorView& view, std::int64_t first, std::int64_t rows, std::byte* block,
          const base::ThreadPool* pool);
void unpack(const base::TensorView& view, std::int64_t first, std::int64_t rows,
            const std::byte* block, const base::ThreadPool* pool);

}  // namespace papilio::runtime::cuda
