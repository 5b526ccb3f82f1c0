/// What to run: the grid of a bench, and how Papilio runs in it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "papilio/definition.h"
#include "race.h"

namespace papilio::bench {

struct Settings {
  std::vector<std::string> works{};       ///< of those the bench knows; empty: all
  std::vector<std::string> contenders{};  ///< of those there are; empty: all
  std::vector<std::int64_t> n_fft{};      ///< empty: the bench's own
  std::vector<std::int64_t> batch{};      ///< rows; empty: the bench's own
  std::vector<std::int64_t> segments{2};
  std::vector<std::int64_t> k{16};
  std::vector<std::int64_t> threads{1};  ///< Papilio runs with each; peers have one thread
  std::vector<std::string> isas{};       ///< Papilio runs with each; empty: the usual one
  std::string device = "cpu";
  Detrend detrend = Detrend::none;
  RaceOptions race{};
};

/// One way to run Papilio.
struct Run {
  std::string device;
  std::string isa;  ///< "": the usual one
  int threads = 1;
  std::string variant;  ///< as in a result's name
};

/// isas x threads. Throws UserError for an unknown device or a silly number of threads.
std::vector<Run> runs_of(const Settings& settings);

/// While it lives, plans are made for `isa` ("": as before).
class ScopedIsa {
 public:
  explicit ScopedIsa(const std::string& isa);
  ~ScopedIsa();
  ScopedIsa(const ScopedIsa&) = delete;
  ScopedIsa& operator=(const ScopedIsa&) = delete;

 private:
  bool changed_;
  bool was_set_ = false;
  std::string before_;
};

/// Told after each cell, so that somebody waiting sees progress.
using Told = std::function<void(const std::vector<Outcome>&)>;

/// Whether `work` is asked for.
bool wanted(const Settings& settings, const std::string& work);
/// Drops the contenders that are not asked for.
void keep_wanted(const Settings& settings, std::vector<Contender>& contenders);
/// Throws UserError for works that are not among `known`.
void check_works(const Settings& settings, const std::vector<std::string>& known);

}  // namespace papilio::bench
