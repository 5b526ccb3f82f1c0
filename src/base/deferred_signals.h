/// Signals that ask for an end, for work that can come to a good one by itself.
#pragma once

namespace papilio::base {

/// While one lives, the first SIGINT, SIGTERM or SIGHUP is noted only; whoever works asks
/// caught() and ends. A second one removes partial files and ends the program with 128 + signal at
/// once. Afterwards the handlers are those of before. For programs, one at a time.
class DeferredSignals {
 public:
  DeferredSignals();
  ~DeferredSignals();
  DeferredSignals(const DeferredSignals&) = delete;
  DeferredSignals& operator=(const DeferredSignals&) = delete;

  /// The signal; 0: none so far.
  int caught() const;
};

}  // namespace papilio::base
