/// Text helpers: UTF-8 repair, clipping, base64, templates.
#include "report/text.h"

#include <gtest/gtest.h>

#include <vector>

#include "papilio/error.h"

namespace papilio::report {
namespace {

const std::string kBroken = "\xEF\xBF\xBD";

TEST(Text, ValidUtf8Stays) {
  const std::string text = "\xC3\xA9 \xE2\x82\xAC \xF0\x9F\xA6\x8B a\tb\nc";
  EXPECT_EQ(clean(text, 100), text);
}

TEST(Text, BrokenUtf8IsReplaced) {
  EXPECT_EQ(clean("a\xFFz", 100), "a" + kBroken + "z");
  EXPECT_EQ(clean("\xC3", 100), kBroken);
  EXPECT_EQ(clean("\xC0\xAF", 100), kBroken + kBroken);                // overlong
  EXPECT_EQ(clean("\xED\xA0\x80", 100), kBroken + kBroken + kBroken);  // surrogate
  EXPECT_EQ(clean("\xF4\x90\x80\x80", 100), kBroken + kBroken + kBroken + kBroken);
}

TEST(Text, ControlCharactersAreReplaced) {
  EXPECT_EQ(clean(std::string_view("a\0b\x1B\x7F", 5), 100),
            "a" + kBroken + "b" + kBroken + kBroken);
  EXPECT_EQ(clean("\xC2\x85", 100), kBroken);
}

TEST(Text, LongTextIsCutBetweenCharacters) {
  EXPECT_EQ(clean("\xC3\xA9\xC3\xA9\xC3\xA9", 2), "\xC3\xA9\xC3\xA9\xE2\x80\xA6");
  EXPECT_EQ(clean("ab", 2), "ab");
}

TEST(Text, EscapesForElementsAttributesAndJson) {
  EXPECT_EQ(escape("<a b=\"c\" d='e'>&"), "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;");
  EXPECT_EQ(escape_json("\"</script>&\""), "\"\\u003c/script\\u003e\\u0026\"");
}

TEST(Text, Base64MatchesRfc4648) {
  const auto encoded = [](std::string_view text) {
    return base64(std::vector<std::uint8_t>(text.begin(), text.end()));
  };
  EXPECT_EQ(encoded(""), "");
  EXPECT_EQ(encoded("f"), "Zg==");
  EXPECT_EQ(encoded("fo"), "Zm8=");
  EXPECT_EQ(encoded("foo"), "Zm9v");
  EXPECT_EQ(encoded("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64_of_hex("666f6f62"), encoded("foob"));
}

TEST(Text, FillReplacesEachNameOnce) {
  EXPECT_EQ(fill("<{{a}}|{{b}}|{{a}}>", {{"a", "{{b}}"}, {"b", "2"}}), "<{{b}}|2|{{b}}>");
}

TEST(Text, FillRefusesUnknownNames) {
  EXPECT_THROW(fill("{{a}}", {{"b", ""}}), InternalError);
  EXPECT_THROW(fill("{{a", {{"b", ""}}), InternalError);
}

}  // namespace
}  // namespace papilio::report
