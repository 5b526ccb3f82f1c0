/// --like: a named profile, or the definition in a file (definition .json, result .json or .npz).
#pragma once

#include <optional>
#include <string>

#include "flags.h"
#include "papilio/definition.h"

namespace papilio::app {

struct Like {
  std::string name;                ///< of a profile; "" without --like or for a file
  std::string path;                ///< of the file
  std::optional<Definition> file;  ///< what the file holds, made fit for the verb
  bool db = false;                 ///< the file is a result in decibels

  bool given() const { return !name.empty() || file.has_value(); }
  /// The rate that the file's definition ran at.
  std::optional<double> fs() const;
};

/// `names` of profiles for the help, "" for a verb that has none. Unknown names are UsageErrors
/// with a did-you-mean.
void add_like_flag(Flags& flags, Like& like, const std::string& names);

/// The definition that --like names, at rate `fs`; without it the verb's defaults.
Definition definition_of(const Like& like, const std::string& verb, double fs);

/// The rate field of any definition.
double& rate_of(Definition& definition);

/// Fills in what differs from the profile, once all flags are applied.
void note_modifications(Definition& definition);

}  // namespace papilio::app
