/// The frame of every bench: contenders compute the same rows into the same memory, are checked
/// first, and then take turns on the clock.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace papilio::bench {

/// One cell of the grid, and what it costs at least.
struct Cell {
  std::string work;           ///< "fft_r2c", "welch", ...
  std::int64_t n = 0;         ///< transform length
  std::int64_t batch = 1;     ///< rows
  std::int64_t segments = 0;  ///< 0: none in the name
  std::int64_t k = 0;         ///< 0: none in the name
  double flops_per_row = 0.0;
  double bytes_per_row = 0.0;  ///< input read once and result written once
};

/// The data of a cell: input that contenders read and memory that they write.
class Problem {
 public:
  virtual ~Problem() = default;
  /// Fills the results with NaN, so that a contender that writes nothing is found out.
  virtual void spoil() = 0;
  /// The worst row's relative error of the results against double precision; NaN where it is none.
  virtual double error() const = 0;

  const Cell& cell() const { return cell_; }

 protected:
  explicit Problem(Cell cell) : cell_(std::move(cell)) {}
  Cell cell_;
};

/// A contender that is ready.
struct Runner {
  Runner() = default;
  Runner(std::function<void()> work) : run(std::move(work)) {}  // NOLINT: most are only this

  std::function<void()> run;  ///< computes all rows once
  /// Brings results that lie elsewhere into the problem's memory, before they are checked.
  std::function<void()> collect{};
  /// Seconds of so many runs by a clock of its own (a device's); empty: the wall's.
  std::function<double(std::int64_t)> seconds{};
};

/// One way to do the work.
struct Contender {
  std::string name;        ///< "papilio", "fftw_many", ...
  std::string variant;     ///< "/isa:avx2", "/threads:2" where that differs from the usual, or ""
  double tolerance = 0.0;  ///< largest error of a row that counts as right
  /// Plans, and returns what computes all rows once. Memory is allocated here. May throw.
  std::function<Runner()> prepare;
};

/// Nanoseconds of one row.
struct Timing {
  double median = 0.0;
  double p10 = 0.0;
  double p90 = 0.0;
  double cpu = 0.0;             ///< processor time of all threads, median
  std::int64_t iterations = 0;  ///< times that all rows were computed
};

struct Outcome {
  Cell cell;
  std::string contender;
  std::string variant;
  double error = 0.0;   ///< of the worst row
  std::string failure;  ///< why there is no timing; "": there is one
  Timing timing;

  bool failed() const { return !failure.empty(); }
  /// `<work>/<contender>/n:<n>/batch:<B>[/segments:<S>][/k:<K>]` and the variant.
  std::string name() const;
};

/// The outcome of a cell whose problem could not even be made.
Outcome failed_cell(const Cell& cell, const std::string& why);

/// How long to measure.
struct RaceOptions {
  double seconds = 0.4;         ///< per contender of a cell
  double round_seconds = 5e-3;  ///< at least so long between two looks at the clock
};

/// Checks every contender, then lets those that are right take turns. One that throws or is wrong
/// has its failure told and the others go on.
std::vector<Outcome> race(Problem& problem, std::span<const Contender> contenders,
                          const RaceOptions& options);

/// The value below which a share of the sorted values lies, interpolated.
double quantile(std::span<const double> sorted, double share);

}  // namespace papilio::bench
