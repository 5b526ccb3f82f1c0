// A sliding window over the samples of all rows.
#include "runtime/cpu/sample_buffer.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "papilio/error.h"

namespace papilio::runtime::cpu {
namespace {

/// A size that is known at compile time makes each sample one load and one store; of every second
/// one (stereo, IQ) the compiler makes vectors.
template <std::size_t kBytes>
void gather(const std::byte* from, std::int64_t stride, std::int64_t count, std::byte* to) {
  if (stride == static_cast<std::int64_t>(2 * kBytes)) {
    for (std::int64_t i = 0; i < count; ++i) {
      std::memcpy(to + i * static_cast<std::int64_t>(kBytes),
                  from + 2 * i * static_cast<std::int64_t>(kBytes), kBytes);
    }
    return;
  }
  for (std::int64_t i = 0; i < count; ++i, from += stride, to += kBytes) {
    std::memcpy(to, from, kBytes);
  }
}

/// Samples of `bytes` bytes, `stride` apart, become dense.
void gather(const std::byte* from, std::int64_t stride, std::int64_t count, std::int64_t bytes,
            std::byte* to) {
  if (stride == bytes) {
    std::memcpy(to, from, static_cast<std::size_t>(count * bytes));
    return;
  }
  switch (bytes) {
    case 1:
      return gather<1>(from, stride, count, to);
    case 2:
      return gather<2>(from, stride, count, to);
    case 3:
      return gather<3>(from, stride, count, to);
    case 4:
      return gather<4>(from, stride, count, to);
    case 8:
      return gather<8>(from, stride, count, to);
    case 16:
      return gather<16>(from, stride, count, to);
  }
  throw InternalError("[stream] samples of " + std::to_string(bytes) + " bytes");
}

}  // namespace

base::TensorView SampleBuffer::view() const {
  base::TensorView view = like_;
  const auto bytes = static_cast<std::int64_t>(size_of(like_.dtype));
  view.rank = 2;
  view.shape[1] = count_;
  view.byte_strides[0] = capacity_ * bytes;
  view.byte_strides[1] = bytes;
  view.data = const_cast<std::byte*>(bytes_.data()) + offset_ * bytes;
  return view;
}

void SampleBuffer::make_room(std::int64_t more) {
  const std::int64_t bytes = static_cast<std::int64_t>(size_of(like_.dtype));
  const std::int64_t rows = like_.shape[0];
  if (offset_ + count_ + more <= capacity_) return;
  // Growing to twice what is needed makes the moves cheap; moving in place reuses the memory.
  const std::int64_t needed = count_ + more;
  const std::int64_t capacity = needed > capacity_ ? 2 * needed : capacity_;
  base::Buffer<std::byte> moved;
  if (capacity != capacity_) {
    moved = base::Buffer<std::byte>(static_cast<std::size_t>(capacity * rows * bytes));
  }
  std::byte* to = capacity == capacity_ ? bytes_.data() : moved.data();
  for (std::int64_t row = 0; row < rows && count_ > 0; ++row) {
    std::memmove(to + row * capacity * bytes, bytes_.data() + (row * capacity_ + offset_) * bytes,
                 static_cast<std::size_t>(count_ * bytes));
  }
  if (capacity != capacity_) bytes_ = std::move(moved);
  capacity_ = capacity;
  offset_ = 0;
}

void SampleBuffer::append(const base::TensorView& chunk, std::int64_t begin, std::int64_t end) {
  if (capacity_ == 0) {
    like_ = chunk;
  } else if (chunk.dtype != like_.dtype || chunk.scale != like_.scale ||
             chunk.shape[0] != like_.shape[0]) {
    throw UserError("[stream] chunks differ in type, scale or rows");
  }
  if (begin == end) return;
  make_room(end - begin);
  const auto bytes = static_cast<std::int64_t>(size_of(like_.dtype));
  for (std::int64_t row = 0; row < like_.shape[0]; ++row) {
    const auto* from = static_cast<const std::byte*>(chunk.data) + row * chunk.byte_strides[0] +
                       begin * chunk.byte_strides[1];
    std::byte* to = bytes_.data() + (row * capacity_ + offset_ + count_) * bytes;
    gather(from, chunk.byte_strides[1], end - begin, bytes, to);
  }
  count_ += end - begin;
}

void SampleBuffer::drop_before(std::int64_t sample) {
  const std::int64_t drop = std::clamp<std::int64_t>(sample - first_, 0, count_);
  first_ += drop;
  offset_ += drop;
  count_ -= drop;
}

}  // namespace papilio::runtime::cpu
