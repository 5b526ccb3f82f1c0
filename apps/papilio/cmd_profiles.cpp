// papilio profiles: what --like knows, and the definition behind a name.
#include <algorithm>

#include "base/json.h"
#include "errors.h"
#include "flags.h"
#include "output.h"
#include "papilio/definition.h"
#include "profile_list.h"
#include "verb.h"

namespace papilio::app {
namespace {

constexpr const char* kExample =
    "Examples:\n"
    "  papilio profiles\n"
    "  papilio profiles whisper --json > mine.json   # edit, then: papilio mel --like mine.json";
constexpr double kMelRate = 16000.0;

std::string list_json(const std::string& verb) {
  base::Json list = base::Json::array();
  for (const ProfileLine& line : profile_lines()) {
    const bool wanted =
        verb.empty() || std::find(line.verbs.begin(), line.verbs.end(), verb) != line.verbs.end();
    if (wanted) {
      list.push_back({{"name", line.name}, {"verbs", line.verbs}, {"meaning", line.meaning}});
    }
  }
  return base::dump(list) + "\n";
}

const ProfileLine& find_profile(const std::vector<ProfileLine>& lines, const std::string& name) {
  std::vector<std::string> known;
  for (const ProfileLine& line : lines) {
    if (line.name == name) return line;
    known.push_back(line.name);
  }
  throw UsageError("[profiles] unknown profile '" + name + "'" + base::did_you_mean(name, known) +
                   "; known: " + base::join(known));
}

Definition defined(const ProfileLine& line, const std::string& verb, std::optional<double> fs) {
  if (std::find(line.verbs.begin(), line.verbs.end(), verb) == line.verbs.end()) {
    throw UsageError("[profiles] " + line.name + " is no profile of " + verb + " but of " +
                     base::join(line.verbs, " and ") +
                     "; known: " + base::join(profile_names(verb)));
  }
  if (fs && *fs <= 0.0) {
    throw UsageError("[profiles] --fs " + base::to_text(*fs) + " must be above 0");
  }
  Definition definition = profile(verb, line.name, fs.value_or(verb == "mel" ? kMelRate : 1.0));
  const auto* mel = std::get_if<MelOptions>(&definition.options);
  if (mel != nullptr && mel->required_fs && mel->fs != *mel->required_fs) {
    throw UsageError("[profiles] " + line.name + " needs " + base::to_text(*mel->required_fs) +
                     " Hz, --fs says " + base::to_text(mel->fs) + "; leave --fs out");
  }
  return definition;
}

std::string readable(const base::Json& definition, const ProfileLine& line) {
  std::string text = line.name + ": " + line.meaning + "\n";
  for (const auto& [key, value] : definition.at("options").items()) {
    const std::string shown = value.is_string() ? value.get<std::string>() : base::dump(value);
    text += "  " + key + std::string(key.size() < 20 ? 20 - key.size() : 1, ' ') +
            (value.is_null() ? "-" : shown) + "\n";
  }
  return text;
}

}  // namespace

int run_profiles(const std::vector<std::string>& arguments) {
  Flags flags("profiles", "The profiles that --like knows, or the whole definition of one.",
              kExample);
  std::string name;
  std::string verb;
  std::optional<double> fs;
  bool json = false;
  flags.positional("NAME", "one profile", name);
  flags.on("--verb", "psd|peaks|mel", "of this verb",
           [&verb](const std::string& flag, const std::string& text) {
             const std::vector<std::string> known{"psd", "peaks", "mel"};
             if (std::find(known.begin(), known.end(), text) == known.end()) {
               refuse_value(flag, text,
                            "has no profiles" + base::did_you_mean(text, known) +
                                "; give psd, peaks or mel");
             }
             verb = text;
           });
  flags.value("--fs", "HZ", "at this rate (mel: 16000, else 1)", fs);
  flags.flag("--json", "as JSON: a definition that --like FILE.json takes",
             [&json] { json = true; });
  flags.flag("--quiet", "nothing: there are no warnings here", [] {});
  flags.parse(arguments);
  if (name.empty()) {
    write_text("-", json ? list_json(verb) : profile_table(verb));
    return kOk;
  }
  const std::vector<ProfileLine> lines = profile_lines();
  const ProfileLine& line = find_profile(lines, name);
  if (verb.empty()) verb = line.verbs.front();
  const std::string text = to_json(defined(line, verb, fs));
  write_text("-", json ? text + "\n" : readable(base::parse_json(text, name), line));
  return kOk;
}

}  // namespace papilio::app
