/// The words that model files have for the kinds of a network, in the order of the enumerators.
#pragma once

#include <cstddef>
#include <span>

#include "transform/network.h"

namespace papilio::train {

inline constexpr const char* kForms[] = {"twiddle", "block"};
inline constexpr const char* kFields[] = {"complex", "real"};
inline constexpr const char* kOrders[] = {"dit", "dif", "stockham"};
inline constexpr const char* kDirections[] = {"forward", "inverse"};
inline constexpr const char* kTyings[] = {"untied", "tied"};
inline constexpr const char* kNorms[] = {"backward", "ortho", "forward", "none"};
inline constexpr const char* kInputs[] = {"complex", "real"};

constexpr std::span<const char* const> words_of(transform::Form) { return kForms; }
constexpr std::span<const char* const> words_of(transform::Field) { return kFields; }
constexpr std::span<const char* const> words_of(transform::Order) { return kOrders; }
constexpr std::span<const char* const> words_of(transform::Direction) { return kDirections; }
constexpr std::span<const char* const> words_of(transform::Tying) { return kTyings; }
constexpr std::span<const char* const> words_of(transform::Norm) { return kNorms; }
constexpr std::span<const char* const> words_of(transform::Input) { return kInputs; }

/// "dit", "block" ...
template <typename E>
constexpr const char* word_of(E value) {
  return words_of(value)[static_cast<std::size_t>(value)];
}

}  // namespace papilio::train
