// Windows: a name is parsed to {shape, parameter, symmetric}, then evaluated point by point.
#include "spectral/window.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numbers>
#include <optional>

#include "base/text.h"
#include "papilio/error.h"

namespace papilio::spectral {
namespace {

constexpr double kPi = std::numbers::pi;

/// Where a point lies: position i of a symmetric window of m points (m >= 2).
struct Point {
  std::int64_t i;
  std::int64_t m;
  double phase() const { return static_cast<double>(i) / static_cast<double>(m - 1); }
};

/// sum_k a_k cos(k (2 pi phase - pi)): scipy's general_cosine.
template <std::size_t N>
double cosines(const Point& p, const std::array<double, N>& a) {
  // The angle is measured from the middle, so that the two halves have the same bits.
  const std::int64_t from_middle = std::min(p.i, p.m - 1 - p.i);
  const double phase = static_cast<double>(from_middle) / static_cast<double>(p.m - 1);
  const double angle = 2.0 * kPi * phase - kPi;
  double sum = 0.0;
  for (std::size_t k = 0; k < N; ++k) sum += a[k] * std::cos(static_cast<double>(k) * angle);
  return sum;
}

double boxcar(const Point&, double) { return 1.0; }

double hann(const Point& p, double) { return cosines<2>(p, {0.5, 0.5}); }

double hamming(const Point& p, double) { return cosines<2>(p, {0.54, 0.46}); }

double blackman(const Point& p, double) { return cosines<3>(p, {0.42, 0.50, 0.08}); }

double nuttall(const Point& p, double) {
  return cosines<4>(p, {0.3635819, 0.4891775, 0.1365995, 0.0106411});
}

double blackmanharris(const Point& p, double) {
  return cosines<4>(p, {0.35875, 0.48829, 0.14128, 0.01168});
}

double flattop(const Point& p, double) {
  return cosines<5>(p, {0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368});
}

/// Kaldi's own: a symmetric Hann to the power 0.85.
double povey(const Point& p, double) { return std::pow(std::max(0.0, hann(p, 0.0)), 0.85); }

/// Modified Bessel function of the first kind, order 0: every term is positive, so nothing cancels.
double bessel_i0(double x) {
  const double quarter = 0.25 * x * x;
  double sum = 1.0;
  double term = 1.0;
  for (int k = 1; term > sum * 1e-18; ++k) {
    term *= quarter / (static_cast<double>(k) * k);
    sum += term;
  }
  return sum;
}

double kaiser(const Point& p, double beta) {
  const double x = 2.0 * p.phase() - 1.0;
  return bessel_i0(beta * std::sqrt(std::max(0.0, 1.0 - x * x))) / bessel_i0(beta);
}

/// A cosine taper over the fraction alpha of the window, scipy's three pieces.
double tukey(const Point& p, double alpha) {
  if (alpha <= 0.0) return 1.0;
  if (alpha >= 1.0) return hann(p, 0.0);
  const std::int64_t width =
      static_cast<std::int64_t>(std::floor(alpha * static_cast<double>(p.m - 1) / 2.0));
  if (p.i > width && p.i < p.m - 1 - width) return 1.0;
  const double phase = p.phase();
  const double angle =
      p.i <= width ? -1.0 + 2.0 * phase / alpha : -2.0 / alpha + 1.0 + 2.0 * phase / alpha;
  return 0.5 * (1.0 + std::cos(kPi * angle));
}

enum class Parameter : std::uint8_t { none, needed, optional };

struct Shape {
  const char* name;
  double (*value)(const Point&, double parameter);
  Parameter parameter = Parameter::none;
  double standard = 0.0;  ///< of an optional parameter
  double least = 0.0;
  double most = 0.0;
  bool always_symmetric = false;
};

constexpr Shape kShapes[] = {
    {"boxcar", boxcar},
    {"hann", hann},
    {"hamming", hamming},
    {"blackman", blackman},
    {"blackmanharris", blackmanharris},
    {"nuttall", nuttall},
    {"flattop", flattop},
    {"kaiser", kaiser, Parameter::needed, 0.0, 0.0, 700.0},
    {"tukey", tukey, Parameter::optional, 0.5, 0.0, 1.0},
    {"povey", povey, Parameter::none, 0.0, 0.0, 0.0, true},
};

struct Parsed {
  const Shape* shape = nullptr;
  double parameter = 0.0;
  bool symmetric = false;
};

[[noreturn]] void fail(std::string_view verb, const std::string& what) {
  throw UserError("[" + std::string(verb) + "] " + what);
}

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t colon = text.find(':');
    parts.push_back(text.substr(0, colon));
    if (colon == std::string_view::npos) return parts;
    text.remove_prefix(colon + 1);
  }
}

