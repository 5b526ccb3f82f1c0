// From features to the plain data of a page.
#include "feature_page.h"

#include "base/text.h"
#include "page_parts.h"
#include "page_pass.h"
#include "papilio/version.h"
#include "record.h"
#include "report/page.h"
#include "report/reduce.h"
#include "row_values.h"
#include "tables.h"

namespace papilio::app {
namespace {

// psd and peaks of the page: the command's own where it computed them.
struct Shown {
  const api::FeatureResult& psd;
  const api::FeatureResult& peaks;
  std::string unit;
};

const WelchOptions& welch_of(const api::FeatureResult& psd) {
  return std::get<WelchOptions>(psd.definition.options);
}

std::string title_of(const std::string& verb) {
  if (verb == "psd") return "Power spectral density";
  return verb == "peaks" ? "Spectral peaks" : "Mel features";
}

std::vector<report::Marker> markers_of(const api::FeatureResult& peaks, std::int64_t row) {
  std::vector<report::Marker> markers;
  const std::int64_t k = peaks.shape[1];
  for (std::int64_t rank = 0; rank < peaks.count[static_cast<std::size_t>(row)]; ++rank) {
    const std::int64_t at = (row * k + rank) * 4;
    report::Marker marker;
    marker.frequency = value_at(peaks, at + 2);
    marker.power = value_at(peaks, at + 3);
    marker.label = std::to_string(rank + 1);
    markers.push_back(std::move(marker));
  }
  return markers;
}

report::Curve curve_of(const Shown& shown, std::int64_t row) {
  const api::FeatureResult& psd = shown.psd;
  const Average average = welch_of(psd).average;
  report::Curve curve;
  curve.title =
      std::string(average == Average::mean  ? "Mean"
                  : average == Average::max ? "Maximum"
                                            : "Median") +
      (welch_of(psd).scaling == Scaling::density ? " power spectral density" : " power spectrum");
  curve.y_label = "power";
  curve.y_unit = shown.unit;
  const std::int64_t bins = row_size(psd);
  for (const std::size_t bin : ascending(psd.frequencies)) {
    curve.x.push_back(psd.frequencies[bin]);
    curve.y.push_back(value_at(psd, row * bins + static_cast<std::int64_t>(bin)));
  }
  curve.markers = markers_of(shown.peaks, row);
  return curve;
}

report::Heatmap mel_map(const FeatureOutcome& outcome, std::int64_t row) {
  const api::FeatureResult& mel = outcome.result;
  const auto& options = std::get<MelOptions>(mel.definition.options);
  const bool bands_first = options.layout == Layout::bands_frames;
  const std::int64_t bands = options.n_mels;
  const std::int64_t frames = mel.frames;
  report::HeatmapReducer reducer(static_cast<std::size_t>(bands), static_cast<std::size_t>(frames));
  std::vector<double> frame(static_cast<std::size_t>(bands));
  const std::int64_t base = row * bands * frames;
  for (std::int64_t t = 0; t < frames; ++t) {
    for (std::int64_t band = 0; band < bands; ++band) {
      const std::int64_t at = bands_first ? band * frames + t : t * bands + band;
      frame[static_cast<std::size_t>(band)] = value_at(mel, base + at);
    }
    reducer.push(std::span<const double>(frame));
  }
  const io::SignalInfo& info = outcome.info;
  const double offset =
      static_cast<double>(info.first_sample) / info.resampled_from.value_or(*info.fs);
  report::Heatmap map =
      reducer.finish(mel.mel_frequencies, offset + (mel.times.empty() ? 0.0 : mel.times.front()),
                     static_cast<double>(options.hop_length) / options.fs);
  map.title = options.log == MelLog::none ? "Mel spectrogram" : "Log-mel spectrogram";
  map.value_label = options.log == MelLog::none ? "mel power" : "log-mel";
  map.bands = true;
  if (options.log == MelLog::none) report::to_decibel(map);
  if (options.log == MelLog::none || options.log == MelLog::db) map.value_unit = "dB";
  return map;
}

report::Channel channel_of(const FeatureOutcome& outcome, const Shown& shown,
                           const PageSpectra& spectra, std::int64_t row) {
  const auto at = static_cast<std::size_t>(row);
  report::Channel channel;
  channel.name = outcome.info.names[at];
  channel.warning = flag_text(outcome.info, outcome.result.status[at]);
  channel.heatmaps.push_back(spectra.spectrograms.empty() ? mel_map(outcome, row)
                                                          : spectra.spectrograms[at]);
  channel.heatmaps.front().markers = markers_of(shown.peaks, row);
  channel.curves.push_back(curve_of(shown, row));
  return channel;
}

report::Table peaks_table(const FeatureOutcome& outcome, const Shown& shown) {
  report::Table table;
  table.title = "Peaks";
  table.columns = {{"channel", false}, {"rank"}, {"frequency (Hz)"}};
  table.columns.push_back({shown.unit.empty() ? "power" : "power (" + shown.unit + ")"});
  table.columns.push_back({"dB"});
  for (std::int64_t row = 0; row < shown_rows(outcome.info); ++row) {
    for (const report::Marker& marker : markers_of(shown.peaks, row)) {
      table.rows.push_back({static_cast<int>(row),
                            {outcome.info.names[static_cast<std::size_t>(row)], marker.label,
                             short_number(marker.frequency, 7), short_number(marker.power),
                             decibels(marker.power)}});
    }
  }
  return table;
}

report::Table bands_table(const FeatureCommand& command, const FeatureOutcome& outcome) {
  report::Table table;
  table.title = "Bands";
  table.columns = {{"channel", false}, {"band", false}, {"from (Hz)"}, {"to (Hz)"},
                   {"power"},          {"dB"},          {"share (%)"}};
  for (std::int64_t row = 0; row < shown_rows(outcome.info); ++row) {
    for (std::size_t i = 0; i < command.bands.size(); ++i) {
      const Band& band = command.bands[i];
      const std::size_t at = static_cast<std::size_t>(row) * command.bands.size() + i;
      const double power = outcome.band_powers.absolute[at];
      table.rows.push_back(
          {static_cast<int>(row),
           {outcome.info.names[static_cast<std::size_t>(row)], band.name, short_number(band.low),
            short_number(band.high), short_number(power), decibels(power),
            short_number(100.0 * outcome.band_powers.relative[at], 3)}});
    }
  }
  return table;
}

std::vector<report::Entry> facts_of(const FeatureOutcome& outcome, const WelchOptions& welch) {
  const io::SignalInfo& info = outcome.info;
  const api::FeatureResult& result = outcome.result;
  std::vector<report::Entry> facts{{"Sample rate", base::to_text(*info.fs) + " Hz"}};
  if (info.resampled_from) {
    facts.push_back({"Resampled from", base::to_text(*info.resampled_from) + " Hz (soxr HQ)"});
  }
  facts.push_back(
      {"Duration", short_number(static_cast<double>(result.samples) / *info.fs) + " s"});
  facts.push_back({"Rows", std::to_string(info.rows)});
  facts.push_back({"Samples used", std::to_string(result.samples - result.dropped)});
  facts.push_back({"Samples dropped", std::to_string(result.dropped)});
  const bool mel = std::holds_alternative<MelOptions>(result.definition.options);
  facts.push_back({mel ? "Frames" : "Segments", std::to_string(result.frames)});
  facts.push_back({"Computed in", name_of(result.dtype)});
  if (mel) {
    facts.push_back({"Spectrum and peaks", "Welch, " + welch.window.name + ", " +
                                               std::to_string(welch.nperseg) +
                                               " samples a segment"});
  }
  return facts;
}

}  // namespace

std::string feature_page(const FeatureCommand& command, const FeatureOutcome& outcome,
                         io::SignalReader& reader) {
  const PageSpectra spectra = page_pass(command, outcome, reader);
  const Definition& definition = outcome.result.definition;
  const api::FeatureResult& psd = definition.verb == "psd" ? outcome.result : spectra.psd;
  const Shown shown{psd, definition.verb == "peaks" ? outcome.result : spectra.peaks,
                    power_unit(welch_of(psd), outcome.info.units)};
  report::FeaturePage page;
  page.title = title_of(definition.verb);
  page.input = outcome.info.path;
  const std::string title = definition.title();
  page.subtitle = std::string("Papilio ") + build_info().version + " " + definition.verb +
                  (title.empty() ? "" : ", as " + title);
  page.notes = outcome.warnings;
  page.facts = facts_of(outcome, welch_of(psd));
  for (std::int64_t row = 0; row < shown_rows(outcome.info); ++row) {
    page.channels.push_back(channel_of(outcome, shown, spectra, row));
  }
  page.tables.push_back(peaks_table(outcome, shown));
  if (!command.bands.empty()) page.tables.push_back(bands_table(command, outcome));
  page.definition = to_json(definition);
  page.machine = machine_of(outcome.result.strategy, command.common.execution);
  return report::render(page);
}

}  // namespace papilio::app
