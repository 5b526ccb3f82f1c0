/// Indented text of a kernel, line by line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace papilio::codegen {

class Text {
 public:
  void line(std::string_view text);
  /// A line that opens a block, and one that closes it.
  void open(std::string_view text);
  void close(std::string_view text = "}");
  /// All lines of `other`, indented to this depth.
  void lines(const Text& other);
  const std::string& str() const { return text_; }

 private:
  std::string text_;
  int depth_ = 0;
};

inline std::string number(std::int64_t value) { return std::to_string(value); }
/// A number as a literal of double.
std::string exact(double value);
/// A number as a literal of the kernel's real type: exact, `R(0x1.8p+1)`.
std::string literal(double value);
/// x * mul + add, without what changes nothing.
std::string affine(const std::string& x, double mul, double add);

}  // namespace papilio::codegen
