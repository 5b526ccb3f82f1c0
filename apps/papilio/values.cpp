// Texts of flags to values.
#include "values.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <string_view>
#include <vector>

#include "io/open.h"
#include "spectral/window.h"

namespace papilio::app {
namespace {

std::optional<double> number_of(std::string_view text) {
  double value = 0.0;
  const char* end = text.data() + text.size();
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || stop != end || error != std::errc() || !std::isfinite(value)) return {};
  return value;
}

bool ends_with_any(const std::string& text, std::initializer_list<const char*> endings) {
  for (const char* ending : endings) {
    if (text.size() > std::string_view(ending).size() && text.ends_with(ending)) return true;
  }
  return false;
}

// Elements of a real view [1, samples] as doubles.
std::vector<double> doubles_of(const base::TensorView& view) {
  std::vector<double> values;
  for (std::int64_t i = 0; i < view.shape[1]; ++i) {
    const auto* at = static_cast<const std::byte*>(view.data) + i * view.byte_strides[1];
    values.push_back(view.dtype == DType::f64
                         ? *reinterpret_cast<const double*>(at)
                         : static_cast<double>(*reinterpret_cast<const float*>(at)));
  }
  return values;
}

std::vector<double> window_from_file(const std::string& flag, const std::string& path) {
  const io::ReaderPtr reader = io::open_signal(path);
  const io::SignalInfo& info = reader->info();
  if (info.rows != 1 || (info.dtype != DType::f32 && info.dtype != DType::f64)) {
    refuse_value(flag, path,
                 "holds no window; save one row (or one CSV column) of float32 or float64 weights");
  }
  io::Block block;
  reader->read(info.samples, block);
  std::vector<double> values = doubles_of(block.view);
  for (const double value : values) {
    if (!std::isfinite(value)) refuse_value(flag, path, "holds NaN or infinity; clean the window");
  }
  return values;
}

}  // namespace

void refuse_value(const std::string& flag, const std::string& text, const std::string& what) {
  throw UsageError(flag + " '" + text + "' " + what);
}

void parse_value(const std::string& flag, const std::string& text, double& out) {
  const auto value = number_of(text);
  if (!value) refuse_value(flag, text, "is no finite number; give one such as 0.5 or 1e-3");
  out = *value;
}

void parse_value(const std::string& flag, const std::string& text, std::int64_t& out) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, out);
  if (error == std::errc::result_out_of_range) refuse_value(flag, text, "is absurdly large");
  if (text.empty() || stop != end || error != std::errc()) {
    refuse_value(flag, text, "is no whole number; give one such as 512");
  }
}

void parse_value(const std::string& flag, const std::string& text, int& out) {
  std::int64_t wide = 0;
  parse_value(flag, text, wide);
  if (wide != static_cast<int>(wide)) refuse_value(flag, text, "is absurdly large");
  out = static_cast<int>(wide);
}

void parse_value(const std::string& flag, const std::string& text, std::string& out) {
  if (text.empty()) refuse_value(flag, text, "is empty; give a text");
  out = text;
}

void parse_value(const std::string& flag, const std::string& text, Window& out) {
  if (ends_with_any(text, {".npy", ".csv", ".txt"})) {
    out = {"", window_from_file(flag, text)};
    return;
  }
  const std::string name = text.substr(0, text.find(':'));
  const std::vector<std::string>& known = spectral::window_names();
  if (std::find(known.begin(), known.end(), name) == known.end()) {
    refuse_value(flag, text,
                 "is unknown" + base::did_you_mean(name, known) + "; known: " + base::join(known) +
                     ", or a file .npy or .csv with the weights");
  }
  out = {text, {}};
}

Power parse_power(const std::string& flag, const std::string& text) {
  std::string_view number = text;
  const bool decibel = number.ends_with("dB") || number.ends_with("db");
  if (decibel) number.remove_suffix(2);
  const auto value = number_of(number);
  if (!value) {
    refuse_value(flag, text, "is no power; give a number, or a level such as -40dB");
  }
  return {*value, decibel};
}

double Power::linear() const { return level ? std::pow(10.0, value / 10.0) : value; }

double parse_factor(const std::string& flag, const std::string& text) {
  const std::size_t slash = text.find('/');
  const auto above = number_of(std::string_view(text).substr(0, slash));
  const auto below =
      slash == std::string::npos ? 1.0 : number_of(std::string_view(text).substr(slash + 1));
  if (!above || !below || *below == 0.0 || !std::isfinite(*above / *below)) {
    refuse_value(flag, text, "is no factor; give a number or a fraction such as 1/32768");
  }
  return *above / *below;
}

std::int64_t parse_size(const std::string& flag, const std::string& text) {
  std::string_view number = text;
  double unit = 1.0;
  if (number.ends_with('B') || number.ends_with('b')) number.remove_suffix(1);
  constexpr std::string_view kSuffixes = "KMGT";
  if (!number.empty()) {
    const int letter = std::toupper(static_cast<unsigned char>(number.back()));
    const std::size_t power = kSuffixes.find(static_cast<char>(letter));
    if (power != std::string_view::npos) {
      unit = std::pow(1024.0, static_cast<double>(power + 1));
      number.remove_suffix(1);
    }
  }
  const auto value = number_of(number);
  if (!value || *value * unit < 1.0 || *value * unit > 9e18) {
    refuse_value(flag, text, "is no size; give bytes, or a number with K, M, G or T such as 2G");
  }
  return static_cast<std::int64_t>(*value * unit);
}

}  // namespace papilio::app
