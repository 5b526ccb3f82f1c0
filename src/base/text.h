/// Small helpers for messages: shortest exact numbers, joining, did-you-mean.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace papilio::base {

/// Shortest text that reads back as the same double ("0.1", "1e-10", "48000").
std::string to_text(double value);

/// "a, b, c".
std::string join(std::span<const std::string> words, std::string_view separator = ", ");

/// The candidate nearest to `word` (edit distance at most a third of its length), or "".
std::string nearest(std::string_view word, std::span<const std::string> candidates);

/// " (did you mean x?)" or "".
std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);

}  // namespace papilio::base
