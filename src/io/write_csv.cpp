// Tidy CSV: one line per value, told apart by its coordinates. Columns by verb:
//   psd    file,row,name,time_s,frequency_hz,power
//   peaks  file,row,name,time_s,rank,bin,frequency_hz,power,peak_power,flag   (rank from 1)
//   mel    file,row,name,time_s,mel_frequency_hz,value
//   fft    file,row,name,bin,frequency_hz,re,im     (frequency_hz empty without a rate)
//   fft -i file,row,name,sample,re,im
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

#include "io/result.h"
#include "io/utf.h"
#include "papilio/error.h"

namespace papilio::io {
namespace {

constexpr std::size_t kFlushBytes = 1 << 16;

template <typename T>
void append_value(std::string& text, T value) {
  if (!std::isfinite(value)) {
    text += std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
    return;
  }
  std::array<char, 32> digits{};
  text.append(digits.data(), std::to_chars(digits.data(), digits.data() + 32, value).ptr);
}

// Valid UTF-8, whatever a header or a file name held.
std::string quoted(const std::string& raw) {
  const std::string cell = to_utf8(to_utf32(raw));
  const bool plain = cell.find_first_of(",\"\r\n") == std::string::npos &&
                     (cell.empty() || (cell.front() != ' ' && cell.back() != ' '));
  if (plain) return cell;
  std::string text = "\"";
  for (const char c : cell) {
    if (c == '"') text += '"';
    text += c;
  }
  return text + '"';
}

template <typename T>
T value_at(const NamedArray& array, std::int64_t index) {
  T value;
  const std::size_t at = static_cast<std::size_t>(index) * sizeof(T);
  if (at + sizeof(T) > array.bytes.size()) {
    throw InternalError("[out] " + array.name + ": shape and bytes disagree");
  }
  std::memcpy(&value, array.bytes.data() + at, sizeof(T));
  return value;
}

// Appends element `index`: numbers as the shortest text, complex as two cells, text quoted.
void append_element(std::string& text, const NamedArray& array, std::int64_t index) {
  switch (array.element) {
    case Element::f32:
      return append_value(text, value_at<float>(array, index));
    case Element::f64:
      return append_value(text, value_at<double>(array, index));
    case Element::c64: {
      const auto value = value_at<std::complex<float>>(array, index);
      append_value(text, value.real());
      text += ',';
      return append_value(text, value.imag());
    }
    case Element::c128: {
      const auto value = value_at<std::complex<double>>(array, index);
      append_value(text, value.real());
      text += ',';
      return append_value(text, value.imag());
    }
    case Element::i64:
      text += std::to_string(value_at<std::int64_t>(array, index));
      return;
    case Element::u8:
      text += std::to_string(static_cast<int>(value_at<std::uint8_t>(array, index)));
      return;
    case Element::text:
      text += quoted(array.texts.at(static_cast<std::size_t>(index)));
      return;
  }
}

// Every element of a 1-D array as a cell, made once and used on many lines.
std::vector<std::string> cells_of(const NamedArray* array) {
  std::vector<std::string> cells;
  if (array == nullptr) return cells;
  for (std::int64_t i = 0; i < array->count(); ++i) {
    cells.emplace_back();
    append_element(cells.back(), *array, i);
  }
  return cells;
}

class CsvWriter {
 public:
  CsvWriter(const Result& result, const Sink& sink)
      : result_(result), sink_(sink), data_(result.find("data")) {
    if (data_ == nullptr || data_->shape.size() != result.axes.size()) {
      throw InternalError("[out] " + result.verb + ": data and its axes disagree");
    }
    names_ = cells_of(result.find("names"));
    times_ = cells_of(result.find("times"));
    append_value(start_, result.start_s);
    flags_ = cells_of(result.find("flags"));
    const NamedArray* bands = result.find("mel_frequencies");
    frequencies_ = cells_of(bands != nullptr ? bands : result.find("frequencies"));
  }

  void write(bool header) {
    if (header) text_ += columns();
    index_.assign(result_.axes.size(), 0);
    walk(0);
    sink_(text_);
  }

