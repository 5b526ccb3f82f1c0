/// The command line of the bench programs, and what they print.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "race.h"
#include "settings.h"

namespace papilio::bench {

struct Command {
  Settings settings;
  std::string json;    ///< file to write; "": none
  std::string wisdom;  ///< file that keeps FFTW's plans; "": none
  bool quiet = false;  ///< no table
};

/// The whole of main(): reads the flags of `program`, runs `bench`, prints and writes. `told` is to
/// be called after each cell. Returns the exit code: 2 for a wrong command line, 1 if a cell
/// failed.
using Bench = std::function<std::vector<Outcome>(const Command& command, const Told& told)>;
int bench_main(const std::string& program, int argc, char** argv, const Bench& bench);

}  // namespace papilio::bench
