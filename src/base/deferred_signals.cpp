#include "base/deferred_signals.h"

#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstddef>

#include "base/atomic_file.h"

namespace papilio::base {
namespace {

constexpr std::array<int, 3> kSignals{SIGINT, SIGTERM, SIGHUP};
// A handler can reach nothing else.
std::atomic<int> noted{0};
static_assert(std::atomic<int>::is_always_lock_free);
std::array<struct sigaction, kSignals.size()> before;

void note(int signal) {
  if (noted.exchange(signal) == 0) return;
  remove_partial_files();
  _exit(128 + signal);
}

}  // namespace

DeferredSignals::DeferredSignals() {
  noted = 0;
  struct sigaction action {};
  action.sa_handler = note;
  action.sa_flags = SA_RESTART;  // the work goes on as if nothing had happened
  sigemptyset(&action.sa_mask);
  for (std::size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &action, &before[i]);
}

DeferredSignals::~DeferredSignals() {
  for (std::size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &before[i], nullptr);
}

int DeferredSignals::caught() const { return noted; }

}  // namespace papilio::base
