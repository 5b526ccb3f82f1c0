/// What a model computes beside the exact transform, and how far they are apart.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "train/model_file.h"
#include "transform/matrix.h"

namespace papilio::train {

/// The model times x [n]: n numbers, or n/2 + 1 for real input.
std::vector<transform::Complex> apply_model(const ModelFile& model,
                                            std::span<const transform::Complex> x);

/// Whether the model is only defined for real signals: real input, or a real part behind it.
bool takes_real(const ModelFile& model);

/// Whether the model or what it is compared with is only defined for real signals.
inline bool takes_real(const ModelFile& model, const ModelFile& exact) {
  return takes_real(model) || takes_real(exact);
}

/// The model as a matrix (of real signals, where it takes them).
transform::Matrix model_matrix(const ModelFile& model);

/// dft, idft, dct2, dct4, hadamard, identity: what exact_model knows by name.
const std::vector<std::string>& exact_names();

/// The one that a model is compared with unless told otherwise: what its training summary names as
/// "transform", "" if that is none of exact_names() (a matrix or pairs of the user's, a random
/// network, a convolution). Without a summary dft or idft by its direction, identity for an encoder
/// with its decoder, "" for other products of networks.
std::string default_exact(const ModelFile& model);

/// The exact transform of this name, of the model's n, norm and input; of the kinds of network that
/// the model has, if it is dft or idft. Throws UserError for an unknown name (with the nearest one)
/// and where the transform does not exist for this n or input.
ModelFile exact_model(const ModelFile& model, const std::string& name);

/// Root of a square of a difference over that of what is exact: NaN where that is zero, infinite
/// where the difference is beyond double, since the model's output has overflowed.
double relative_error(double difference, double power);

/// ||A' - A||_F / ||A||_F, as relative_error has it.
struct MatrixError {
  double relative = 0.0;
  std::int64_t probes = 0;  ///< 0: of the whole matrix; else estimated from so many random rows
};

/// Up to this n the whole matrix is compared.
inline constexpr std::int64_t kMostDense = 2048;

/// Above kMostDense an unbiased estimate of both norms from 16 rows of unit normal noise, which
/// `seed` draws: E ||(A' - A) x||^2 = ||A' - A||_F^2.
MatrixError matrix_error(const ModelFile& model, const ModelFile& exact, std::uint64_t seed = 0);

/// What runs a model, wherever it does: from rows [count, n] to [count, outputs].
using RowMap =
    std::function<std::vector<transform::Complex>(std::span<const transform::Complex> rows)>;

/// The same of what `run` makes of unit vectors, or of the random rows: `real` ones, where model or
/// exact transform take no others.
MatrixError matrix_error(const RowMap& run, const ModelFile& exact, bool real,
                         std::uint64_t seed = 0);

/// Row `row` of what `seed` draws for testing: n normal numbers of unit variance, complex or real.
/// Those of recovery and training come from other streams.
std::vector<transform::Complex> test_row(std::int64_t n, bool real, std::uint64_t seed,
                                         std::int64_t row);

/// Errors on rows of data, collected row by row, beside the exact transform, plainly in double.
class DataError {
 public:
  explicit DataError(const ModelFile& exact);
  /// Rows [count, n] of samples, real ones where takes_real says so, and what the model made of
  /// them. Throws UserError for a row that is not finite, or so large that the exact result's power
  /// is not.
  void add(std::span<const transform::Complex> rows, std::span<const transform::Complex> results);

  /// ||y' - y|| / ||y|| of each row, as relative_error has it.
  const std::vector<double>& rows() const { return rows_; }
  /// Of the rows' summed |y'_k - y_k|^2 over the summed |y_k|^2.
  std::vector<double> bins() const;

 private:
  void add_row(std::span<const transform::Complex> row, std::span<const transform::Complex> got);

  const ModelFile& exact_;
  std::vector<double> rows_;
  std::vector<double> difference_;  ///< summed squares by bin
  std::vector<double> power_;
};

}  // namespace papilio::train
