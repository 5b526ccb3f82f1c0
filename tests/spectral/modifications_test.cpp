// What differs from a profile is named, and nothing else.
#include "spectral/definition.h"
#include "spectral/support.h"

namespace papilio::spectral {
namespace {

using Names = std::vector<std::string>;

TEST(Modifications, OfAProfileItselfAreNone) {
  for (const char* verb : {"psd", "peaks", "mel"}) {
    for (const std::string& name : profile_names(verb)) {
      EXPECT_EQ(modifications(profile(verb, name, 22050.0)), Names{}) << verb << " " << name;
    }
  }
}

TEST(Modifications, AreNamedAsFlags) {
  Definition definition = profile("mel", "whisper", 16000.0);
  auto& options = std::get<MelOptions>(definition.options);
  options.n_fft = 512;
  options.range.reset();
  options.window.name = "hamming";
  options.log = MelLog::ln;
  EXPECT_EQ(modifications(definition),
            (Names{"n_fft=512", "window=hamming", "log=ln", "range=none"}));
}

TEST(Modifications, ReachIntoPeaks) {
  Definition definition = profile("peaks", "scipy", 100.0);
  std::get<PeaksOptions>(definition.options).welch.noverlap = 0;
  std::get<PeaksOptions>(definition.options).height = 0.5;
  EXPECT_EQ(modifications(definition), (Names{"noverlap=0", "height=0.5"}));
}

TEST(Modifications, WithoutAProfileAreNone) {
  EXPECT_EQ(modifications({"psd", "", {}, WelchOptions{.nperseg = 3}}), Names{});
}

TEST(Modifications, TitlesNameThem) {
  Definition definition = profile("mel", "whisper", 16000.0);
  EXPECT_EQ(definition.title(), "whisper");
  definition.modified = {"n_fft=512", "log=ln"};
  EXPECT_EQ(definition.title(), "whisper (modified: n_fft=512, log=ln)");
  EXPECT_EQ(Definition{}.title(), "");
}

}  // namespace
}  // namespace papilio::spectral
