/// How n positions are cut into butterflies: the radices of a mixed-radix transform and the indices
/// that follow from them. b counts the blocks of a stage, j the inputs of a block, m is the stride
/// between them, r the radix.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace papilio::transform {

inline constexpr int kMinRadix = 2;
inline constexpr int kMaxRadix = 32;
/// Positions are kept as 32-bit integers (`permutation` of the files is I32).
inline constexpr std::int64_t kMaxLayout = std::int64_t{1} << 30;

/// One stage: n/r blocks of radix r, whose inputs lie m apart.
struct StageShape {
  std::int64_t n = 0;
  std::int64_t radix = 0;
  std::int64_t stride = 0;  ///< m: the product of the earlier radices

  std::int64_t blocks() const { return n / radix; }
  /// k = b mod m: where block b lies among the blocks that share a group; its exact twiddles depend
  /// on nothing else.
  std::int64_t phase(std::int64_t block) const { return block % stride; }
  /// i_j = r m g + m j + k, with g = b div m and k = b mod m.
  std::int64_t position(std::int64_t block, std::int64_t j) const {
    return radix * stride * (block / stride) + stride * j + block % stride;
  }
};

/// The radices of a network, first stage first; their product is n.
struct Layout {
  std::int64_t n = 0;
  std::vector<int> radices;

  int stages() const { return static_cast<int>(radices.size()); }
  /// The shape of stage s, 0 <= s < stages().
  StageShape stage(int s) const;
  friend bool operator==(const Layout&, const Layout&) = default;
};

/// Throws UserError unless there are radices, each from 2 to 32, whose product is n.
void validate(const Layout& layout);

/// The prime radices of n in ascending order: stages of radix 2 for a power of two, 2,2,2,2,5,5 for
/// 400. Throws UserError if n < 2 or a prime factor exceeds 32.
Layout default_layout(std::int64_t n);

/// A layout of these radices, n being their product. Throws UserError as validate does.
Layout layout_of(std::vector<int> radices);

/// Reads radices as files and flags give them, first stage first: "16,5,5" (n = 400), "16,16"
/// (Monarch, n = 256). Throws UserError for any other text.
Layout parse_layout(std::string_view radices);

/// "16,5,5": what parse_layout reads.
std::string radices_text(const Layout& layout);

/// Position i of the first stage reads x[p[i]]. With i = sum_s d_s m_s, the mixed-radix digits of
/// i (0 <= d_s < r_s), p[i] = sum_s d_s n/(m_s r_s): the digits in reverse order of weight. For
/// decimation in time: the last stage joins the r transforms of x[r t + j], each of which lies
/// contiguously and is, recursively, reversed over the earlier radices.
std::vector<std::int32_t> digit_reversal(const Layout& layout);

}  // namespace papilio::transform
