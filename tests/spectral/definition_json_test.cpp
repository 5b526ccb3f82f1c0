// Definitions as JSON: exact round trips, and refusals that say where.
#include <cmath>

#include "base/json.h"
#include "papilio/definition.h"
#include "spectral/support.h"

namespace papilio::spectral {
namespace {

/// The text is the whole definition: equal texts, equal definitions.
void expect_round_trip(const Definition& definition) {
  const std::string text = to_json(definition);
  const Definition back = definition_from_json(text);
  EXPECT_EQ(to_json(back), text);
  EXPECT_EQ(back.title(), definition.title());
}

TEST(DefinitionJson, EveryProfileRoundTrips) {
  for (const char* verb : {"psd", "peaks", "mel"}) {
    for (const std::string& name : profile_names(verb)) {
      expect_round_trip(profile(verb, name, 16000.0));
    }
  }
  expect_round_trip({"fft", "", {}, FftOptions{.n = 12, .norm = Norm::ortho}});
}

TEST(DefinitionJson, AModelIsPartOfTheDefinition) {
  Definition definition{"psd", "scipy", {}, WelchOptions{}, ModelReference{"m.st", "abc", 64}};
  expect_round_trip(definition);
  EXPECT_EQ(definition_from_json(to_json(definition)), definition);
  EXPECT_EQ(definition.title(), "scipy, transform learned in m.st");
  definition.model.reset();
  EXPECT_EQ(to_json(definition).find("model"), std::string::npos);
  base::Json json = base::parse_json(to_json(definition), "text");
  json["model"] = {{"file", "m.st"}, {"n", 64}};
  expect_refusal([&] { definition_from_json(base::dump(json)); }, {"model lacks", "'sha256'"});
  json["model"] = 3;
  expect_refusal([&] { definition_from_json(base::dump(json)); }, {"model needs an object"});
}

TEST(DefinitionJson, NumbersKeepEveryBit) {
  WelchOptions options{.fs = 1.0 / 3.0,
                       .window = {"", {0.1, 5e-324, -0.0, 1.7976931348623157e308}}};
  options.nperseg = 4;
  options.noverlap = (std::int64_t{1} << 62) + 1;
  const Definition back = definition_from_json(to_json({"psd", "scipy", {"fs=0.3"}, options}));
  const auto& read = std::get<WelchOptions>(back.options);
  EXPECT_EQ(read.fs, options.fs);
  EXPECT_EQ(read.window.values, options.window.values);
  EXPECT_TRUE(std::signbit(read.window.values[2]));
  EXPECT_EQ(read.noverlap, options.noverlap);
  EXPECT_EQ(back.modified, std::vector<std::string>{"fs=0.3"});
}

TEST(DefinitionJson, NotFiniteValuesCannotBeWritten) {
  expect_refusal(
      [] {
        to_json({"psd", "", {}, WelchOptions{.fs = NAN}});
      },
      {"[definition]", "nan"});
}

/// The JSON of scipy's profile after `change`.
std::string changed(const std::function<void(base::Json&)>& change, const char* verb = "psd") {
  base::Json json = base::parse_json(to_json(profile(verb, profile_names(verb)[0], 1.0)), "test");
  change(json);
  return base::dump(json);
}

void refused(const std::function<void(base::Json&)>& change,
             std::initializer_list<std::string> parts, const char* verb = "psd") {
  expect_refusal([&] { definition_from_json(changed(change, verb)); }, parts);
}

TEST(DefinitionJson, TextThatIsNoJson) {
  expect_refusal([] { definition_from_json("{"); }, {"the definition is not valid JSON"});
  expect_refusal([] { definition_from_json(""); }, {"not valid JSON"});
  expect_refusal([] { definition_from_json("[1, 2]"); }, {"needs an object, has an array"});
  expect_refusal([] { definition_from_json("1e999"); }, {"not valid JSON"});
  const std::string deep(100000, '[');
  expect_refusal([&] { definition_from_json(deep); }, {"not valid JSON"});
}

TEST(DefinitionJson, HeaderMustFit) {
  refused([](auto& j) { j["schema"] = "other"; }, {"schema must be", "\"other\""});
  refused([](auto& j) { j["version"] = 2; }, {"version 2 is not known here"});
  refused([](auto& j) { j["version"] = "1"; }, {"version needs a whole number, has \"1\""});
  refused([](auto& j) { j["verb"] = "pds"; }, {"verb is \"pds\"", "psd"});
  refused([](auto& j) { j["profile"] = "scipi"; }, {"profile is \"scipi\"", "did you mean scipy?"});
  refused([](auto& j) { j["modified"] = "x"; }, {"modified needs an array"});
  refused([](auto& j) { j["modified"] = {1}; }, {"modified[] needs a text, has 1"});
  refused([](auto& j) { j.erase("options"); }, {"lacks the key 'options'"});
  refused([](auto& j) { j["more"] = 1; }, {"the definition has the unknown key \"more\""});
}

TEST(DefinitionJson, OptionsMustFit) {
  refused([](auto& j) { j["options"]["nprseg"] = 1; },
          {"options has the unknown key \"nprseg\"", "did you mean nperseg?"});
  refused([](auto& j) { j["options"].erase("nperseg"); }, {"options lacks the key 'nperseg'"});
  refused([](auto& j) { j["options"] = 3; }, {"options needs an object, has 3"});
  refused([](auto& j) { j["options"]["nperseg"] = "abc"; },
          {"[definition] options.nperseg needs a whole number, has \"abc\""});
  refused([](auto& j) { j["options"]["nperseg"] = 256.5; }, {"options.nperseg", "256.5"});
  refused([](auto& j) { j["options"]["nperseg"] = 18446744073709551615u; }, {"options.nperseg"});
  refused([](auto& j) { j["options"]["fs"] = nullptr; }, {"options.fs needs a number, has null"});
  for (const double rate : {0.0, -16000.0}) {
    refused([&](auto& j) { j["options"]["fs"] = rate; }, {"options.fs is ", "above 0 Hz"});
    refused([&](auto& j) { j["options"]["fs"] = rate; }, {"options.fs is ", "above 0 Hz"}, "mel");
    refused([&](auto& j) { j["options"]["required_fs"] = rate; }, {"options.required_fs"}, "mel");
  }
  refused([](auto& j) { j["options"]["detrend"] = "lineer"; },
          {"options.detrend is \"lineer\"", "did you mean linear?"});
  refused([](auto& j) { j["options"]["window"] = base::Json::array(); }, {"options.window"});
  refused([](auto& j) { j["options"]["window"] = {1, "a"}; }, {"options.window[] needs a number"});
  refused([](auto& j) { j["options"]["center"] = 1; }, {"options.center needs true or false"},
          "mel");
  refused([](auto& j) { j["options"]["power"] = 1LL << 40; }, {"options.power"}, "mel");
}

TEST(DefinitionJson, OptionsOfAnotherVerbAreRefused) {
  refused([](auto& j) { j["verb"] = "mel", j["profile"] = ""; }, {"options has the unknown key"});
}

}  // namespace
}  // namespace papilio::spectral
