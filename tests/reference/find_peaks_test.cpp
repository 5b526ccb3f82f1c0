// scipy.signal.find_peaks on short rows full of plateaus and ties. The expected positions are those
// of scipy 1.11.4: find_peaks(row, height=.., threshold=.., distance=.., prominence=..), each digit
// one sample.
#include "reference/find_peaks.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

namespace papilio::reference {
namespace {

constexpr double kNone = NAN;

struct Case {
  std::string digits;
  PeakConditions conditions;
  std::vector<std::int64_t> expected;
};

std::vector<double> row_of(const std::string& digits) {
  std::vector<double> row;
  for (const char digit : digits) row.push_back(digit - '0');
  return row;
}

std::vector<std::int64_t> positions(const std::vector<Peak>& peaks) {
  std::vector<std::int64_t> result;
  for (const Peak& peak : peaks) result.push_back(peak.position);
  return result;
}

const std::vector<Case> kCases{
    {"40423315012320000051341", {kNone, kNone, 1, kNone}, {2, 4, 7, 11, 18, 21}},
    {"215154502323430", {3.0, kNone, 1, kNone}, {2, 4, 6, 9, 12}},
    {"35125102405213555104440032251", {kNone, 1.0, 1, kNone}, {1, 4, 8, 10, 24, 27}},
    {"11401001432144101043", {kNone, kNone, 3, kNone}, {2, 8, 12, 18}},
    {"13514015505522554215", {kNone, kNone, 1, 2.0}, {2, 4, 7, 10, 14}},
    {"341141454325123", {2.0, kNone, 4, 2.0}, {7, 11}},
    {"00453521401120452040315", {1.0, 0.0, 2, 1.0}, {3, 5, 8, 12, 15, 18, 20}},
    {"53424002425522332354122", {kNone, kNone, 1, kNone}, {2, 4, 8, 10, 14, 18}},
    {"0422335353115", {3.0, kNone, 1, kNone}, {1, 6, 8}},
    {"144004220154430135132", {kNone, 1.0, 1, kNone}, {5, 10, 17, 19}},
    {"34055412210404132152", {kNone, kNone, 3, kNone}, {3, 7, 13, 18}},
    {"122204251204325354331444204", {kNone, kNone, 1, 2.0}, {5, 7, 11, 14, 16, 22}},
    {"4011311051", {2.0, kNone, 4, 2.0}, {4, 8}},
    {"3054222421404", {1.0, 0.0, 2, 1.0}, {2, 7, 10}},
    {"512540204214503245", {kNone, kNone, 1, kNone}, {3, 6, 8, 12, 14}},
    {"41324010532204503322", {3.0, kNone, 1, kNone}, {2, 4, 8, 14, 16}},
    {"324434332335123244105344501", {kNone, 1.0, 1, kNone}, {5, 11, 14, 20, 24}},
    {"22100500115102421002134230312", {kNone, kNone, 3, kNone}, {5, 10, 14, 19, 22, 26}},
    {"122052114212", {kNone, kNone, 1, 2.0}, {4, 8}},
    {"0150352231403", {2.0, kNone, 4, 2.0}, {5, 10}},
    {"01422305254", {1.0, 0.0, 2, 1.0}, {2, 5, 7, 9}},
    {"13552055420411", {kNone, kNone, 1, kNone}, {2, 6, 11}},
    {"313301434421215020532422240", {3.0, kNone, 1, kNone}, {2, 6, 8, 14, 18, 21, 25}},
    {"15120234210504510420", {kNone, 1.0, 1, kNone}, {1, 3, 7, 11, 14, 17}},
    {"011102203333155", {kNone, kNone, 3, kNone}, {2, 5, 9}},
    {"5512155", {kNone, kNone, 1, 2.0}, {}},
};

TEST(FindPeaks, AgreesWithScipy) {
  for (const Case& c : kCases) {
    const auto found =
        find_peaks(row_of(c.digits), c.conditions, [](std::int64_t) { return true; });
    EXPECT_EQ(positions(found), c.expected) << c.digits;
  }
}

TEST(FindPeaks, PlateausCountOnceAtTheirMiddleFloored) {
  const auto peaks = local_maxima(row_of("0122210333300"));
  EXPECT_EQ(positions(peaks), (std::vector<std::int64_t>{3, 8}));
  EXPECT_TRUE(peaks[0].plateau);
  EXPECT_FALSE(local_maxima(row_of("010"))[0].plateau);
}

TEST(FindPeaks, EdgesAreNoPeaks) {
  EXPECT_TRUE(local_maxima(row_of("3101133")).empty());
  EXPECT_TRUE(local_maxima(row_of("12")).empty());
  EXPECT_TRUE(local_maxima({}).empty());
}

TEST(FindPeaks, ProminenceEndsAtHigherGround) {
  const auto row = row_of("0413502090");
  EXPECT_EQ(prominence_of(row, 1), 3.0);
  EXPECT_EQ(prominence_of(row, 4), 5.0);
  EXPECT_EQ(prominence_of(row, 6), 2.0);
  EXPECT_EQ(prominence_of(row, 8), 9.0);
}

// A candidate that is left out no longer keeps its neighbours away, but still stands in the data.
TEST(FindPeaks, CandidatesAreChosenBeforeDistanceAndProminenceSeesAllData) {
  const auto row = row_of("0509030");
  const auto beside = [](std::int64_t i) { return i != 3; };
  EXPECT_EQ(positions(find_peaks(row, {kNone, kNone, 3, kNone}, beside)),
            (std::vector<std::int64_t>{1, 5}));
  const auto higher = row_of("2529230");
  EXPECT_EQ(positions(find_peaks(higher, {kNone, kNone, 1, 3.0}, beside)),
            (std::vector<std::int64_t>{1}));
}

}  // namespace
}  // namespace papilio::reference
