// Mel banks against librosa.filters.mel in double (0.11, htk and slaney) and kaldi's own formula.
#include "spectral/filterbank.h"

#include <cmath>

#include "spectral/support.h"

namespace papilio::spectral {
namespace {

struct Band {
  std::int64_t first;
  std::vector<double> weights;
};

void expect_bank(const Filterbank& bank, const std::vector<Band>& want, double tolerance) {
  ASSERT_EQ(bank.matrix->bands.size(), want.size());
  for (std::size_t b = 0; b < want.size(); ++b) {
    const auto& band = bank.matrix->bands[b];
    ASSERT_EQ(band.first_bin, want[b].first) << b;
    ASSERT_EQ(band.count, static_cast<std::int64_t>(want[b].weights.size())) << b;
    for (std::size_t i = 0; i < want[b].weights.size(); ++i) {
      EXPECT_NEAR(bank.matrix->weights[static_cast<std::size_t>(band.offset) + i],
                  want[b].weights[i], tolerance)
          << b << " " << i;
    }
  }
}

TEST(Filterbank, SlaneyScaleAndAreaAsLibrosa) {
  // librosa.filters.mel(sr=8000, n_fft=32, n_mels=5, fmin=0, fmax=4000, dtype=float64)
  const Filterbank bank =
      make_filterbank({8000, 32, 5, 0, 4000, MelScale::slaney, MelNorm::slaney});
  EXPECT_EQ(bank.matrix->bins, 17);
  expect_bank(bank,
              {{1, {0.0016377002121894327, 0.0018435060403878937, 0.00020580582819846119}},
               {2, {0.000696244207294119, 0.0022888746397749984, 0.0011711185274252967}},
               {4,
                {0.0010532802198305411, 0.0018020654527612053, 0.0009628333300708979,
                 0.00012360120738059039}},
               {5,
                {0.00012722969701154207, 0.0006976500866086794, 0.0012680704762058166,
                 0.0010269847925523992, 0.0006457386877871574, 0.0002644925830219155}},
               {8,
                {0.00021728151690037523, 0.00047209111881752126, 0.0007269007207346672,
                 0.0008515225784294216, 0.0006812180627435373, 0.000510913547057653,
                 0.00034060903137176864, 0.00017030451568588432}}},
              1e-15);
  EXPECT_NEAR(bank.center_hz[3], 1786.8197320022632, 1e-9);
}

TEST(Filterbank, HtkScaleWithoutNormAsLibrosa) {
  // librosa.filters.mel(sr=8000, n_fft=32, n_mels=5, fmin=100, fmax=3500, htk=True, norm=None, ..)
  const Filterbank bank = make_filterbank({8000, 32, 5, 100, 3500, MelScale::htk, MelNorm::none});
  expect_bank(
      bank,
      {{1, {0.5889978359977254, 0.5671359052828902}},
       {2, {0.4328640947171098, 0.8653712141326148, 0.30055214898515714}},
       {3, {0.1346287858673852, 0.6994478510148429, 0.7995452987381628, 0.3711124149882009}},
       {5,
        {0.2004547012618372, 0.6288875850117991, 0.9565206359967868, 0.6315409262017782,
         0.3065612164067696}},
       {7,
        {0.043479364003213214, 0.3684590737982218, 0.6934387835932304, 0.9860289980923489,
         0.7395217485692617, 0.49301449904617445, 0.24650724952308722}}},
      1e-12);
}

TEST(Filterbank, KaldiTrianglesAreLinearInMel) {
  const BankSpec spec{16000, 512, 23, 20, 0, MelScale::kaldi, MelNorm::none};
  const Filterbank bank = make_filterbank(spec);
  const auto mel = [](double hz) { return 1127.0 * std::log(1.0 + hz / 700.0); };
  const double step = (mel(8000) - mel(20)) / 24.0;
  for (std::size_t b = 0; b < 23; ++b) {
    const auto& band = bank.matrix->bands[b];
    const double left = mel(20) + static_cast<double>(b) * step;
    for (std::int64_t i = 0; i < band.count; ++i) {
      const double at = mel(static_cast<double>(band.first_bin + i) * 31.25);
      const double rise = (at - left) / step;
      EXPECT_NEAR(bank.matrix->weights[static_cast<std::size_t>(band.offset + i)],
                  rise <= 1.0 ? rise : 2.0 - rise, 1e-12);
    }
  }
}

TEST(Filterbank, KaldiLeavesOutNyquist) {
  // Here the last triangle reaches beyond Nyquist's neighbours; bin 16 would have a weight.
  for (const MelScale scale : {MelScale::kaldi, MelScale::htk}) {
    const Filterbank bank = make_filterbank({8000, 32, 3, 0, 4000, scale, MelNorm::none});
    for (const auto& band : bank.matrix->bands) EXPECT_LE(band.first_bin + band.count, 16);
  }
}

TEST(Filterbank, UpperEdgeMayCountFromNyquist) {
  const BankSpec spec{16000, 512, 5, 0, -400, MelScale::htk, MelNorm::none};
  EXPECT_EQ(spec.upper_hz(), 7600.0);
  EXPECT_NEAR(edges_hz(spec).back(), 7600.0, 1e-9);
}

TEST(Filterbank, ScalesAreInvertible) {
  for (const MelScale scale : {MelScale::slaney, MelScale::htk, MelScale::kaldi}) {
    for (const double hz : {0.0, 20.0, 999.0, 1000.0, 1001.0, 8000.0, 22050.0}) {
      EXPECT_NEAR(static_cast<double>(mel_to_hz(hz_to_mel(hz, scale), scale)), hz, 1e-12);
    }
  }
}

TEST(Filterbank, EmptyBandsAreNamed) {
  const Filterbank bank =
      make_filterbank({16000, 128, 80, 0, 8000, MelScale::slaney, MelNorm::slaney});
  ASSERT_FALSE(bank.empty_bands.empty());
  const std::string warning = warning_of(bank);
  EXPECT_NE(warning.find("of 80 bands hold no bin"), std::string::npos) << warning;
  EXPECT_NE(warning.find("--n-fft"), std::string::npos) << warning;
  const Filterbank wide =
      make_filterbank({16000, 2048, 40, 0, 8000, MelScale::slaney, MelNorm::slaney});
  EXPECT_EQ(warning_of(wide), "");
}

}  // namespace
}  // namespace papilio::spectral
