/// Medians over segments, as numpy and scipy define them. Plain C++, the same on every ISA.
#pragma once

#include <cstdint>
#include <span>

namespace papilio::kernels {

/// numpy.median: the middle value, or the mean of the two in the middle. Reorders `values`, which
/// must not be empty; NaN if any of them is NaN.
template <typename T>
T median(std::span<T> values);

/// Bias of the median of `count` periodograms against their mean (scipy.signal's _median_bias):
/// a median power divided by it estimates the mean power. FINDCHIRP, arXiv:gr-qc/0509116, (B.9).
double median_bias(std::int64_t count);

}  // namespace papilio::kernels
