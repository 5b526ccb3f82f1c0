/// Instruction sets that the kernels are compiled for, and which of them this chip can run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace papilio::kernels {

/// One per Highway target that Papilio compiles. `scalar` is plain C++ with one lane.
enum class Isa : std::uint8_t { scalar, sse4, avx2, avx512, neon };

/// "scalar", "sse4", "avx2", "avx512", "neon".
const char* name_of(Isa isa);

/// Bytes of a full vector; `scalar` holds one element of whatever type.
constexpr std::size_t vector_bytes(Isa isa) {
  switch (isa) {
    case Isa::scalar:
      return 0;
    case Isa::sse4:
    case Isa::neon:
      return 16;
    case Isa::avx2:
      return 32;
    case Isa::avx512:
      return 64;
  }
  return 0;
}

/// Lanes L of a tile of T: how many transforms (rows, frames, columns) ride in one tile.
template <typename T>
constexpr std::int64_t lanes_of(Isa isa) {
  const std::size_t bytes = vector_bytes(isa);
  return bytes == 0 ? 1 : static_cast<std::int64_t>(bytes / sizeof(T));
}

/// Instruction sets compiled into this build AND supported by this chip, best first; never empty.
std::vector<Isa> usable_isas();

/// The one that PAPILIO_ISA names, or the best if it is unset or empty. Throws UserError, listing
/// the usable ones, when the name is unknown or not usable here.
Isa isa_from_environment();

}  // namespace papilio::kernels
