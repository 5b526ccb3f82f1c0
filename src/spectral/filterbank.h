/// Mel filterbanks: triangles over rfft bins, stored as one run of weights per band.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ir/attrs.h"
#include "papilio/definition.h"

namespace papilio::spectral {

/// Hz to mel and back. `slaney` is linear (200/3 Hz per mel) below 1 kHz and logarithmic above
/// (Slaney's Auditory Toolbox, as librosa); `htk` and `kaldi` are O'Shaughnessy's formula.
long double hz_to_mel(long double hz, MelScale scale);
long double mel_to_hz(long double mel, MelScale scale);

/// What a bank is made of; fmax <= 0 counts from Nyquist.
struct BankSpec {
  double fs = 16000.0;
  std::int64_t n_fft = 0;
  std::int64_t bands = 0;
  double fmin = 0.0;
  double fmax = 0.0;
  MelScale scale = MelScale::slaney;
  MelNorm norm = MelNorm::slaney;

  double upper_hz() const { return fmax > 0.0 ? fmax : fs / 2.0 + fmax; }
};

/// bands + 2 edges in Hz, equally spaced on the scale.
std::vector<double> edges_hz(const BankSpec& spec);

struct Filterbank {
  std::shared_ptr<const ir::BandedMatrix> matrix;
  std::vector<double> center_hz;          ///< of each band's triangle
  std::vector<std::int64_t> empty_bands;  ///< bands so narrow that no bin lies inside
};

/// Triangles linear in Hz (slaney, htk) or in mel, then without the Nyquist bin (kaldi).
Filterbank make_filterbank(const BankSpec& spec);

/// "" or a warning that names the bands that are always silent and says what to do.
std::string warning_of(const Filterbank& bank);

}  // namespace papilio::spectral
