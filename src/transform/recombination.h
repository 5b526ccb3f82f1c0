/// The last stage of a real-input network: from the spectrum of x[2t] + i x[2t+1] to the n/2 + 1
/// bins of x, and back. h = n/2; arrays are [rows, columns], row-major, one signal per column.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "transform/network.h"

namespace papilio::transform {

/// Bins [h+1, columns] from u = M (e + i o) and v = conj(M) (e - i o), each [h, columns], for even
/// samples e, odd samples o and the network's matrix M. The spectra are E[k] = (u[k] + v[-k]) / 2
/// and O[k] = (u[k] - v[-k]) / 2i, indices modulo h; for a real signal v = conj(u).
std::vector<Complex> recombine(std::span<const Complex> twiddles, std::span<const Complex> u,
                               std::span<const Complex> v, std::int64_t columns);

/// u and v.
struct Halves {
  std::vector<Complex> u;
  std::vector<Complex> v;
};

/// The transpose of recombine: bins [h+1, columns] to u and v.
Halves recombine_transposed(std::span<const Complex> twiddles, std::span<const Complex> bins,
                            std::int64_t columns);

/// The spectrum u of the real signal with these h+1 bins. Throws UserError naming the bin where the
/// two equations of a pair of bins are singular or worse conditioned than kMaxCondition.
std::vector<Complex> undo_recombination(std::span<const Complex> twiddles,
                                        std::span<const Complex> bins);

}  // namespace papilio::transform
