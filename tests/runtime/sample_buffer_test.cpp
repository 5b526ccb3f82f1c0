// A sliding window over rows: what goes in comes out, whatever its type and strides.
#include "runtime/cpu/sample_buffer.h"

#include <gtest/gtest.h>

#include <numeric>

namespace papilio::runtime::cpu {
namespace {

std::vector<std::byte> bytes_of(std::size_t count) {
  std::vector<std::byte> bytes(count);
  for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<std::byte>(i * 131 + i / 256);
  return bytes;
}

/// Sample i of row r as the view shows it.
std::vector<std::byte> sample(const base::TensorView& view, std::int64_t row, std::int64_t i) {
  const auto* at = static_cast<const std::byte*>(view.data) + row * view.byte_strides[0] +
                   i * view.byte_strides[1];
  return {at, at + size_of(view.dtype)};
}

TEST(SampleBuffer, EverySizeAndStride) {
  for (const DType type :
       {DType::i8, DType::i16, DType::i24, DType::f32, DType::f64, DType::c128}) {
    const auto size = static_cast<std::int64_t>(size_of(type));
    for (const std::int64_t stride : {size, 2 * size, size + 1, -size, -3 * size}) {
      constexpr std::int64_t rows = 3, count = 50;
      const std::int64_t extent = std::abs(stride) * count;
      const auto bytes = bytes_of(static_cast<std::size_t>(rows * extent + size));
      base::TensorView chunk;
      chunk.dtype = type;
      chunk.rank = 2;
      chunk.shape = {rows, count};
      chunk.byte_strides = {extent, stride};
      const auto* first = bytes.data() + (stride < 0 ? extent + stride : 0);
      chunk.data = const_cast<std::byte*>(first);
      SampleBuffer buffer;
      buffer.append(chunk, 0, 7);
      buffer.append(chunk, 7, 30);
      buffer.drop_before(11);
      buffer.append(chunk, 30, count);
      const base::TensorView view = buffer.view();
      ASSERT_EQ(view.shape[1], count - 11);
      for (std::int64_t row = 0; row < rows; ++row) {
        for (std::int64_t i = 11; i < count; ++i) {
          ASSERT_EQ(sample(view, row, i - 11), sample(chunk, row, i))
              << name_of(type) << " stride " << stride;
        }
      }
    }
  }
}

}  // namespace
}  // namespace papilio::runtime::cpu
