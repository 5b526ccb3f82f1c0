// JSON text: shortest exact numbers, stable order, null for what JSON cannot say.
#include "base/json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "papilio/error.h"

namespace papilio::base {
namespace {

template <typename T>
std::string text_of(T value) {
  std::string text;
  append_number(text, value);
  return text;
}

TEST(Json, NumbersAreTheShortestThatReadBack) {
  EXPECT_EQ(text_of(0.1), "0.1");
  EXPECT_EQ(text_of(0.1F), "0.1");
  EXPECT_EQ(text_of(48000.0), "48000.0");
  EXPECT_EQ(text_of(-0.0), "-0.0");
  EXPECT_EQ(text_of(1e-300), "1e-300");
  EXPECT_EQ(text_of(std::numeric_limits<double>::quiet_NaN()), "null");
  EXPECT_EQ(text_of(-std::numeric_limits<float>::infinity()), "null");
}

TEST(Json, EveryDoubleSurvivesTheRoundTrip) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 20000; ++i) {
    const std::uint64_t bits = random();
    double value = 0.0;
    std::memcpy(&value, &bits, sizeof(value));
    if (!std::isfinite(value)) continue;
    ASSERT_EQ(parse_json(dump(Json(value)), "x").get<double>(), value);
  }
}

TEST(Json, KeysKeepTheirOrder) {
  const Json value = {{"z", 1}, {"a", {1.5, nullptr, true}}, {"m", {{"b", "x"}, {"a", ""}}}};
  EXPECT_EQ(dump(value), R"({"z": 1, "a": [1.5, null, true], "m": {"b": "x", "a": ""}})");
  EXPECT_EQ(dump(Json{{"a", {1}}, {"e", Json::object()}}, 2),
            "{\n  \"a\": [\n    1\n  ],\n  \"e\": {}\n}");
}

TEST(Json, HostileTextIsEscaped) {
  std::string text;
  append_string(text, "a\"b\\\n\xff");
  EXPECT_EQ(text, "\"a\\\"b\\\\\\n\xEF\xBF\xBD\"");
}

TEST(Json, NonFiniteIsNull) {
  EXPECT_TRUE(number_or_null(std::nan("")).is_null());
  EXPECT_EQ(number_or_null(2.5).get<double>(), 2.5);
}

TEST(Json, RefusalsNameLineAndColumnInOurWords) {
  const auto refusal = [](const char* text) {
    try {
      parse_json(text, "x");
    } catch (const UserError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(refusal("{\n \"a\": ,\n}"),
            "[json] x is not valid JSON: it goes wrong in line 2, column 7; correct it there, or "
            "write it again");
  EXPECT_NE(refusal("{").find("ends too early, in line 1, column 2"), std::string::npos);
  EXPECT_NE(refusal("1e999").find("a number is too large"), std::string::npos);
}

TEST(Json, MalformedTextIsTheUsersError) {
  for (const char* text : {"", "{", "[1,]", "nan", "{\"a\": 1} x"}) {
    try {
      parse_json(text, "file.json");
      ADD_FAILURE() << text;
    } catch (const UserError& error) {
      EXPECT_EQ(std::string(error.what()).find("[json] file.json is not valid JSON"), 0u);
    }
  }
}

}  // namespace
}  // namespace papilio::base
