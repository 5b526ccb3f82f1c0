// Records of features.
#include "record.h"

#include <algorithm>
#include <cmath>
#include <ctime>

#include "papilio/version.h"
#include "row_values.h"

namespace papilio::app {
namespace {

constexpr const char* kSchema = "papilio.result";
// Of every schema: raised where a record says something else by a name that it had.
constexpr int kVersion = 1;

const WelchOptions* welch_of(const Definition& definition) {
  if (const auto* peaks = std::get_if<PeaksOptions>(&definition.options)) return &peaks->welch;
  return std::get_if<WelchOptions>(&definition.options);
}

template <typename T>
std::shared_ptr<const std::vector<T>> in_decibels(const api::FeatureResult& result) {
  const auto* from = reinterpret_cast<const T*>(result.bytes.data());
  const std::int64_t count = result.shape.front() * row_size(result);
  auto values = std::make_shared<std::vector<T>>(from, from + count);
  const bool peaks = std::holds_alternative<PeaksOptions>(result.definition.options);
  for (std::size_t i = 0; i < values->size(); ++i) {
    // Of a peak's four numbers the powers are the second and the fourth.
    if (peaks && i % 2 == 0) continue;
    T& value = (*values)[i];
    value = static_cast<T>(10.0 * std::log10(static_cast<double>(value)));
  }
  return values;
}

template <typename T>
io::NamedArray data_array(const api::FeatureResult& result, std::vector<std::int64_t> shape,
                          bool db) {
  if (db) {
    const auto values = in_decibels<T>(result);
    io::NamedArray array =
        io::borrow<T>("data", std::move(shape), std::span<const T>(values->data(), values->size()));
    array.owner = values;
    return array;
  }
  const auto* values = reinterpret_cast<const T*>(result.bytes.data());
  const auto count = static_cast<std::size_t>(result.shape.front() * row_size(result));
  return io::borrow<T>("data", std::move(shape), std::span<const T>(values, count));
}

std::vector<io::Axis> axes_of(const FeatureOutcome& outcome) {
  std::vector<io::Axis> axes(outcome.info.leading_axes.size(), io::Axis::row);
  const Definition& definition = outcome.result.definition;
  if (const auto* mel = std::get_if<MelOptions>(&definition.options)) {
    const bool bands_first = mel->layout == Layout::bands_frames;
    axes.push_back(bands_first ? io::Axis::mel : io::Axis::time);
    axes.push_back(bands_first ? io::Axis::time : io::Axis::mel);
  } else if (std::holds_alternative<PeaksOptions>(definition.options)) {
    axes.push_back(io::Axis::rank);
    axes.push_back(io::Axis::field);
  } else {
    axes.push_back(io::Axis::frequency);
  }
  return axes;
}

double start_in_file(const io::SignalInfo& info) {
  return static_cast<double>(info.first_sample) / info.resampled_from.value_or(*info.fs);
}

// Frames' times count from the start of the file.
std::vector<double> times_in_file(const FeatureOutcome& outcome) {
  const io::SignalInfo& info = outcome.info;
  const double offset = start_in_file(info);
  std::vector<double> times = outcome.result.times;
  if (info.first_sample == 0) return times;
  for (double& time : times) time += offset;
  return times;
}

void add_axis_arrays(const FeatureOutcome& outcome, io::Result& record) {
  const api::FeatureResult& result = outcome.result;
  const auto add = [&](const char* name, std::vector<double> values) {
    if (values.empty()) return;
    const auto count = static_cast<std::int64_t>(values.size());
    record.arrays.push_back(io::own<double>(name, {count}, std::move(values)));
  };
  add("frequencies", result.frequencies);
  add("mel_frequencies", result.mel_frequencies);
  add("times", times_in_file(outcome));
  record.arrays.push_back(io::texts("names", outcome.info.names));
  std::vector<std::string> flags;
  for (const runtime::RowStatus& status : result.status) {
    flags.push_back(flag_text(outcome.info, status));
  }
  record.arrays.push_back(io::texts("flags", std::move(flags)));
  if (!result.count.empty()) {
    record.arrays.push_back(
        io::own<std::int64_t>("count", outcome.info.leading_axes, result.count));
  }
}

void add_bands(const FeatureCommand& command, const FeatureOutcome& outcome, io::Result& record) {
  if (command.bands.empty()) return;
  const auto count = static_cast<std::int64_t>(command.bands.size());
  const auto shape = shape_after_rows(outcome.info, {count});
  record.arrays.push_back(io::own<double>("band_power", shape, outcome.band_powers.absolute));
  record.arrays.push_back(io::own<double>("band_relative", shape, outcome.band_powers.relative));
  std::vector<std::string> names;
  for (const Band& band : command.bands) names.push_back(band.name);
  record.arrays.push_back(io::texts("band_names", std::move(names)));
}

base::Json bands_json(const FeatureCommand& command) {
  base::Json bands = base::Json::array();
  for (const Band& band : command.bands) {
    bands.push_back({{"name", band.name}, {"low", band.low}, {"high", band.high}});
  }
  return bands;
}

base::Json feature_meta(const FeatureCommand& command, const FeatureOutcome& outcome) {
  const api::FeatureResult& result = outcome.result;
  base::Json meta = record_head(result.definition.verb, outcome.info);
  meta["title"] = result.definition.title();
  meta["definition"] = base::parse_json(to_json(result.definition), "the definition");
  meta["dtype"] = name_of(result.dtype);
  meta["samples"] = result.samples;
  meta["samples_used"] = std::max<std::int64_t>(0, result.samples - result.dropped);
  meta["samples_dropped"] = result.dropped;
  meta["frames"] = result.frames;
  if (const WelchOptions* welch = welch_of(result.definition)) {
    const std::string unit = power_unit(*welch, outcome.info.units);
    meta["unit"] = command.db ? "dB" + (unit.empty() ? "" : " re " + unit) : unit;
    meta["db"] = command.db;
  }
  if (!command.bands.empty()) meta["bands"] = bands_json(command);
  add_device(meta, result.strategy);
  meta["warnings"] = outcome.warnings;
  add_stamp(meta, command.common.stamp);
  return meta;
}

}  // namespace

base::Json record_head(const std::string& schema, const std::string& verb) {
  base::Json record = base::Json::object();
  record["schema"] = schema;
  record["version"] = kVersion;
  record["papilio_version"] = build_info().version;
  record["papilio_commit"] = build_info().commit;
  record["verb"] = verb;
  return record;
}

base::Json record_head(const std::string& verb, const io::SignalInfo& info) {
  base::Json meta = record_head(kSchema, verb);
  meta["input"] = info.path;
  meta["input_kind"] = info.kind;
  meta["fs"] = info.fs ? base::Json(*info.fs) : base::Json(nullptr);
  meta["channels"] = info.rows;
  meta["units"] = info.units;
  meta["first_sample"] = info.first_sample;
  if (info.resampled_from) {
    meta["resampling"] = {{"from", *info.resampled_from}, {"to", *info.fs}, {"by", "soxr HQ"}};
  } else {
    meta["resampling"] = nullptr;
  }
  return meta;
}

void add_device(base::Json& meta, const std::string& strategy) {
  const std::size_t blank = strategy.find(' ');
  meta["device"] = strategy.substr(0, blank);
  if (blank == std::string::npos) {
    meta["isa"] = nullptr;
    return;
  }
  const std::string rest = strategy.substr(blank + 1);
  meta["isa"] = rest.substr(0, rest.find(' '));
}

void add_stamp(base::Json& meta, bool stamp) {
  if (!stamp) return;
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  meta["stamp"] = text;
}

std::vector<std::int64_t> shape_after_rows(const io::SignalInfo& info,
                                           const std::vector<std::int64_t>& rest) {
  std::vector<std::int64_t> shape = info.leading_axes;
  shape.insert(shape.end(), rest.begin(), rest.end());
  return shape;
}

std::int64_t sample_in_file(const io::SignalInfo& info, std::int64_t sample) {
  return info.resampled_from ? sample : sample + info.first_sample;
}

std::string power_unit(const WelchOptions& welch, const std::string& units) {
  if (welch.scaling == Scaling::none) return "";
  const std::string name = units.empty() ? "unit" : units;
  return name + (welch.scaling == Scaling::density ? "^2/Hz" : "^2");
}

std::string flag_text(const io::SignalInfo& info, const runtime::RowStatus& status) {
  if (status.first_bad < 0) return status.overflow ? "overflow" : "";
  std::string text = "nonfinite:" + std::to_string(sample_in_file(info, status.first_bad));
  if (status.skipped > 0) text += " skipped:" + std::to_string(status.skipped);
  return text;
}

io::Result feature_record(const FeatureCommand& command, const FeatureOutcome& outcome) {
  const api::FeatureResult& result = outcome.result;
  io::Result record;
  record.verb = result.definition.verb;
  record.file = outcome.info.path;
  record.start_s = start_in_file(outcome.info);
  record.axes = axes_of(outcome);
  auto shape = shape_after_rows(outcome.info, {result.shape.begin() + 1, result.shape.end()});
  record.arrays.push_back(result.dtype == DType::f64
                              ? data_array<double>(result, std::move(shape), command.db)
                              : data_array<float>(result, std::move(shape), command.db));
  add_axis_arrays(outcome, record);
  add_bands(command, outcome, record);
  record.meta = feature_meta(command, outcome);
  return record;
}

}  // namespace papilio::app
