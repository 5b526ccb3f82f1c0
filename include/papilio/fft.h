/// Discrete Fourier transforms of rows, with numpy's meaning.
#pragma once

#include <complex>
#include <cstdint>
#include <memory>

#include "papilio/definition.h"
#include "papilio/execution.h"
#include "papilio/export.h"
#include "papilio/plan.h"
#include "papilio/view.h"

namespace papilio {

/// A transform of rows of `length` elements, planned once; any length (2^a 3^b 5^c natively, others
/// by Bluestein's algorithm). R is float or double. Immutable and thread-safe.
///
///   papilio::Fft<float> rfft(256, {.real = true});
///   rfft.run(papilio::View<const float>(x, rows, 256), papilio::View(spectra, rows, 129));
template <typename R>
class PAPILIO_API Fft {
 public:
  /// Throws UserError for a length or n below 1.
  explicit Fft(std::int64_t length, const FftOptions& options = {},
               const Execution& execution = {});

  /// Elements of an input row and of a result row.
  std::int64_t length() const { return length_; }
  std::int64_t outputs() const { return outputs_; }

  /// fft, ifft, and irfft's input (n / 2 + 1 bins). Throws UserError when the kinds or the shapes
  /// do not fit. Rows must not overlap their results.
  void run(View<const std::complex<R>> in, View<std::complex<R>> out) const;
  /// rfft.
  void run(View<const R> in, View<std::complex<R>> out) const;
  /// irfft.
  void run(View<const std::complex<R>> in, View<R> out) const;
  /// The same without any allocation once `scratch` has grown.
  void run(View<const std::complex<R>> in, View<std::complex<R>> out, Scratch& scratch) const;
  void run(View<const R> in, View<std::complex<R>> out, Scratch& scratch) const;
  void run(View<const std::complex<R>> in, View<R> out, Scratch& scratch) const;

 private:
  struct Impl;
  std::int64_t length_ = 0;
  std::int64_t outputs_ = 0;
  std::shared_ptr<const Impl> impl_;
};

}  // namespace papilio
