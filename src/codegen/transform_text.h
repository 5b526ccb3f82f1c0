/// Which block of device/fft.cuh or device/real_fft.cuh computes a transform, with which tables.
#pragma once

#include <complex>
#include <cstdint>
#include <string>
#include <vector>

#include "codegen/fft_shape.h"
#include "ir/graph.h"

namespace papilio::codegen {

struct TransformText {
  std::string type;                         ///< "Rfft<R, 128, 120, false, 16, 8>"
  std::vector<std::complex<double>> roots;  ///< its tables
  std::size_t exchange = 0;                 ///< complex elements of shared memory
  std::int64_t results = 0;                 ///< that the block puts
  std::int64_t keep = 0;                    ///< of them [0, keep) count
  bool hermitian = false;                   ///< the missing half of the input is made up
  bool real_results = false;                ///< only re of each result counts
};

/// Elements of shared memory for an exchange of n: Places<first> of device/fft.cuh.
std::size_t exchange_size(std::int64_t n, std::int64_t first);

bool is_real(ir::OpKind op);

/// Real lengths whose transform is a complex one of half of it: even, the half 5-smooth.
bool has_half_size(std::int64_t n);

/// How a team computes a transform of n points, of real input or results.
FftShape transform_shape(std::int64_t n, bool real);

/// Fft of n complex points.
TransformText complex_transform(std::int64_t n);

/// For fft, ifft, rfft or irfft.
TransformText transform_text(ir::OpKind op, std::int64_t n);

}  // namespace papilio::codegen
