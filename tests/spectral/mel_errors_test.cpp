// Mel options that nothing can satisfy, and rows too short: each a UserError that says what to do.
#include <cmath>

#include "spectral/mel.h"
#include "spectral/support.h"

namespace papilio::spectral {
namespace {

void refused(const MelOptions& options, std::initializer_list<std::string> parts) {
  expect_refusal([&] { check_mel(options); }, parts);
}

MelOptions mel_profile(const std::string& name, double fs = 16000.0) {
  return std::get<MelOptions>(profile("mel", name, fs).options);
}

TEST(MelErrors, Lengths) {
  refused({.n_fft = 0}, {"[mel] n_fft is 0", "--n-fft"});
  refused({.win_length = 0}, {"win_length is 0", "--win-length"});
  refused({.win_length = 4096}, {"win_length 4096 is longer than n_fft 2048"});
  refused({.hop_length = 0}, {"hop_length is 0", "--hop-length from 1"});
  refused({.hop_length = -3}, {"hop_length is -3"});
}

TEST(MelErrors, Banks) {
  refused({.n_mels = 0}, {"n_mels is 0", "--n-mels"});
  refused({.n_mels = 1 << 30}, {"n_mels is 1073741824"});
  refused({.fmin = -1.0}, {"fmin is -1"});
  refused({.fmin = 8000.0}, {"fmin 8000 Hz is not below fmax 8000 Hz"});
  refused({.fmax = 9000.0}, {"fmax 9000 Hz is above Nyquist (8000 Hz)"});
  refused({.fmax = -8000.0}, {"not below fmax 0 Hz"});
  refused({.fmax = NAN}, {"fmax is nan"});
}

TEST(MelErrors, Outputs) {
  refused({.power = 3}, {"power is 3", "--power 1 or 2"});
  refused({.log = MelLog::ln, .range = -1.0}, {"range is -1", "--range"});
  refused({.range = 80.0}, {"--log"});
  refused({.log = MelLog::db, .log_floor = 0.0, .ref = 0.0}, {"--ref above 0"});
  refused({.ref = -1.0}, {"ref is -1"});
  refused({.preemphasis = 2.0}, {"preemphasis is 2"});
  refused({.pad_to = 0.0}, {"pad_to is 0 s"});
  refused({.pad_to = 1e12}, {"pad_to is"});
}

TEST(MelErrors, Framings) {
  refused({.snip_edges = false}, {"--no-snip-edges", "--center"});
  MelOptions kaldi = mel_profile("kaldi");
  kaldi.center = true;
  refused(kaldi, {"--no-snip-edges"});
  kaldi = mel_profile("kaldi");
  kaldi.snip_edges = false;
  kaldi.hop_length = 500;
  refused(kaldi, {"--hop-length"});
  MelOptions rlx = mel_profile("rlx");
  rlx.center = true;
  refused(rlx, {"whole rows"});
  rlx = mel_profile("rlx");
  rlx.n_fft = rlx.win_length = 1000;
  refused(rlx, {"powers of two", "give --n-fft 1024"});
}

TEST(MelErrors, AProfilesRate) {
  expect_refusal([] { check_mel(mel_profile("whisper", 48000.0), "whisper"); },
                 {"[mel] whisper needs 16000 Hz, the signal has 48000; give --resample 16000"});
  expect_refusal([] { check_mel(mel_profile("rlx", 8000.0)); }, {"this definition needs 16000 Hz"});
}

TEST(MelErrors, ReflectNeedsMoreThanHalfATransform) {
  expect_refusal(
      [] { check_length(mel_profile("whisper"), 200); },
      {"[mel] reflect padding by n_fft / 2 = 200", "200 samples", "--pad-mode constant"});
  EXPECT_NO_THROW(check_length(mel_profile("whisper"), 201));
  EXPECT_NO_THROW(check_length(mel_profile("librosa"), 1));
  expect_refusal([] { check_length(mel_profile("librosa"), 0); }, {"no samples"});
}

TEST(MelErrors, ShortRows) {
  MelOptions options = mel_profile("kaldi");
  expect_refusal([&] { check_length(options, 399); },
                 {"[mel] one frame has 400 samples, but the signal has 399", "--short pad"});
  options.short_rows = ShortRows::pad;
  EXPECT_EQ(fit_mel(options, 399).fixed_samples, 400);
  options.short_rows = ShortRows::shrink;
  EXPECT_EQ(fit_mel(options, 399).options.win_length, 399);
  EXPECT_EQ(fit_mel(options, 399).options.n_fft, 512);
}

TEST(MelErrors, WholeRowsHaveOneLength) {
  const MelOptions rlx = mel_profile("rlx");
  EXPECT_NO_THROW(check_length(rlx, 1024));
  expect_refusal([&] { check_length(rlx, 2048); }, {"exactly n_fft = 1024", "--n-fft 2048"});
  // A whole recording is no frame: what helps is a part of it.
  expect_refusal([&] { check_length(rlx, 16000); }, {"exactly n_fft = 1024", "--duration 0.064"});
}

TEST(MelErrors, ALateDropMayLeaveNoFrame) {
  MelOptions options{.n_fft = 64, .win_length = 64, .hop_length = 200, .drop_last = true};
  expect_refusal([&] { check_length(options, 100); }, {"gives no frame", "--hop-length"});
}

}  // namespace
}  // namespace papilio::spectral
