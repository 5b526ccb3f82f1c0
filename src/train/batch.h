/// A stack of rows, and what a model should make of them.
#pragma once

#include <complex>
#include <cstdint>
#include <vector>

namespace papilio::train {

using Complex = std::complex<double>;

/// `targets` empty: what the task's own target makes of the rows.
struct Batch {
  std::int64_t rows = 0;
  std::vector<Complex> inputs;   ///< [rows, n]
  std::vector<Complex> targets;  ///< [rows, n], or empty
};

}  // namespace papilio::train
