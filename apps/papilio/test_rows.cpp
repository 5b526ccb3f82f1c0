// Noise or windows of a recording, row by row.
#include "test_rows.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "errors.h"
#include "progress.h"
#include "signal_rows.h"
#include "train/model_error.h"
#include "train/model_stats.h"

namespace papilio::app {
namespace {

constexpr std::int64_t kMostRows = 1'000'000;
constexpr std::size_t kWorstPlaces = 8;
constexpr std::int64_t kValuesAtOnce = std::int64_t{1} << 18;  // 4 MiB: enough to keep a GPU busy

double at_fraction(const std::vector<double>& sorted, double fraction) {
  if (sorted.empty()) return std::nan("");
  return sorted[static_cast<std::size_t>(fraction * static_cast<double>(sorted.size() - 1))];
}

// Silence has no relative error: a verdict on it would say nothing of the model.
void check_sound(const std::string& verb, const TestRows& options, const Windows& windows) {
  const auto zero = [](std::complex<double> value) { return value == 0.0; };
  for (const auto& row : windows.rows) {
    if (!std::all_of(row.begin(), row.end(), zero)) return;
  }
  throw UserError(
      "[" + verb + "] " + options.data + " is silent in its " +
      (windows.rows.size() == 1 ? "one window" : std::to_string(windows.rows.size()) + " windows") +
      "; give another recording, or more --rows");
}

/// Rows, handed on several at a time.
class Stacks {
 public:
  using Row = std::span<const std::complex<double>>;

  Stacks(std::int64_t n, const std::function<void(Row)>& take)
      : most_(static_cast<std::size_t>(std::max(n, kValuesAtOnce / n * n))), take_(take) {}
  void add(Row row) {
    rows_.insert(rows_.end(), row.begin(), row.end());
    if (rows_.size() >= most_) finish();
  }
  void finish() {
    if (!rows_.empty()) take_(rows_);
    rows_.clear();
  }

 private:
  std::size_t most_;
  const std::function<void(Row)>& take_;
  std::vector<std::complex<double>> rows_;
};

}  // namespace

std::string TestRows::text(std::size_t count) const {
  return std::to_string(count) + (data.empty() ? " rows of noise, seed " + std::to_string(seed)
                                               : " windows of " + one_line(data));
}

void TestRows::note(std::size_t count, base::Json& record) const {
  record["data"] = data.empty() ? base::Json(nullptr) : base::Json(data);
  record["seed"] = data.empty() ? base::Json(seed) : base::Json(nullptr);
  record["rows"] = count;
}

void add_test_row_flags(Flags& flags, TestRows& options) {
  flags.value("--data", "FILE", "a recording or an .npy of signals instead of noise", options.data);
  flags.value("--seed", "N", "of the noise (0)", options.seed);
  flags.value("--rows", "N", "rows of noise, or windows of the recording at most (256)",
              options.rows);
}

void check_test_rows(const Flags& flags, const TestRows& options) {
  const std::string tag = "[" + flags.verb() + "] ";
  if (flags.given("--seed") && !options.data.empty()) {
    throw UsageError(tag + "--seed draws noise, and --data gives a recording; give one of them");
  }
  if (options.seed < 0) throw UsageError(tag + "--seed must be 0 or above");
  if (options.rows < 1 || options.rows > kMostRows) {
    throw UsageError(tag + "--rows " + std::to_string(options.rows) + " must be from 1 to 1000000");
  }
}

void for_test_rows(const std::string& verb, const TestRows& options, std::int64_t n, bool real,
                   bool quiet,
                   const std::function<void(std::span<const std::complex<double>>)>& take) {
  Stacks stacks(n, take);
  if (!options.data.empty()) {
    const Windows windows = read_windows(verb, options.data, n, options.rows);
    if (windows.complex && real) {
      throw UserError("[" + verb + "] " + options.data +
                      " is complex, and the model takes real signals; give a real one");
    }
    check_sound(verb, options, windows);
    for (const auto& row : windows.rows) stacks.add(row);
    return stacks.finish();
  }
  Progress progress(verb, options.rows, quiet);
  for (std::int64_t row = 0; row < options.rows; ++row) {
    stacks.add(train::test_row(n, real, static_cast<std::uint64_t>(options.seed), row));
    progress.at(row + 1);
  }
  stacks.finish();
}

std::vector<double> known_errors(std::vector<double> errors) {
  std::erase_if(errors, [](double error) { return std::isnan(error); });
  std::sort(errors.begin(), errors.end());
  return errors;
}

base::Json spread_json(const std::vector<double>& known) {
  return {{"mean", base::number_or_null(train::spread_of(known).mean)},
          {"median", base::number_or_null(at_fraction(known, 0.5))},
          {"max", base::number_or_null(at_fraction(known, 1.0))}};
}

std::string spread_text(const std::vector<double>& known) {
  return "median " + short_number(at_fraction(known, 0.5)) + ", mean " +
         short_number(train::spread_of(known).mean) + ", worst " +
         short_number(at_fraction(known, 1.0));
}

TextTable worst_places(const std::string& name, const std::vector<double>& errors) {
  std::vector<std::size_t> order(errors.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::erase_if(order, [&](std::size_t place) { return std::isnan(errors[place]); });
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return errors[a] > errors[b]; });
  order.resize(std::min(order.size(), kWorstPlaces));
  TextTable table({"worst " + name, "relative error"});
  for (const std::size_t place : order) {
    table.add({std::to_string(place), short_number(errors[place])});
  }
  return table;
}

}  // namespace papilio::app
