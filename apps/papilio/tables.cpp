// The readable forms of psd, peaks and mel.
#include "tables.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "progress.h"
#include "record.h"
#include "row_values.h"

namespace papilio::app {
namespace {

constexpr std::size_t kStrongestBins = 5;

std::string flags_after(const FeatureOutcome& outcome, std::int64_t row) {
  const std::string flag =
      flag_text(outcome.info, outcome.result.status[static_cast<std::size_t>(row)]);
  return flag.empty() ? "" : " [" + flag + "]";
}

std::string row_heading(const FeatureOutcome& outcome, std::int64_t row) {
  return one_line(outcome.info.names[static_cast<std::size_t>(row)]) + flags_after(outcome, row);
}

const WelchOptions& welch_of(const Definition& definition) {
  const auto* peaks = std::get_if<PeaksOptions>(&definition.options);
  return peaks != nullptr ? peaks->welch : std::get<WelchOptions>(definition.options);
}

std::string welch_text(const WelchOptions& o, std::int64_t frames) {
  const char* average = o.average == Average::mean  ? "mean of "
                        : o.average == Average::max ? "maximum of "
                                                    : "median of ";
  return average + std::to_string(frames) + (frames == 1 ? " segment of " : " segments of ") +
         std::to_string(o.nperseg) + (o.nperseg == 1 ? " sample, " : " samples, ") +
         (o.window.values.empty() ? o.window.name : "own window") + ", bins " +
         short_number(o.fs / static_cast<double>(o.n_fft.value_or(o.nperseg))) + " Hz apart";
}

// The kept bins of a row by falling power: indices into its data, not bins of the transform.
std::vector<std::int64_t> strongest(const api::FeatureResult& psd, std::int64_t row) {
  const std::int64_t bins = row_size(psd);
  std::vector<std::int64_t> order;
  for (std::int64_t bin = 0; bin < bins; ++bin) {
    if (!std::isnan(value_at(psd, row * bins + bin))) order.push_back(bin);
  }
  const std::size_t count = std::min(order.size(), kStrongestBins);
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(),
                    [&](std::int64_t a, std::int64_t b) {
                      const double pa = value_at(psd, row * bins + a);
                      const double pb = value_at(psd, row * bins + b);
                      return pa != pb ? pa > pb : a < b;
                    });
  order.resize(count);
  return order;
}

std::string band_text(const FeatureCommand& command, const FeatureOutcome& outcome,
                      std::int64_t row) {
  if (command.bands.empty()) return "";
  const WelchOptions& welch = welch_of(outcome.result.definition);
  WelchOptions total = welch;
  if (welch.scaling == Scaling::density) total.scaling = Scaling::spectrum;
  const std::string unit = power_unit(total, outcome.info.units);
  TextTable table({"band", "from Hz", "to Hz", unit.empty() ? "power" : unit, "dB", "share"}, {0});
  for (std::size_t i = 0; i < command.bands.size(); ++i) {
    const Band& band = command.bands[i];
    const std::size_t at = static_cast<std::size_t>(row) * command.bands.size() + i;
    const double power = outcome.band_powers.absolute[at];
    table.add({band.name, short_number(band.low), short_number(band.high), short_number(power),
               decibels(power), short_number(100.0 * outcome.band_powers.relative[at], 3) + " %"});
  }
  return table.text();
}

std::string psd_rows(const FeatureOutcome& outcome, std::int64_t row) {
  const api::FeatureResult& psd = outcome.result;
  const auto& welch = std::get<WelchOptions>(psd.definition.options);
  const std::string unit = power_unit(welch, outcome.info.units);
  const std::int64_t bins = row_size(psd);
  TextTable table({"strongest", "Hz", unit.empty() ? "power" : unit, "dB"});
  int rank = 0;
  for (const std::int64_t kept : strongest(psd, row)) {
    const double power = value_at(psd, row * bins + kept);
    table.add({std::to_string(++rank),
               short_number(psd.frequencies[static_cast<std::size_t>(kept)], 7),
               short_number(power), decibels(power)});
  }
  return table.text();
}

std::string peaks_rows(const FeatureOutcome& outcome, std::int64_t row) {
  const api::FeatureResult& peaks = outcome.result;
  const std::string unit = power_unit(welch_of(peaks.definition), outcome.info.units);
  const std::int64_t k = peaks.shape[1];
  const std::int64_t used = peaks.count[static_cast<std::size_t>(row)];
  if (used == 0) return "  no peaks\n";
  TextTable table({"rank", "Hz", "bin", unit.empty() ? "power" : unit, "dB"});
  for (std::int64_t rank = 0; rank < used; ++rank) {
    const std::int64_t at = (row * k + rank) * 4;
    const double power = value_at(peaks, at + 3);
    table.add({std::to_string(rank + 1), short_number(value_at(peaks, at + 2), 7),
               short_number(value_at(peaks, at), 9), short_number(power), decibels(power)});
  }
  return table.text();
}

std::string mel_rows(const FeatureOutcome& outcome, std::int64_t row) {
  const std::int64_t count = row_size(outcome.result);
  double least = HUGE_VAL;
  double most = -HUGE_VAL;
  double sum = 0.0;
  for (std::int64_t i = 0; i < count; ++i) {
    const double value = value_at(outcome.result, row * count + i);
    least = std::min(least, value);
    most = std::max(most, value);
    sum += value;
  }
  if (std::isnan(sum)) return "  not a number\n";
  return "  from " + short_number(least) + " to " + short_number(most) + ", mean " +
         short_number(sum / static_cast<double>(count)) + "\n";
}

std::string mel_text(const FeatureOutcome& outcome) {
  const api::FeatureResult& mel = outcome.result;
  const auto& o = std::get<MelOptions>(mel.definition.options);
  const bool bands_first = o.layout == Layout::bands_frames;
  std::string text =
      std::to_string(o.n_mels) + " bands from " + short_number(mel.mel_frequencies.front()) +
      " to " + short_number(mel.mel_frequencies.back()) + " Hz, " + std::to_string(mel.frames) +
      " frames of " + std::to_string(o.n_fft) + " every " + std::to_string(o.hop_length) +
      " samples, " + (bands_first ? "[rows, bands, frames]" : "[rows, frames, bands]");
  return text;
}

std::string what_text(const FeatureOutcome& outcome) {
  const Definition& definition = outcome.result.definition;
  if (std::holds_alternative<MelOptions>(definition.options)) return mel_text(outcome);
  return welch_text(welch_of(definition), outcome.result.frames);
}

}  // namespace

std::string feature_table(const FeatureCommand& command, const FeatureOutcome& outcome) {
  const Definition& definition = outcome.result.definition;
  const std::string title = definition.title();
  std::string text = heading(definition.verb + " of " + outcome.info.path +
                             (title.empty() ? "" : ", as " + title));
  text += signal_text(outcome.info, outcome.result.samples) + "\n" + what_text(outcome) + "\n";
  const std::int64_t rows = outcome.info.rows;
  for (std::int64_t row = 0; row < std::min(rows, kTableRows); ++row) {
    text += row_heading(outcome, row) + "\n";
    if (definition.verb == "psd") text += psd_rows(outcome, row);
    if (definition.verb == "peaks") text += peaks_rows(outcome, row);
    if (definition.verb == "mel") text += mel_rows(outcome, row);
    text += band_text(command, outcome, row);
  }
  if (rows > kTableRows) {
    text += "and " + std::to_string(rows - kTableRows) + " more rows; -o FILE writes all\n";
  }
  return text;
}

}  // namespace papilio::app
