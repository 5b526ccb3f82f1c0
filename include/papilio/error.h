/// Errors, by blame: what went wrong is the caller's input, the device, or Papilio itself.
#pragma once

#include <stdexcept>
#include <string>

#include "papilio/export.h"

namespace papilio {

/// Common base of everything that Papilio throws on purpose. The message is tagged and complete:
/// `[psd] nperseg 300 is longer than the signal (256 samples); give a shorter --nperseg`.
class PAPILIO_API Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The input or the request cannot be served as given; the message says what to change.
class PAPILIO_API UserError : public Error {
 public:
  using Error::Error;
};

/// A device is missing, out of memory or failed; the message names the call and the sizes.
class PAPILIO_API DeviceError : public Error {
 public:
  using Error::Error;
};

/// A defect of Papilio; please report it.
class PAPILIO_API InternalError : public Error {
 public:
  using Error::Error;
};

}  // namespace papilio
