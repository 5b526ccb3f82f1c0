/// The parameter of every kernel as the host fills it: device/ports.cuh declares the same. Pointers
/// are addresses of the device.
#pragma once

#include <cstdint>

namespace papilio::codegen {

inline constexpr int kMaxPorts = 8;
inline constexpr int kMaxStored = 16;

struct InPort {
  std::uint64_t data = 0;
  std::int64_t row_stride = 0;  ///< bytes
  std::int64_t stride = 0;
  double scale = 1.0;
};

struct OutPort {
  std::uint64_t data = 0;
  std::int64_t row_stride = 0;  ///< bytes
  std::int64_t frame_stride = 0;
  std::int64_t stride = 0;
};

struct Params {
  std::int64_t rows = 0;
  std::int64_t samples = 0;
  std::int64_t frames = 0;
  std::int64_t groups = 0;  ///< partial sums of a row that are added up
  InPort in[kMaxPorts];
  OutPort out[kMaxPorts];
  std::uint64_t stored[kMaxStored]{};
  std::uint64_t tables = 0;
  std::uint64_t first_bad = 0;  ///< [rows] of 8 bytes, complement of the index; 0: not asked for
  std::uint64_t overflow = 0;   ///< [rows] of 4 bytes
  std::uint64_t skipped = 0;    ///< [rows] of 4 bytes
};

}  // namespace papilio::codegen
