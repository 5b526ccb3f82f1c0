/// A result as files hold it: named arrays and one JSON record, and the kinds it can be written in.
#pragma once

#include <complex>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace papilio::base {
class AtomicFile;
}

namespace papilio::io {

enum class Element : std::uint8_t { f32, f64, c64, c128, i64, u8, text };

/// One array, row-major. Bytes are borrowed from the caller or kept alive by `owner`; text is held.
struct NamedArray {
  std::string name;
  Element element = Element::f32;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> bytes;
  std::vector<std::string> texts;
  std::shared_ptr<const void> owner;

  std::int64_t count() const;
};

template <typename T>
constexpr Element element_of() {
  if constexpr (std::is_same_v<T, float>) return Element::f32;
  if constexpr (std::is_same_v<T, double>) return Element::f64;
  if constexpr (std::is_same_v<T, std::complex<float>>) return Element::c64;
  if constexpr (std::is_same_v<T, std::complex<double>>) return Element::c128;
  if constexpr (std::is_same_v<T, std::int64_t>) return Element::i64;
  if constexpr (std::is_same_v<T, std::uint8_t>) return Element::u8;
}

/// An array in memory that outlives the result.
template <typename T>
NamedArray borrow(std::string name, std::vector<std::int64_t> shape, std::span<const T> values) {
  return {std::move(name), element_of<T>(), std::move(shape), std::as_bytes(values), {}, nullptr};
}

/// An array that the result owns.
template <typename T>
NamedArray own(std::string name, std::vector<std::int64_t> shape, std::vector<T> values) {
  auto kept = std::make_shared<const std::vector<T>>(std::move(values));
  NamedArray array =
      borrow<T>(std::move(name), std::move(shape), std::span<const T>(kept->data(), kept->size()));
  array.owner = std::move(kept);
  return array;
}

/// A 1-D array of texts.
NamedArray texts(std::string name, std::vector<std::string> values);

/// Meaning of an axis of `data`; several `row` axes (leading axes of an .npy) are one flat row
/// number in CSV. `field` is the last axis of peaks: bin, power, frequency_hz, peak_power.
enum class Axis : std::uint8_t { row, time, frequency, mel, rank, field, bin, sample };

/// A result of one input. Arrays by name, as interface.md lists them: `data`, `frequencies` or
/// `mel_frequencies`, `times`, `names` (one per row), `flags`, `count`.
struct Result {
  /// "psd", "peaks", "mel", "fft".
  std::string verb;
  /// Input name for the `file` column.
  std::string file;
  /// `time_s` of verbs without `times`: where in the file their samples begin, in seconds.
  double start_s = 0.0;
  std::vector<Axis> axes;
  std::vector<NamedArray> arrays;
  base::Json meta;

  /// nullptr when absent.
  const NamedArray* find(std::string_view name) const;
};

enum class Kind : std::uint8_t { npz, npy, json, csv };

/// Kind by `--kind` or else by the ending of `path`. Throws UserError when neither tells.
Kind kind_of(const std::string& path, const std::optional<std::string>& kind);

/// Takes bytes in order.
using Sink = std::function<void(std::string_view)>;

/// Writes whole or not at all (base/atomic_file.h).
void write_result(const Result& result, Kind kind, const std::string& path);

void write_npz(const Result& result, const Sink& sink);
/// The bare `data`.
void write_npy(const Result& result, const Sink& sink);
/// {"meta": ..., "data": nested lists, ...}: no NaN (null), complex as [re, im]. One line, no
/// break.
void write_json(const Result& result, const Sink& sink);
/// Tidy: one line per value (per peak), columns by verb; see docs of each verb. `header` writes the
/// first line.
void write_csv(const Result& result, const Sink& sink, bool header = true);

}  // namespace papilio::io
