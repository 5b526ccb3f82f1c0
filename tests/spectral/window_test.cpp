// Windows against scipy.signal.get_window (1.17) and closed forms, to 1e-15; bad names are refused.
#include "spectral/window.h"

#include <cmath>

#include "spectral/support.h"

namespace papilio::spectral {
namespace {

std::vector<double> window(const std::string& name, std::int64_t n) {
  return make_window({name, {}}, n, "psd");
}

void expect_close(const std::vector<double>& got, const std::vector<double>& want,
                  const std::string& name) {
  ASSERT_EQ(got.size(), want.size()) << name;
  for (std::size_t i = 0; i < want.size(); ++i) EXPECT_NEAR(got[i], want[i], 1e-15) << name << i;
}

// get_window(name, 6, fftbins=False): its first half; the periodic one of 5 leaves out the last
// point.
const std::vector<std::pair<std::string, std::vector<double>>> kHalves = {
    {"boxcar", {1.0, 1.0, 1.0}},
    {"hann", {0.0, 0.34549150281252633, 0.9045084971874737}},
    {"hamming", {0.08000000000000007, 0.3978521825875243, 0.9121478174124759}},
    {"blackman", {-1.3877787807814457e-17, 0.2007701432625305, 0.8492298567374694}},
    {"blackmanharris", {6.0000000000001025e-05, 0.10301148934566379, 0.7938335106543363}},
    {"nuttall", {0.0003628000000000381, 0.11051525304987181, 0.7982580969501283}},
    {"flattop", {-0.0004210510000000013, -0.06771425207621193, 0.606872152576212}},
    {"kaiser:8.6", {0.0013325139979024198, 0.20105486954533092, 0.8494161890910448}},
    {"tukey:0.25", {0.0, 1.0, 1.0}},
};

TEST(Window, SymmetricAsScipy) {
  for (const auto& [name, half] : kHalves) {
    std::vector<double> want = half;
    want.insert(want.end(), half.rbegin(), half.rend());
    expect_close(window(name + ":sym", 6), want, name);
  }
}

TEST(Window, PeriodicAsScipy) {
  for (const auto& [name, half] : kHalves) {
    std::vector<double> want = half;
    want.insert(want.end(), half.rbegin(), half.rend() - 1);
    expect_close(window(name, 5), want, name);
  }
}

TEST(Window, TukeyTapersHalfByDefault) {
  expect_close(window("tukey:sym", 8),
               {0.0, 0.6112604669781572, 1, 1, 1, 1, 0.6112604669781576, 0.0}, "tukey");
  expect_close(window("tukey", 8), {0.0, 0.5, 1, 1, 1, 1, 1, 0.5}, "tukey");
}

TEST(Window, TukeyEndsAreBoxcarAndHann) {
  EXPECT_EQ(window("tukey:0", 9), window("boxcar", 9));
  EXPECT_EQ(window("tukey:1", 9), window("hann", 9));
}

TEST(Window, PoveyIsASymmetricHannToThe085) {
  const std::vector<double> hann = window("hann:sym", 7);
  std::vector<double> want;
  for (const double w : hann) want.push_back(std::pow(w, 0.85));
  expect_close(window("povey", 7), want, "povey");
  EXPECT_EQ(window("povey", 7), window("povey:sym", 7));
}

TEST(Window, KaiserOfZeroIsBoxcar) { EXPECT_EQ(window("kaiser:0", 8), window("boxcar", 8)); }

TEST(Window, KaiserIsFiniteToItsLargestBeta) {
  for (const double w : window("kaiser:700", 33)) EXPECT_TRUE(std::isfinite(w) && w >= 0.0);
}

TEST(Window, OfOnePointIsOne) {
  for (const std::string& name : window_names()) {
    const std::string full = name == "kaiser" ? "kaiser:5" : name;
    EXPECT_EQ(window(full, 1), std::vector<double>{1.0}) << name;
  }
}

TEST(Window, HalvesHaveTheSameBits) {
  for (const char* name : {"hann:sym", "flattop:sym", "blackmanharris:sym"}) {
    const std::vector<double> w = window(name, 401);
    for (std::size_t i = 0; i < 200; ++i) EXPECT_EQ(w[i], w[400 - i]) << name << i;
  }
}

TEST(Window, ArraysAreTakenAsTheyAre) {
  EXPECT_EQ(make_window({"", {1.0, -2.0, 0.5}}, 3, "psd"), (std::vector<double>{1.0, -2.0, 0.5}));
}

TEST(Window, Sums) {
  const WindowSums sums = sums_of(std::vector<double>{1.0, -2.0, 0.5});
  EXPECT_EQ(sums.sum, -0.5);
  EXPECT_EQ(sums.sum_of_squares, 5.25);
}

TEST(Window, RefusalsSayWhatToDo) {
  const auto refused = [](const std::string& name, std::initializer_list<std::string> parts) {
    expect_refusal([&] { window(name, 8); }, parts);
  };
  refused("hannn", {"[psd]", "'hannn'", "did you mean hann?", "blackmanharris"});
  refused("", {"unknown window"});
  refused("hann:3", {"takes no parameter"});
  refused("hann:sym:sym", {"takes no parameter"});
  refused("kaiser", {"needs its parameter", "kaiser:8.6"});
  refused("kaiser:abc", {"'abc'", "from 0 to 700"});
  refused("kaiser:1e9", {"from 0 to 700"});
  refused("kaiser:", {"not a number"});
  refused("kaiser:nan", {"not a number"});
  refused("tukey:1.5", {"from 0 to 1"});
  refused("tukey:0.1:0.2", {"one parameter"});
}

TEST(Window, ArraysOfAnotherLengthAreRefused) {
  expect_refusal(
      [] {
        make_window({"", {1.0, 2.0}}, 3, "mel");
      },
      {"[mel]", "2 values", "3 samples"});
  expect_refusal([] { make_window({"", {1.0, NAN}}, 2, "mel"); }, {"not finite"});
}

}  // namespace
}  // namespace papilio::spectral
