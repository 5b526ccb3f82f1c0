/// UTF-8 to and from the UTF-32 of numpy's text arrays.
#pragma once

#include <string>
#include <string_view>

namespace papilio::io {

/// Code points; every invalid byte becomes U+FFFD.
std::u32string to_utf32(std::string_view text);

/// UTF-8; numbers that are no code points become U+FFFD.
std::string to_utf8(std::u32string_view text);

}  // namespace papilio::io
