/// The machine that a graph is compiled for: a pure record, so that passes and plans can be tested
/// for machines that are not at hand.
#pragma once

#include <cstdint>
#include <string>

namespace papilio::base {

struct Target {
  std::string isa;        ///< instruction set of the kernels ("avx2", ...); "" before the choice
  std::string cpu_model;  ///< as the system names it, or "unknown"
  std::int64_t l1_bytes = 0;   ///< data cache of one core; 0: unknown
  std::int64_t l2_bytes = 0;   ///< of one core; 0: unknown
  std::int64_t l3_bytes = 0;   ///< shared by cores; 0: unknown
  std::int64_t block_fft = 0;  ///< longest transform within a block of a GPU; 0: no limit
  int threads = 1;             ///< hardware threads that this process may use
};

/// The machine this process runs on. `isa` stays empty: only the kernels know what they can run.
const Target& describe_machine();

}  // namespace papilio::base
