/// How a team of threads computes a transform: its radices and how many threads share it.
#pragma once

#include <complex>
#include <cstdint>
#include <string>
#include <vector>

namespace papilio::codegen {

struct FftShape {
  std::int64_t n = 0;
  std::vector<int> radices;  ///< first pass first; their product is n
  int threads = 1;           ///< of the team
  bool paired = false;       ///< real transforms: device/real_fft.cuh
  int resident = 768;        ///< threads that a multiprocessor holds, in single: bounds registers
};

/// Threads of a team of which so many have work.
int team_size(std::int64_t threads);

/// Longest complex transform of one block that has so many bytes of shared memory, for elements of
/// `real_bytes`: its exchange leaves room for what is kept beside it.
std::int64_t longest_fft(std::size_t real_bytes, std::int64_t shared_per_block);

/// n = 2^a 3^b 5^c up to longest_fft. Mirrored: the complex half of a real transform.
FftShape fft_shape(std::int64_t n, bool mirrored = false);

/// "16, 16".
std::string radices_text(const FftShape& shape);

/// Roots of the passes, as device/fft.cuh reads them: exp(-2 pi i j k / (r m)) at [j - 1][k] for
/// every pass but the first.
std::vector<std::complex<double>> pass_roots(const FftShape& shape);

/// exp(-2 pi i k / n) for k = 0 .. count - 1.
std::vector<std::complex<double>> roots_of_unity(std::int64_t n, std::int64_t count);

/// Convolution length of Bluestein's algorithm for n.
std::int64_t bluestein_size(std::int64_t n);

/// The chirp exp(-pi i k^2 / n), k < n, and behind it the transform of its conjugate (wrapped
/// around, of `size` points) over `size`.
std::vector<std::complex<double>> bluestein_tables(std::int64_t n, std::int64_t size);

}  // namespace papilio::codegen
