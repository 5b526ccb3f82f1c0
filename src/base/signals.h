/// Signals that ask a program for an end. For programs; a library never calls any of it.
#pragma once

namespace papilio::base {

/// SIGINT, SIGTERM and SIGHUP remove partial files and end with 128 + signal, but for those that
/// whoever started the program had it ignore (nohup, a shell's background jobs). A closed pipe
/// becomes the exception ClosedPipe instead of a signal.
void install_signal_handlers();

/// While one lives, the first SIGINT, SIGTERM or SIGHUP is noted only; whoever works asks
/// caught() and ends. A second one removes partial files and ends the program with 128 + signal at
/// once. Ignored ones stay ignored. Afterwards the handlers are those of before. One at a time.
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
