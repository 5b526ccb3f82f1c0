#include "base/signals.h"

#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstddef>

#include "base/atomic_file.h"

namespace papilio::base {
namespace {

constexpr std::array<int, 3> kSignals{SIGINT, SIGTERM, SIGHUP};
using Actions = std::array<struct sigaction, kSignals.size()>;

// A handler can reach nothing else.
std::atomic<int> noted{0};
static_assert(std::atomic<int>::is_always_lock_free);
Actions before;

void remove_and_exit(int signal) {
  remove_partial_files();
  _exit(128 + signal);
}

void note(int signal) {
  if (noted.exchange(signal) != 0) remove_and_exit(signal);
}

/// Hands the signals to `handler`, but for ignored ones. The actions of before.
Actions hand_over(void (*handler)(int), int flags) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = flags;
  sigemptyset(&action.sa_mask);
  Actions earlier{};
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    sigaction(kSignals[i], nullptr, &earlier[i]);
    if (earlier[i].sa_handler != SIG_IGN) sigaction(kSignals[i], &action, nullptr);
  }
  return earlier;
}

}  // namespace

void install_signal_handlers() {
  hand_over(remove_and_exit, 0);
  // Both are told by write() instead: a closed pipe, and a file above the limit of its size.
  for (const int ignored : {SIGPIPE, SIGXFSZ}) signal(ignored, SIG_IGN);
}

DeferredSignals::DeferredSignals() {
  noted = 0;
  before = hand_over(note, SA_RESTART);  // the work goes on as if nothing had happened
}

DeferredSignals::~DeferredSignals() {
  for (std::size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &before[i], nullptr);
}

int DeferredSignals::caught() const { return noted; }

}  // namespace papilio::base
