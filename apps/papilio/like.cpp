// Profiles and definitions from files.
#include "like.h"

#include <algorithm>
#include <string_view>

#include "base/json.h"
#include "io/mapped_file.h"
#include "io/npz.h"
#include "profile_list.h"
#include "spectral/definition.h"

namespace papilio::app {
namespace {

// The record of a result, or the definition itself.
base::Json read_record(const std::string& path) {
  if (path.ends_with(".npz")) return io::NpzReader(path).meta();
  const io::MappedFile file(path);
  const auto* text = reinterpret_cast<const char*>(file.bytes().data());
  const base::Json json = base::parse_json(std::string_view(text, file.bytes().size()), path);
  return json.is_object() && json.contains("meta") ? json.at("meta") : json;
}

// Welch's part serves psd and peaks alike.
Definition fit_verb(Definition definition, const std::string& verb, const std::string& path) {
  if (definition.verb == verb) return definition;
  const bool to_psd = verb == "psd" && definition.verb == "peaks";
  const bool to_peaks = verb == "peaks" && definition.verb == "psd";
  if (!to_psd && !to_peaks) {
    throw UserError("[" + verb + "] " + path + " defines " + definition.verb + ", not " + verb +
                    "; use it with papilio " + definition.verb);
  }
  definition.verb = verb;
  if (to_psd) {
    definition.options = WelchOptions(std::get<PeaksOptions>(definition.options).welch);
  } else {
    definition.options = PeaksOptions{.welch = std::get<WelchOptions>(definition.options)};
  }
  return definition;
}

// What is wrong with a definition, with the name of its file behind the tag.
template <typename Read>
Definition named(const std::string& path, Read&& read) {
  try {
    return read();
  } catch (const UserError& error) {
    std::string text = error.what();
    const std::size_t blank = text.find(' ');
    text.insert(std::min(blank, text.size() - 1) + 1, path + ": ");
    throw UserError(text);
  }
}

void read_file(Like& like, const std::string& verb) {
  const base::Json record = read_record(like.path);
  const bool result = record.is_object() && record.contains("definition");
  const base::Json& told = result ? record.at("definition") : record;
  Definition definition = named(like.path, [&] { return definition_from_json(base::dump(told)); });
  like.file = fit_verb(std::move(definition), verb, like.path);
  if (result) like.db = record.value("db", false);
}

bool looks_like_file(const std::string& text) {
  return text.ends_with(".json") || text.ends_with(".npz") || text.find('/') != std::string::npos;
}

}  // namespace

std::optional<double> Like::fs() const {
  if (!file) return std::nullopt;
  Definition copy = *file;
  return rate_of(copy);
}

void add_like_flag(Flags& flags, Like& like, const std::string& names) {
  const std::string verb = flags.verb();
  const bool named = !names.empty();
  flags.on("--like", named ? "PROFILE|FILE" : "FILE",
           (named ? names + ", or the definition" : std::string("the definition")) +
               " in a .json or result .npz",
           [&like, verb](const std::string& flag, const std::string& text) {
             const std::vector<std::string> known = profile_names(verb);
             if (std::find(known.begin(), known.end(), text) != known.end()) {
               like.name = text;
             } else if (looks_like_file(text)) {
               like.path = text;
               read_file(like, verb);
             } else if (known.empty()) {
               refuse_value(flag, text,
                            "is no file .json or .npz, and " + verb + " has no profiles");
             } else {
               refuse_value(flag, text,
                            "is no profile" + other_verbs_text(verb, text) +
                                base::did_you_mean(text, known) + "; known: " + base::join(known) +
                                ", or a file .json or .npz");
             }
           });
}

Definition definition_of(const Like& like, const std::string& verb, double fs) {
  Definition definition{verb, "", {}, {}};
  if (like.file) {
    definition = *like.file;
  } else if (!like.name.empty()) {
    definition = profile(verb, like.name, fs);
  } else if (verb == "peaks") {
    definition.options = PeaksOptions{};
  } else {
    definition.options = WelchOptions{};
  }
  rate_of(definition) = fs;
  return definition;
}

double& rate_of(Definition& definition) {
  if (auto* peaks = std::get_if<PeaksOptions>(&definition.options)) return peaks->welch.fs;
  if (auto* mel = std::get_if<MelOptions>(&definition.options)) return mel->fs;
  return std::get<WelchOptions>(definition.options).fs;
}

void note_modifications(Definition& definition) {
  definition.modified = spectral::modifications(definition);
}

}  // namespace papilio::app
