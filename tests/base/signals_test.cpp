// The first signal waits, the second one does not, and afterwards all is as it was.
#include "base/signals.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace papilio::base {
namespace {

/// The exit code of a process that does this.
template <typename Body>
int exit_code(Body&& body) {
  const pid_t child = fork();
  if (child == 0) {
    install_signal_handlers();
    body();
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(DeferredSignals, TheFirstOneIsOnlyNoted) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    EXPECT_EQ(exit_code([&] {
                const DeferredSignals signals;
                if (signals.caught() != 0) _exit(1);
                raise(signal);
                _exit(signals.caught());
              }),
              signal);
  }
}

TEST(DeferredSignals, TheSecondOneEnds) {
  EXPECT_EQ(exit_code([] {
              const DeferredSignals signals;
              raise(SIGTERM);
              raise(SIGINT);
            }),
            130);
}

TEST(DeferredSignals, AfterwardsTheFirstOneEndsAgain) {
  EXPECT_EQ(exit_code([] {
              { const DeferredSignals signals; }
              raise(SIGTERM);
            }),
            143);
  EXPECT_EQ(exit_code([] {
              {
                const DeferredSignals signals;
                raise(SIGINT);
              }
              const DeferredSignals fresh;
              _exit(fresh.caught() == 0 ? 7 : 1);
            }),
            7);
}

TEST(DeferredSignals, WhatWasIgnoredStaysIgnored) {
  EXPECT_EQ(exit_code([] {
              std::signal(SIGHUP, SIG_IGN);  // as nohup does, before the program begins
              install_signal_handlers();
              raise(SIGHUP);
              const DeferredSignals signals;
              raise(SIGHUP);
              _exit(signals.caught() == 0 ? 7 : 1);
            }),
            7);
}

}  // namespace
}  // namespace papilio::base