double parse_parameter(const Shape& shape, std::string_view text, std::string_view verb) {
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool number = error == std::errc() && end == text.data() + text.size();
  if (!number || !(value >= shape.least && value <= shape.most)) {
    fail(verb, "window " + std::string(shape.name) + ": the parameter '" + std::string(text) +
                   "' is not a number from " + base::to_text(shape.least) + " to " +
                   base::to_text(shape.most));
  }
  return value;
}

Parsed parse(const std::string& name, std::string_view verb) {
  std::vector<std::string_view> parts = split(name);
  Parsed parsed;
  for (const Shape& shape : kShapes) {
    if (parts[0] == shape.name) parsed.shape = &shape;
  }
  if (parsed.shape == nullptr) {
    fail(verb, "unknown window '" + name + "'" + base::did_you_mean(parts[0], window_names()) +
                   "; known: " + base::join(window_names()));
  }
  const Shape& shape = *parsed.shape;
  parsed.symmetric = shape.always_symmetric;
  if (parts.size() > 1 && parts.back() == "sym") {
    parsed.symmetric = true;
    parts.pop_back();
  }
  parsed.parameter = shape.standard;
  const std::size_t most_parts = shape.parameter == Parameter::none ? 1 : 2;
  if (parts.size() > most_parts) {
    fail(verb, "window '" + name + "': " + shape.name + " takes " +
                   (most_parts == 1 ? "no parameter" : "one parameter") +
                   "; only :sym may follow it");
  }
  if (parts.size() == 2) parsed.parameter = parse_parameter(shape, parts[1], verb);
  if (parts.size() == 1 && shape.parameter == Parameter::needed) {
    fail(verb, "window " + name + " needs its parameter, as in " + shape.name + ":8.6");
  }
  return parsed;
}

void check_values(const Window& window, std::int64_t n, std::string_view verb) {
  if (static_cast<std::int64_t>(window.values.size()) != n) {
    fail(verb, "the window array has " + std::to_string(window.values.size()) +
                   " values, but the segment has " + std::to_string(n) +
                   " samples; give one value per sample");
  }
  for (const double value : window.values) {
    if (!std::isfinite(value)) fail(verb, "the window array holds a value that is not finite");
  }
}

}  // namespace

const std::vector<std::string>& window_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list;
    for (const Shape& shape : kShapes) list.emplace_back(shape.name);
    return list;
  }();
  return names;
}

void check_window(const Window& window, std::int64_t n, std::string_view verb) {
  if (window.values.empty()) {
    parse(window.name, verb);
  } else {
    check_values(window, n, verb);
  }
}

std::vector<double> make_window(const Window& window, std::int64_t n, std::string_view verb) {
  check_window(window, n, verb);
  if (!window.values.empty()) return window.values;
  const Parsed parsed = parse(window.name, verb);
  // A periodic window is a symmetric one of one more point without its last.
  const std::int64_t m = parsed.symmetric ? n : n + 1;
  std::vector<double> values(static_cast<std::size_t>(n), 1.0);
  if (n == 1) return values;
  for (std::int64_t i = 0; i < n; ++i) {
    values[static_cast<std::size_t>(i)] = parsed.shape->value({i, m}, parsed.parameter);
  }
  return values;
}

WindowSums sums_of(std::span<const double> window) {
  WindowSums sums;
  for (const double w : window) {
    sums.sum += w;
    sums.sum_of_squares += w * w;
  }
  return sums;
}

}  // namespace papilio::spectral
