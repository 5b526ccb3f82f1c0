/// Reading signals from files (target papilio::io): wav, flac, ogg, npy and csv, with channel
/// selection and resampling, whole or in chunks of bounded memory.
///
///   auto speech = papilio::io::load<float>("speech.wav", {.resample = 16000.0});
///   auto mel = papilio::log_mel(speech.view(), options);
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "papilio/export.h"
#include "papilio/view.h"

namespace papilio::io {

/// Which part of a file is read, and how; names are the command line's flags.
struct ReadOptions {
  std::optional<double> fs{};        ///< Hz, for files that state no rate; npy and csv without time
  bool force_fs = false;             ///< `fs` overrides the rate that the file states
  std::string channels{};            ///< "0,2-4" or names; "" is all
  bool mono = false;                 ///< the mean of the selected channels
  std::optional<double> start{};     ///< s
  std::optional<double> duration{};  ///< s
  double scale = 1.0;                ///< multiplies every sample
  std::optional<double> resample{};  ///< Hz, by libsoxr HQ
  std::optional<int> time_axis{};    ///< npy: the axis that is time; default the last
};

/// Facts about a file, known before a sample is read.
struct SignalFacts {
  std::int64_t rows = 0;
  std::int64_t samples = -1;         ///< per row; -1: known at the end only
  std::optional<double> fs{};        ///< Hz
  DType dtype = DType::f32;          ///< as stored
  std::vector<std::string> names{};  ///< one per row
};

/// A file read front to back; memory is bounded by the chunk, csv excepted. Audio is scaled to full
/// scale 1.0, npy and csv are taken as they are. R is float or double. Throws UserError for files
/// that are missing, damaged or of another kind.
template <typename R>
class PAPILIO_API SignalFile {
 public:
  explicit SignalFile(const std::string& path, const ReadOptions& options = {});
  ~SignalFile();
  SignalFile(SignalFile&&) noexcept;

  const SignalFacts& facts() const;
  /// Writes the next samples of every row to out(row, 0..), at most out.samples(); returns how
  /// many, 0 at the end. The samples do not depend on the sizes asked for. out.scale is not used.
  std::int64_t read(View<R> out);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// A whole file in memory.
template <typename R>
struct Signal {
  std::vector<R> data{};  ///< [rows, samples]
  std::array<std::int64_t, 2> shape{};
  SignalFacts facts;

  View<const R> view() const { return {data.data(), shape[0], shape[1]}; }
};

template <typename R>
PAPILIO_API Signal<R> load(const std::string& path, const ReadOptions& options = {});

}  // namespace papilio::io
