/// What a result means: the options of every capability, named profiles of them, and their JSON.
/// Field names are the command line's flags in snake_case and the keys of the JSON schema.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "papilio/export.h"

namespace papilio {

enum class Detrend : std::uint8_t { none, constant, linear };
enum class Scaling : std::uint8_t { density, spectrum, none };
enum class Average : std::uint8_t { mean, median, max };
/// What to do with a row that is shorter than one segment or frame.
enum class ShortRows : std::uint8_t { error, pad, shrink };
/// What to do with NaN and infinite samples.
enum class Nonfinite : std::uint8_t { flag, error, skip };
enum class TopMode : std::uint8_t { peaks, bins };
enum class MelScale : std::uint8_t { slaney, htk, kaldi };
enum class MelNorm : std::uint8_t { none, slaney };
enum class MelLog : std::uint8_t { none, ln, log10, db };
enum class PadMode : std::uint8_t { reflect, constant };
enum class RangeMaximum : std::uint8_t { clip, frame, fixed };
enum class Layout : std::uint8_t { bands_frames, frames_bands };
enum class KaldiScale : std::uint8_t { int16, unit };
enum class Norm : std::uint8_t { backward, ortho, forward, none };

/// A window by its scipy name (`hann`, `kaiser:8.6`, `tukey:0.25`, `hann:sym`, ...) or by values.
struct Window {
  std::string name = "hann";     ///< ignored when `values` is not empty
  std::vector<double> values{};  ///< one per sample of the segment
  bool operator==(const Window&) const = default;
};

/// Welch's PSD; the defaults are scipy.signal.welch's.
struct WelchOptions {
  double fs = 1.0;  ///< Hz
  Window window{};
  std::int64_t nperseg = 256;              ///< samples per segment
  std::optional<std::int64_t> noverlap{};  ///< samples; default nperseg / 2
  std::optional<std::int64_t> n_fft{};     ///< >= nperseg: zero-padded; default nperseg
  std::optional<std::int64_t> segments{};  ///< exactly so many, from the row's start; default all
  Detrend detrend = Detrend::constant;
  Scaling scaling = Scaling::density;
  Average average = Average::mean;
  std::optional<double> fmin{};             ///< Hz, lowest bin kept
  std::optional<double> fmax{};             ///< Hz, highest bin kept
  ShortRows short_rows = ShortRows::error;  ///< flag `--short`
  Nonfinite nonfinite = Nonfinite::flag;
  bool operator==(const WelchOptions&) const = default;
};

/// The k strongest bins or peaks of Welch's PSD. fmin and fmax restrict the candidates.
struct PeaksOptions {
  WelchOptions welch{};
  std::int64_t top = 16;
  TopMode mode = TopMode::peaks;
  std::optional<double> height{};        ///< least power, in the unit of the PSD
  std::optional<double> threshold{};     ///< least rise above both neighbouring bins
  std::optional<double> prominence{};    ///< least prominence over the whole row
  std::optional<double> min_distance{};  ///< Hz between peaks
  bool operator==(const PeaksOptions&) const = default;
};

/// Mel filterbank features. The defaults are librosa's; `profile()` gives the others.
struct MelOptions {
  double fs = 16000.0;
  std::int64_t n_mels = 128;
  std::int64_t n_fft = 2048;
  std::int64_t win_length = 2048;
  std::int64_t hop_length = 512;
  double fmin = 0.0;
  double fmax = 0.0;  ///< Hz; <= 0: added to Nyquist
  MelScale mel_scale = MelScale::slaney;
  MelNorm mel_norm = MelNorm::slaney;
  Window window{};
  bool center = true;  ///< pad n_fft / 2 on both sides
  PadMode pad_mode = PadMode::constant;
  bool drop_last = false;  ///< leave out the last frame (whisper)
  bool snip_edges = true;  ///< kaldi framing only
  double preemphasis = 0.0;
  bool remove_dc = false;            ///< subtract each frame's mean
  bool left_aligned_window = false;  ///< window left-aligned in n_fft, frames of win_length (kaldi)
  int power = 2;                     ///< exponent of the magnitude: 1 or 2
  MelLog log = MelLog::none;
  double log_floor = 1e-10;       ///< the logarithm's argument is at least this
  double ref = 1.0;               ///< `db`: 0 dB
  std::optional<double> range{};  ///< dynamic range kept below the maximum, in output units
  RangeMaximum range_max = RangeMaximum::clip;
  double range_fixed = 0.0;  ///< the maximum of RangeMaximum::fixed
  double output_mul = 1.0;   ///< last step: output_mul * x + output_add
  double output_add = 0.0;
  KaldiScale kaldi_scale = KaldiScale::unit;  ///< int16: samples are multiplied by 32768 first
  std::optional<double> pad_to{};  ///< seconds: every row is cut or zero-filled to this length
  Layout layout = Layout::bands_frames;
  bool whole_row = false;               ///< rows of exactly n_fft samples are one frame each (rlx)
  std::optional<double> required_fs{};  ///< the only rate the profile is defined for
  ShortRows short_rows = ShortRows::error;
  Nonfinite nonfinite = Nonfinite::flag;
  bool operator==(const MelOptions&) const = default;
};

/// Discrete Fourier transform along the last axis, as numpy's fft, ifft, rfft and irfft.
struct FftOptions {
  std::optional<std::int64_t> n{};  ///< default: the input's length (irfft: 2 (bins - 1))
  bool real = false;
  bool inverse = false;
  Norm norm = Norm::backward;
  bool operator==(const FftOptions&) const = default;
};

/// A learned transform in the place of the exact one: the file that holds its numbers.
struct ModelReference {
  std::string file{};    ///< its name, as it was given
  std::string sha256{};  ///< of the file, 64 hexadecimal digits
  std::int64_t n = 0;    ///< length of the transform
  bool operator==(const ModelReference&) const = default;
};

/// A complete, serialisable definition of a result.
struct Definition {
  std::string verb{};                   ///< "psd", "peaks", "mel" or "fft"
  std::string profile{};                ///< the profile it came from, or ""
  std::vector<std::string> modified{};  ///< `name=value` of what differs from the profile
  std::variant<WelchOptions, PeaksOptions, MelOptions, FftOptions> options{};
  std::optional<ModelReference> model{};  ///< what computes the spectra; none: the exact transform

  /// "whisper", "whisper (modified: n_fft=512)", "" or, with a model, "whisper, transform learned
  /// in m.safetensors".
  PAPILIO_API std::string title() const;
  bool operator==(const Definition&) const = default;
};

/// Names of all profiles for `verb` ("psd", "peaks", "mel"), in the order of the documentation.
PAPILIO_API std::vector<std::string> profile_names(std::string_view verb);

/// The named profile. `fs` is the rate it is to run at: kaldi's lengths follow from it. Throws
/// UserError (with a did-you-mean) for an unknown name.
PAPILIO_API Definition profile(std::string_view verb, std::string_view name, double fs);

/// JSON text of a definition: schema `papilio.definition`, version 1. Reads back bit for bit.
PAPILIO_API std::string to_json(const Definition& definition);

/// Throws UserError saying where and why the text is no definition.
PAPILIO_API Definition definition_from_json(std::string_view text);

}  // namespace papilio
