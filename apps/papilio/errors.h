/// What a command line can end with besides a result.
#pragma once

#include <exception>
#include <string>
#include <utility>

#include "papilio/error.h"

namespace papilio::app {

enum ExitCode : int { kOk = 0, kFailed = 1, kUsage = 2 };

/// The command line itself cannot be served, whatever the files hold: exit code 2.
class UsageError : public UserError {
 public:
  using UserError::UserError;
};

/// Runs checks of what no input can change: their refusals are then those of the command line.
template <typename Checks>
void as_usage(Checks&& checks) {
  try {
    checks();
  } catch (const UserError& error) {
    throw UsageError(error.what());
  }
}

/// Not an error: a signal asked for the end, and the work came to one. Exit code 128 + signal.
class Interrupted : public std::exception {
 public:
  Interrupted(int signal, std::string text) : signal_(signal), text_(std::move(text)) {}
  const char* what() const noexcept override { return text_.c_str(); }
  int code() const { return 128 + signal_; }

 private:
  int signal_;
  std::string text_;
};

/// Not an error: --help was asked for and `text` answers it.
class HelpAsked : public std::exception {
 public:
  explicit HelpAsked(std::string help) : text_(std::move(help)) {}
  const char* what() const noexcept override { return "help"; }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace papilio::app
