/// Plain transforms along the last axis, as numpy's fft, ifft, rfft and irfft.
#pragma once

#include <cstdint>

#include "ir/graph.h"
#include "papilio/definition.h"

namespace papilio::spectral {

/// Whether the graph reads complex rows: everything but a forward real transform. Rows of real
/// numbers are given to it with imaginary parts of 0.
bool takes_complex(const FftOptions& options);

/// Transform length for rows of `length` elements.
std::int64_t fft_length(const FftOptions& options, std::int64_t length);
/// Elements of an input row that the transform reads.
std::int64_t fft_inputs(const FftOptions& options, std::int64_t length);
/// Elements of a result row.
std::int64_t fft_outputs(const FftOptions& options, std::int64_t length);

/// Throws UserError; `complex_input` says what the data are.
void check_fft(const FftOptions& options, std::int64_t length, bool complex_input);

/// Output "fft" [rows, outputs] of rows of exactly `length` elements, which are cut or zero-padded
/// to the transform's length as numpy does.
ir::Graph build_fft(const FftOptions& options, std::int64_t length, DType compute);

}  // namespace papilio::spectral