 private:
  std::string columns() const {
    if (result_.verb == "psd") return "file,row,name,time_s,frequency_hz,power\n";
    if (result_.verb == "mel") return "file,row,name,time_s,mel_frequency_hz,value\n";
    if (result_.verb == "peaks") {
      return "file,row,name,time_s,rank,bin,frequency_hz,power,peak_power,flag\n";
    }
    if (result_.verb == "fft") {
      return result_.axes.back() == Axis::sample ? "file,row,name,sample,re,im\n"
                                                 : "file,row,name,bin,frequency_hz,re,im\n";
    }
    throw InternalError("[out] no CSV columns for " + result_.verb);
  }

  // Visits data in order; a `field` axis is one line.
  void walk(std::size_t axis) {
    if (axis == index_.size() || result_.axes[axis] == Axis::field) {
      line();
      return;
    }
    for (index_[axis] = 0; index_[axis] < data_->shape[axis]; ++index_[axis]) walk(axis + 1);
  }

  // Index on the axis of this meaning (row axes count as one), or -1.
  std::int64_t along(Axis wanted) const {
    std::int64_t flat = -1;
    for (std::size_t i = 0; i < index_.size(); ++i) {
      if (result_.axes[i] == wanted)
        flat = std::max<std::int64_t>(flat, 0) * data_->shape[i] + index_[i];
    }
    return flat;
  }

  void line() {
    const std::int64_t row = std::max<std::int64_t>(along(Axis::row), 0);
    if (row != row_) {
      row_ = row;
      const std::size_t at = static_cast<std::size_t>(row);
      prefix_ = quoted(result_.file) + ',' + std::to_string(row) + ',' +
                (at < names_.size() ? names_[at] : "ch" + std::to_string(row)) + ',';
    }
    text_ += prefix_;
    if (result_.verb == "fft") {
      fft_cells();
    } else {
      text_ += cell(times_, std::max<std::int64_t>(along(Axis::time), 0), start_);
      text_ += ',';
      if (result_.verb == "peaks") {
        peak_cells();
      } else {
        text_ += cell(frequencies_, along(result_.verb == "mel" ? Axis::mel : Axis::frequency), "");
        text_ += ',';
        append_element(text_, *data_, flat_++);
      }
    }
    text_ += '\n';
    if (text_.size() > kFlushBytes) {
      sink_(text_);
      text_.clear();
    }
  }

  void fft_cells() {
    const bool inverse = result_.axes.back() == Axis::sample;
    const std::int64_t at = along(result_.axes.back());
    text_ += std::to_string(at) + ',';
    if (!inverse) text_ += cell(frequencies_, at, "") + ',';
    const bool complex = data_->element == Element::c64 || data_->element == Element::c128;
    append_element(text_, *data_, flat_++);
    if (!complex) text_ += ",0";
  }

  // bin, power, frequency_hz, peak_power of the array; CSV names frequency before power.
  void peak_cells() {
    const std::int64_t slot = flat_;
    flat_ += data_->shape.back();
    text_ += std::to_string(along(Axis::rank) + 1) + ',';
    for (const int field : {0, 2, 1, 3}) {
      append_element(text_, *data_, slot + field);
      text_ += ',';
    }
    text_ += cell(flags_, row_, "");
  }

  static const std::string& cell(const std::vector<std::string>& cells, std::int64_t at,
                                 const std::string& missing) {
    const bool there = at >= 0 && at < static_cast<std::int64_t>(cells.size());
    return there ? cells[static_cast<std::size_t>(at)] : missing;
  }

  const Result& result_;
  const Sink& sink_;
  const NamedArray* data_;
  std::vector<std::string> names_;
  std::vector<std::string> times_;
  std::string start_;
  std::vector<std::string> flags_;
  std::vector<std::string> frequencies_;
  std::vector<std::int64_t> index_;
  std::int64_t flat_ = 0;
  std::int64_t row_ = -1;
  std::string prefix_;
  std::string text_;
};

}  // namespace

void write_csv(const Result& result, const Sink& sink, bool header) {
  CsvWriter(result, sink).write(header);
}

}  // namespace papilio::io
