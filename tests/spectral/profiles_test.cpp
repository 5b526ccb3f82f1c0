// Named profiles: every one is a definition that its own checks accept; names are fixed.
#include "papilio/definition.h"
#include "spectral/mel.h"
#include "spectral/peaks.h"
#include "spectral/support.h"

namespace papilio::spectral {
namespace {

using Names = std::vector<std::string>;

TEST(Profiles, Names) {
  EXPECT_EQ(profile_names("mel"), (Names{"whisper", "librosa", "torchaudio", "kaldi", "rlx"}));
  EXPECT_EQ(profile_names("psd"), (Names{"scipy", "mne", "rlx:full", "rlx:fast", "rlx:ultra"}));
  EXPECT_EQ(profile_names("peaks"), profile_names("psd"));
  EXPECT_EQ(profile_names("fft"), Names{});
}

TEST(Profiles, AllAreValidAt16kHz) {
  for (const std::string& name : profile_names("psd")) {
    check_welch(std::get<WelchOptions>(profile("psd", name, 16000.0).options));
    check_peaks(std::get<PeaksOptions>(profile("peaks", name, 16000.0).options));
  }
  for (const std::string& name : profile_names("mel")) {
    const auto options = std::get<MelOptions>(profile("mel", name, 16000.0).options);
    check_mel(options, name);
    // torchaudio's own defaults leave bands empty at this rate (and torchaudio warns).
    EXPECT_EQ(make_filterbank(bank_of(options)).empty_bands.empty(), name != "torchaudio") << name;
  }
}

TEST(Profiles, KaldiLengthsFollowTheRate) {
  const auto at = [](double fs) {
    return std::get<MelOptions>(profile("mel", "kaldi", fs).options);
  };
  EXPECT_EQ(at(16000).win_length, 400);
  EXPECT_EQ(at(16000).hop_length, 160);
  EXPECT_EQ(at(16000).n_fft, 512);
  EXPECT_EQ(at(8000).n_fft, 256);
  EXPECT_EQ(at(11025).win_length, 275);
  EXPECT_EQ(at(11025).hop_length, 110);
  EXPECT_EQ(at(44100).n_fft, 2048);
  expect_refusal([&] { at(0.0); }, {"[mel] kaldi", "--fs"});
}

TEST(Profiles, RlxDiffersInItsNumberOfSegments) {
  const auto needed = [](const char* name) {
    return fit_welch(std::get<WelchOptions>(profile("psd", name, 1.0).options), 1 << 20)
        .fixed_samples;
  };
  EXPECT_EQ(needed("rlx:full"), 256 + 7 * 128);
  EXPECT_EQ(needed("rlx:fast"), 384);
  EXPECT_EQ(needed("rlx:ultra"), 256);
}

TEST(Profiles, UnknownNamesGetADidYouMean) {
  expect_refusal([] { profile("mel", "wisper", 16000.0); },
                 {"[mel] unknown profile 'wisper'", "did you mean whisper?", "torchaudio"});
  expect_refusal([] { profile("psd", "whisper", 16000.0); }, {"[psd]", "known: scipy"});
  expect_refusal([] { profile("fft", "scipy", 16000.0); }, {"[fft]", "no profiles"});
}

}  // namespace
}  // namespace papilio::spectral
