/// The samples of a stream that frames still need, as they came: raw elements, [row][sample].
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/buffer.h"
#include "base/tensor.h"

namespace papilio::runtime::cpu {

class SampleBuffer {
 public:
  /// Appends samples [begin, end) of `chunk` [rows, samples]; all chunks share a dtype and scale.
  void append(const base::TensorView& chunk, std::int64_t begin, std::int64_t end);
  /// Forgets samples before absolute index `sample`.
  void drop_before(std::int64_t sample);

  std::int64_t first() const { return first_; }
  std::int64_t end() const { return first_ + count_; }
  /// Dense [rows, samples] of what is held; sample 0 is first().
  base::TensorView view() const;

 private:
  void make_room(std::int64_t more);

  base::Buffer<std::byte> bytes_;
  base::TensorView like_;      ///< dtype, scale and number of rows
  std::int64_t capacity_ = 0;  ///< samples per row
  std::int64_t offset_ = 0;    ///< of the first held sample in its row
  std::int64_t count_ = 0;
  std::int64_t first_ = 0;
};

}  // namespace papilio::runtime::cpu
