/// The constant numbers of a program, in one block of bytes; equal tables are stored once.
#pragma once

#include <complex>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "papilio/view.h"

namespace papilio::codegen {

class Tables {
 public:
  /// Real numbers are stored as `real`, f32 or f64.
  explicit Tables(DType real) : real_(real) {}

  /// Byte offsets into the block, multiples of 16.
  std::size_t add(const std::vector<double>& values);
  std::size_t add(const std::vector<std::complex<double>>& values);
  std::size_t add(const std::vector<std::int32_t>& values);

  const std::vector<std::byte>& bytes() const { return bytes_; }

 private:
  std::size_t store(const void* data, std::size_t size);
  DType real_;
  std::vector<std::byte> bytes_;
  std::map<std::string, std::size_t> known_;
};

}  // namespace papilio::codegen
