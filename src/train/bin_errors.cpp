#include "train/bin_errors.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace papilio::train {
namespace {

constexpr std::int64_t kMostRows = 256, kMostValues = std::int64_t{1} << 18;

/// Squares by bin, and the power of what is wanted.
class Sums {
 public:
  explicit Sums(std::int64_t outputs) : squares_(static_cast<std::size_t>(outputs)) {}
  void add(std::span<const Complex> got, std::span<const Complex> wanted) {
    for (std::size_t k = 0; k < squares_.size(); ++k) {
      squares_[k] += std::norm(got[k] - wanted[k]);
      power_ += std::norm(wanted[k]);
    }
  }
  std::vector<double> errors() const {
    std::vector<double> errors;
    const double mean = power_ / static_cast<double>(squares_.size());
    for (const double square : squares_) errors.push_back(std::sqrt(square / mean));
    return errors;
  }

 private:
  std::vector<double> squares_;
  double power_ = 0.0;
};

}  // namespace

BinErrors bin_errors(const Task& task, std::uint64_t seed) {
  const std::int64_t n = task.model.n;
  const std::int64_t rows = std::clamp<std::int64_t>(kMostValues / n, 4, kMostRows);
  const Batch batch = draw(task.data, Split::test, seed, 0, rows, n, task.real());
  Sums spectrum(task.model.outputs()), reconstruction(n);
  const auto row_of = [&](const std::vector<Complex>& values, std::int64_t row) {
    return std::span(values).subspan(static_cast<std::size_t>(row * n),
                                     static_cast<std::size_t>(n));
  };
  for (std::int64_t row = 0; row < batch.rows; ++row) {
    const auto x = row_of(batch.inputs, row);
    const std::vector<Complex> y = transform::apply_chain(task.model, x);
    if (task.target) {
      spectrum.add(y, transform::apply_chain(*task.target, x));
    } else {
      spectrum.add(y, row_of(batch.targets, row));
    }
    if (task.decoder) reconstruction.add(transform::apply_chain(*task.decoder, y), x);
  }
  return {spectrum.errors(), task.decoder ? reconstruction.errors() : std::vector<double>{}};
}

}  // namespace papilio::train
