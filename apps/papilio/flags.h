/// The flags of one verb: CLI11 splits and documents the command line, values.h reads the values,
/// and whatever is unknown gets a did-you-mean.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "values.h"

namespace papilio::app {

/// Changes to a definition that flags ask for, in the order of the flags' declaration.
template <typename Options>
using Edits = std::vector<std::function<void(Options&)>>;

/// A flag that would change nothing beside the others is refused, not ignored.
struct IdleFlag {
  const char* name;
  bool idle;
  std::string why;  ///< reads on from the name: why it is idle, and what to do
};

class Flags {
 public:
  /// `example` is the last part of the verb's help.
  Flags(const std::string& verb, const std::string& meaning, const std::string& example);

  const std::string& verb() const { return verb_; }
  /// The heading under which the following flags are listed.
  void group(const std::string& name) { group_ = name; }

  /// A flag with a value, e.g. on("-k,--top", "N", "how many", ...). `read` gets the tagged name of
  /// the flag and its text. Returns CLI11's option for what else it can do.
  using Read = std::function<void(const std::string& flag, const std::string& text)>;
  CLI::Option* on(const std::string& names, const std::string& type, const std::string& help,
                  Read read);
  /// A flag without a value.
  CLI::Option* flag(const std::string& names, const std::string& help, std::function<void()> then);
  /// A flag whose value is one of `known`.
  CLI::Option* word(const std::string& names, const std::string& help,
                    const std::vector<std::string>& known, std::string& target);
  /// The one positional argument.
  void positional(const std::string& name, const std::string& help, std::string& target);

  template <typename T>
  CLI::Option* value(const std::string& names, const std::string& type, const std::string& help,
                     T& target) {
    return on(names, type, help, [&target](const std::string& flag, const std::string& text) {
      parse_value(flag, text, target);
    });
  }
  /// A flag that sets a field of the definition.
  template <typename Options, typename Field>
  CLI::Option* edit(const std::string& names, const std::string& type, const std::string& help,
                    Edits<Options>& edits, Field Options::*field) {
    return on(names, type, help, [&edits, field](const std::string& flag, const std::string& text) {
      Field parsed{};
      parse_value(flag, text, parsed);
      edits.push_back([field, parsed](Options& options) { options.*field = parsed; });
    });
  }

  bool given(const std::string& name) const;
  /// The value as it was given; "" where it was not, or the verb has no such flag.
  std::string text(const std::string& name) const;
  /// Throws UsageError for the first row whose flag is given and idle.
  void refuse_idle(const std::vector<IdleFlag>& rows) const;

  /// Throws UsageError, or HelpAsked.
  void parse(const std::vector<std::string>& arguments);

 private:
  std::string tagged(const std::string& names) const;
  [[noreturn]] void refuse_extra(const std::vector<std::string>& extra) const;

  std::string verb_;
  std::string group_ = "Options";
  CLI::App app_;
};

/// "NAME|NAME|..." of a choice, for help texts.
template <typename E>
std::string choice_list() {
  return base::join(spectral::choices<E>(), "|");
}

}  // namespace papilio::app
