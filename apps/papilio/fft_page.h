/// A transform as a page to look at.
#pragma once

#include <string>

#include "fft_run.h"

namespace papilio::app {

/// "fft", "ifft", "rfft" or "irfft": what numpy calls it.
std::string numpy_name(const FftOptions& options);
/// The same, or the model's file.
std::string transform_name(const FftRun& run);

/// The page's HTML.
std::string fft_page(const CommonOptions& common, const FftRun& run);

}  // namespace papilio::app
