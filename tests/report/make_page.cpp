/// Writes a page of synthetic, speech-like data for the browser test: make_page KIND FILE, with
/// KIND one of speech (mel bands, one channel), channels (hostile names, gaps), long (reduced),
/// tiny (one cell, one point).
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <limits>
#include <numbers>

#include "papilio/error.h"
#include "report/pages.h"
#include "report/reduce.h"

namespace papilio::report {
namespace {

const std::string kHostile = "</script><script>window.owned=1</script><img src=x onerror=owned=1>";

double bell(double distance, double width) {
  return std::exp(-distance * distance / (width * width));
}

double mel_to_hz(double mel) { return 700.0 * (std::pow(10.0, mel / 2595.0) - 1.0); }

/// Power of a made-up voice: syllables of gliding harmonics under three formants, hiss between.
double voice(double time, double frequency, Noise& noise) {
  const double syllable = std::sin(2.0 * std::numbers::pi * 1.6 * time);
  const double voiced = std::max(0.0, syllable);
  const double hiss = std::max(0.0, -syllable - 0.6);
  const double pitch = 140.0 + 40.0 * std::sin(2.3 * time) + 12.0 * std::sin(11.0 * time);
  const double harmonic = std::max(1.0, std::round(frequency / pitch));
  const double formants = bell(frequency - 550.0 - 180.0 * std::sin(4.0 * time), 190.0) +
                          0.4 * bell(frequency - 1500.0 - 420.0 * std::sin(2.7 * time), 260.0) +
                          0.15 * bell(frequency - 2700.0, 350.0);
  const double tone = bell(frequency - harmonic * pitch, 28.0 + 0.006 * frequency);
  const double breath = 0.02 * hiss * bell(frequency - 5200.0, 1500.0) * (0.5 + noise.next());
  return voiced * formants * tone + breath + 2e-8 * (0.4 + noise.next());
}

struct Analysis {
  Heatmap map;
  Curve curve;
  Table table;
};

/// Spectrogram, mean PSD and peaks of the voice on the given frequencies.
Analysis analyse(const std::vector<double>& frequencies, std::size_t frames, double hop_s,
                 double pitch_shift) {
  HeatmapReducer reducer(frequencies.size(), frames);
  Curve curve;
  curve.title = "Mean power spectral density";
  curve.y_label = "PSD";
  curve.y_unit = "V^2/Hz";
  curve.x = frequencies;
  curve.y.assign(frequencies.size(), 0.0);
  Noise noise;
  std::vector<float> frame(frequencies.size());
  for (std::size_t i = 0; i < frames; ++i) {
    for (std::size_t bin = 0; bin < frame.size(); ++bin) {
      const double power =
          voice(static_cast<double>(i) * hop_s, frequencies[bin] / pitch_shift, noise);
      frame[bin] = static_cast<float>(power);
      curve.y[bin] += power / static_cast<double>(frames);
    }
    // A pause of broken samples: shown as a gap.
    if (i > frames * 7 / 10 && i < frames * 72 / 100) frame.assign(frame.size(), std::nanf(""));
    reducer.push(frame);
  }
  Analysis result;
  result.map = reducer.finish(frequencies, 0.5 * hop_s, hop_s);
  to_decibel(result.map);
  result.curve = std::move(curve);
  return result;
}

/// The strongest local maxima of the curve, as markers on both charts and as a table.
void add_peaks(Analysis& result, std::size_t count, int channel, const std::string& name) {
  Curve& curve = result.curve;
  std::vector<Marker> peaks;
  for (std::size_t i = 1; i + 1 < curve.y.size(); ++i) {
    if (curve.y[i] > curve.y[i - 1] && curve.y[i] > curve.y[i + 1]) {
      peaks.push_back({curve.x[i], curve.y[i], ""});
    }
  }
  std::stable_sort(peaks.begin(), peaks.end(),
                   [](const Marker& a, const Marker& b) { return a.power > b.power; });
  peaks.resize(std::min(peaks.size(), count));
  result.table.title = "Peaks";
  result.table.columns = {{"channel", false}, {"rank"}, {"frequency (Hz)"}, {"power (V\u00b2/Hz)"}};
  for (std::size_t i = 0; i < peaks.size(); ++i) {
    peaks[i].label = std::to_string(i + 1);
    char frequency[32];
    char power[32];
    std::snprintf(frequency, sizeof frequency, "%.2f", peaks[i].frequency);
    std::snprintf(power, sizeof power, "%.4e", peaks[i].power);
    result.table.rows.push_back({channel, {name, peaks[i].label, frequency, power}});
  }
  curve.markers = peaks;
  result.map.markers = peaks;
}

std::vector<double> linear(std::size_t bins, double step) {
  std::vector<double> frequencies(bins);
  for (std::size_t i = 0; i < bins; ++i) frequencies[i] = step * static_cast<double>(i);
  return frequencies;
}

FeaturePage described(const std::string& title, const std::string& input) {
  FeaturePage page;
  page.title = title;
  page.input = input;
  page.subtitle = "papilio 0.1.0, definition scipy (modified: nperseg=512)";
  page.facts = {{"Sample rate", "16 000 Hz"}, {"Duration", "6.00 s"},     {"Channels", "1"},
                {"Samples used", "96 000"},   {"Samples dropped", "128"}, {"Computed in", "f32"}};
  page.definition =
      "{\n  \"schema\": \"papilio.definition\",\n  \"version\": 1,\n  \"nperseg\": 512,\n"
      "  \"noverlap\": 256,\n  \"window\": \"hann\",\n  \"detrend\": \"constant\",\n"
      "  \"scaling\": \"density\",\n  \"average\": \"mean\"\n}";
  page.machine = {{"Device", "cpu"},
                  {"ISA", "AVX2"},
                  {"Threads", "2"},
                  {"Processor", "Example CPU at 2.5 GHz"}};
  return page;
}

FeaturePage speech_page() {
  FeaturePage page = described("Log-mel and spectral peaks", "Front_Center.wav");
  std::vector<double> bands(80);
  for (std::size_t i = 0; i < bands.size(); ++i) {
    bands[i] = mel_to_hz(2840.0 * static_cast<double>(i + 1) / 81.0);
  }
  Analysis mel = analyse(bands, 600, 0.01, 1.0);
  mel.map.title = "Log-mel spectrogram";
  mel.map.value_label = "mel";
  mel.map.bands = true;
  Analysis psd = analyse(linear(257, 31.25), 600, 0.01, 1.0);
  add_peaks(psd, 12, 0, "");
  psd.table.columns.erase(psd.table.columns.begin());
  for (TableRow& row : psd.table.rows) row.cells.erase(row.cells.begin());
  mel.map.markers = psd.curve.markers;
  page.channels = {{"mono", "", {mel.map}, {psd.curve}}};
  page.tables = {psd.table};
  return page;
}

FeaturePage channels_page() {
  FeaturePage page = described("Spectrogram " + kHostile, kHostile + "\xFF.wav");
  page.notes = {"Channel 2 " + kHostile};
  page.facts.push_back({kHostile, kHostile});
  page.definition = kHostile;
  Table all;
  const std::vector<std::string> names{"left", kHostile, "\u202Eright \u00e9\u4e2d"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    Analysis result = analyse(linear(257, 31.25), 400, 0.01, 1.0 + 0.2 * static_cast<double>(i));
    result.map.title = "Spectrogram " + (i == 1 ? kHostile : "");
    result.map.value_label = "power";
    add_peaks(result, 6, static_cast<int>(i), names[i]);
    if (i == 1) result.curve.markers[0].label = kHostile;
    page.channels.push_back({names[i],
                             i == 1 ? "non-finite from sample 17 " + kHostile : "",
                             {result.map},
                             {result.curve}});
    if (i == 0) all = result.table;
    if (i > 0) all.rows.insert(all.rows.end(), result.table.rows.begin(), result.table.rows.end());
  }
  page.tables = {all};
  return page;
}

FeaturePage long_page() {
  FeaturePage page = described("Spectrogram", "three hours.flac");
  Analysis result = analyse(linear(600, 40.0), 5001, 2.16, 1.0);
  result.map.title = "Spectrogram";
  result.map.value_label = "power";
  add_peaks(result, 16, 0, "mono");
  page.channels = {{"mono", "", {result.map}, {noise_curve(100'000)}}};
  page.tables = {result.table};
  return page;
}

FeaturePage tiny_page() {
  FeaturePage page = described("Tiny", "one.wav");
  Heatmap map = noise_heatmap(1, 1);
  map.edges = {0.0, 1.0};
  Heatmap empty = noise_heatmap(4, 4);
  std::fill(empty.values.begin(), empty.values.end(), std::nanf(""));
  Curve gaps = noise_curve(8);
  std::fill(gaps.y.begin(), gaps.y.end(), std::nan(""));
  gaps.markers = {{std::numeric_limits<double>::quiet_NaN(), 0.0, "1"}};
  page.channels = {{"", "", {map, empty}, {noise_curve(1), gaps, noise_curve(0)}}};
  return page;
}

FeaturePage page_of(const std::string& kind) {
  if (kind == "speech") return speech_page();
  if (kind == "channels") return channels_page();
  if (kind == "long") return long_page();
  if (kind == "tiny") return tiny_page();
  throw UserError("[make_page] unknown page " + kind + "; use speech, channels, long or tiny");
}

}  // namespace
}  // namespace papilio::report

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: %s speech|channels|long|tiny FILE\n", argv[0]);
    return 2;
  }
  try {
    std::ofstream file(argv[2], std::ios::binary);
    file << papilio::report::render(papilio::report::page_of(argv[1]));
    return file.flush() ? 0 : 1;
  } catch (const papilio::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
