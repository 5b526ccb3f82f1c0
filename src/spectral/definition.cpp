// Definitions <-> JSON (schema papilio.definition, version 1), their titles and modifications.
#include "spectral/definition.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "base/json.h"
#include "base/text.h"
#include "papilio/error.h"
#include "spectral/fields.h"

namespace papilio {
namespace {

using base::Json;

constexpr const char* kSchema = "papilio.definition";
constexpr int kVersion = 1;
const std::vector<std::string> kVerbs = {"psd", "peaks", "mel", "fft"};

[[noreturn]] void fail(const std::string& what) { throw UserError("[definition] " + what); }

/// What a message shows of a value: never a whole (perhaps deep) array or object.
std::string shown(const Json& value) {
  if (value.is_structured()) return value.is_array() ? "an array" : "an object";
  const std::string text = base::dump(value);
  return text.size() <= 60 ? text : "a long " + std::string(value.type_name());
}

// ---- writing -------------------------------------------------------------------------------

Json json_of(double value) {
  if (!std::isfinite(value)) fail("a value of " + base::to_text(value) + " cannot be written");
  return value;
}
Json json_of(std::int64_t value) { return value; }
Json json_of(int value) { return value; }
Json json_of(bool value) { return value; }
Json json_of(const Window& window) {
  if (window.values.empty()) return window.name;
  Json values = Json::array();
  for (const double value : window.values) values.push_back(json_of(value));
  return values;
}
template <typename E>
  requires std::is_enum_v<E>
Json json_of(E value) {
  return spectral::name_of_choice(value);
}
template <typename T>
Json json_of(const std::optional<T>& value) {
  return value ? json_of(*value) : Json(nullptr);
}

// ---- reading -------------------------------------------------------------------------------

[[noreturn]] void wrong(const std::string& where, const char* needs, const Json& value) {
  fail(where + " needs " + needs + ", has " + shown(value));
}

void read(const Json& value, const std::string& where, double& out) {
  if (!value.is_number()) wrong(where, "a number", value);
  out = value.get<double>();
}
void read(const Json& value, const std::string& where, std::int64_t& out) {
  const bool fits = value.is_number_integer() &&
                    (!value.is_number_unsigned() ||
                     value.get<std::uint64_t>() <= std::numeric_limits<std::int64_t>::max());
  if (!fits) wrong(where, "a whole number", value);
  out = value.get<std::int64_t>();
}
void read(const Json& value, const std::string& where, int& out) {
  std::int64_t wide = 0;
  read(value, where, wide);
  if (wide != static_cast<int>(wide)) wrong(where, "a smaller whole number", value);
  out = static_cast<int>(wide);
}
void read(const Json& value, const std::string& where, bool& out) {
  if (!value.is_boolean()) wrong(where, "true or false", value);
  out = value.get<bool>();
}
void read(const Json& value, const std::string& where, std::string& out) {
  if (!value.is_string()) wrong(where, "a text", value);
  out = value.get<std::string>();
}
void read(const Json& value, const std::string& where, Window& out) {
  out = {};
  if (!value.is_array()) {
    if (!value.is_string()) wrong(where, "a window's name or an array of numbers", value);
    out.name = value.get<std::string>();
    return;
  }
  if (value.empty()) wrong(where, "a window's name or at least one number", value);
  for (const Json& element : value) read(element, where + "[]", out.values.emplace_back());
}
template <typename E>
  requires std::is_enum_v<E>
void read(const Json& value, const std::string& where, E& out) {
  std::string name;
  read(value, where, name);
  const auto choice = spectral::choice_named<E>(name);
  if (!choice) {
    const auto known = spectral::choices<E>();
    fail(where + " is " + shown(value) + base::did_you_mean(name, known) +
         "; known: " + base::join(known));
  }
  out = *choice;
}
template <typename T>
void read(const Json& value, const std::string& where, std::optional<T>& out) {
  if (value.is_null()) {
    out.reset();
  } else {
    read(value, where, out.emplace());
  }
}

/// Every key of `known` must be there and no other.
void check_keys(const Json& object, const std::string& where,
                const std::vector<std::string>& known) {
  if (!object.is_object()) fail(where + " needs an object, has " + shown(object));
  for (const auto& item : object.items()) {
    if (std::find(known.begin(), known.end(), item.key()) == known.end()) {
      fail(where + " has the unknown key " + shown(Json(item.key())) +
           base::did_you_mean(std::string_view(item.key()).substr(0, 60), known) +
           "; known: " + base::join(known));
    }
  }
  for (const std::string& key : known) {
    if (!object.contains(key)) {
      fail(where + " lacks the key '" + key +
           "'; `papilio profiles NAME --json` shows a whole one");
    }
  }
}

template <typename Options>
Options read_options(const Json& object) {
  Options options;
  std::vector<std::string> known;
  spectral::for_each_field(options, [&](const char* name, auto&) { known.emplace_back(name); });
  check_keys(object, "options", known);
  spectral::for_each_field(options, [&](const char* name, auto& field) {
    read(object.at(name), std::string("options.") + name, field);
  });
  return options;
}

decltype(Definition::options) read_options(const std::string& verb, const Json& object) {
  if (verb == "psd") return read_options<WelchOptions>(object);
  if (verb == "peaks") return read_options<PeaksOptions>(object);
  if (verb == "mel") return read_options<MelOptions>(object);
  return read_options<FftOptions>(object);
}

ModelReference read_model(const Json& object) {
  check_keys(object, "model", {"file", "sha256", "n"});
  ModelReference model;
  read(object.at("file"), "model.file", model.file);
  read(object.at("sha256"), "model.sha256", model.sha256);
  read(object.at("n"), "model.n", model.n);
  return model;
}

void check_header(const Json& json) {
  std::string schema;
  read(json.at("schema"), "schema", schema);
  if (schema != kSchema)
    fail(std::string("schema must be \"") + kSchema + "\", is " + shown(json.at("schema")));
  std::int64_t version = 0;
  read(json.at("version"), "version", version);
  if (version != kVersion) {
    fail("version " + std::to_string(version) + " is not known here (this Papilio reads version " +
         std::to_string(kVersion) + "); use the Papilio that wrote it");
  }
}

void check_names(const Definition& definition) {
  if (std::find(kVerbs.begin(), kVerbs.end(), definition.verb) == kVerbs.end()) {
    fail("verb is " + shown(Json(definition.verb)) + "; known: " + base::join(kVerbs));
  }
  const std::vector<std::string> known = profile_names(definition.verb);
  const bool found = std::find(known.begin(), known.end(), definition.profile) != known.end();
  if (!definition.profile.empty() && !found) {
    fail("profile is " + shown(Json(definition.profile)) +
         base::did_you_mean(std::string_view(definition.profile).substr(0, 60), known) +
         "; known: " + base::join(known));
  }
}

// ---- comparing -----------------------------------------------------------------------------

std::string text_of(double value) { return base::to_text(value); }
std::string text_of(std::int64_t value) { return std::to_string(value); }
std::string text_of(int value) { return std::to_string(value); }
std::string text_of(bool value) { return value ? "true" : "false"; }
std::string text_of(const Window& window) {
  if (window.values.empty()) return window.name;
  std::string text = "[";
  for (const double value : window.values) {
    text += (text.size() > 1 ? "," : "") + base::to_text(value);
  }
  return text + "]";
}
template <typename E>
  requires std::is_enum_v<E>
std::string text_of(E value) {
  return spectral::name_of_choice(value);
}
template <typename T>
std::string text_of(const std::optional<T>& value) {
  return value ? text_of(*value) : "none";
}

using NamedTexts = std::vector<std::pair<std::string, std::string>>;

NamedTexts texts_of(const Definition& definition) {
  NamedTexts texts;
  std::visit(
      [&](const auto& options) {
        spectral::for_each_field(options, [&](const char* name, const auto& field) {
          texts.emplace_back(name, text_of(field));
        });
      },
      definition.options);
  return texts;
}

double rate_of(const Definition& definition) {
  if (const auto* welch = std::get_if<WelchOptions>(&definition.options)) return welch->fs;
  if (const auto* peaks = std::get_if<PeaksOptions>(&definition.options)) return peaks->welch.fs;
  if (const auto* mel = std::get_if<MelOptions>(&definition.options)) return mel->fs;
  return 1.0;
}

/// A rate that no signal has would be found out only where it is used.
void check_rates(const Definition& definition) {
  const auto check = [](const char* name, double fs) {
    if (std::isfinite(fs) && fs > 0.0) return;
    fail(std::string("options.") + name + " is " + base::to_text(fs) + "; give a rate above 0 Hz");
  };
  check("fs", rate_of(definition));
  const auto* mel = std::get_if<MelOptions>(&definition.options);
  if (mel != nullptr && mel->required_fs) check("required_fs", *mel->required_fs);
}

}  // namespace

std::string Definition::title() const {
  std::string text = profile;
  if (!profile.empty() && !modified.empty()) text += " (modified: " + base::join(modified) + ")";
  if (!model) return text;
  return text + (text.empty() ? "" : ", ") + "transform learned in " + model->file;
}

std::string to_json(const Definition& definition) {
  Json options = Json::object();
  std::visit(
      [&](const auto& fields) {
        spectral::for_each_field(
            fields, [&](const char* name, const auto& field) { options[name] = json_of(field); });
      },
      definition.options);
  Json json = Json::object();
  json["schema"] = kSchema;
  json["version"] = kVersion;
  json["verb"] = definition.verb;
  json["profile"] = definition.profile;
  json["modified"] = definition.modified;
  json["options"] = std::move(options);
  if (definition.model) {
    const ModelReference& model = *definition.model;
    json["model"] = {{"file", model.file}, {"sha256", model.sha256}, {"n", model.n}};
  }
  return base::dump(json, 2);
}

Definition definition_from_json(std::string_view text) {
  const Json json = base::parse_json(text, "the definition");
  std::vector<std::string> keys{"schema", "version", "verb", "profile", "modified", "options"};
  const bool learned = json.is_object() && json.contains("model");
  if (learned) keys.emplace_back("model");
  check_keys(json, "the definition", keys);
  check_header(json);
  Definition definition;
  read(json.at("verb"), "verb", definition.verb);
  read(json.at("profile"), "profile", definition.profile);
  check_names(definition);
  const Json& modified = json.at("modified");
  if (!modified.is_array()) wrong("modified", "an array of texts", modified);
  for (const Json& element : modified) {
    read(element, "modified[]", definition.modified.emplace_back());
  }
  definition.options = read_options(definition.verb, json.at("options"));
  if (learned) definition.model = read_model(json.at("model"));
  check_rates(definition);
  return definition;
}

}  // namespace papilio

namespace papilio::spectral {

std::vector<std::string> modifications(const Definition& definition) {
  if (definition.profile.empty()) return {};
  const NamedTexts mine = texts_of(definition);
  const NamedTexts original =
      texts_of(profile(definition.verb, definition.profile, rate_of(definition)));
  std::vector<std::string> differing;
  for (std::size_t i = 0; i < mine.size(); ++i) {
    const auto& [name, text] = mine[i];
    if (name != "fs" && text != original[i].second) differing.push_back(name + "=" + text);
  }
  return differing;
}

}  // namespace papilio::spectral
