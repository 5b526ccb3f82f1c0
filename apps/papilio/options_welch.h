/// The flags that psd and peaks share: Welch's definition.
#pragma once

#include <optional>
#include <string>

#include "flags.h"
#include "like.h"
#include "model_transform.h"
#include "papilio/definition.h"

namespace papilio::app {

struct WelchFlags {
  Edits<WelchOptions> edits;
  std::optional<double> resolution;  ///< Hz
  bool db = false;
  Like like;
  std::string model;  ///< path; "": the exact transform
};

void add_welch_flags(Flags& flags, WelchFlags& options);

/// Throws UsageError for flags that exclude each other.
void check_welch_flags(const Flags& flags, const WelchFlags& options);

/// Applies the verb's flags to options whose rate is known.
void apply(const WelchFlags& flags, const std::string& verb, std::optional<Nonfinite> nonfinite,
           WelchOptions& options);

/// The lengths of a learned transform: its n is n_fft, and nperseg where nothing else is given.
/// Throws UsageError for others.
void apply_model(const Flags& flags, const WelchFlags& welch,
                 const std::optional<ModelTransform>& model, WelchOptions& options);

/// The options as far as they can be judged without an input: without its frequencies, and with
/// --resolution of a length that the other flags allow if any does. Throws for an empty range.
void forget_input(const WelchFlags& flags, const std::string& verb, WelchOptions& options);

/// The rlx profiles are defined for powers of two only. Throws UserError.
void check_rlx(const Definition& definition, const WelchOptions& options);

/// Smallest 2^a 3^b 5^c >= n.
std::int64_t next_smooth(std::int64_t n);

}  // namespace papilio::app
