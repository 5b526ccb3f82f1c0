// The steps of a feature verb.
#include "feature_command.h"

#include <algorithm>
#include <cstdlib>

#include "feature_page.h"
#include "output.h"
#include "progress.h"
#include "record.h"
#include "tables.h"

namespace papilio::app {
namespace {

// Samples of all rows together in a chunk, and the least per row.
constexpr std::int64_t kChunkSamples = std::int64_t{1} << 21;
constexpr std::int64_t kLeastChunk = 1024;

// PAPILIO_CHUNK sets the samples per chunk: a hook for the tests, which prove that it changes
// nothing.
std::int64_t chunk_of(const io::SignalInfo& info) {
  const char* asked = std::getenv("PAPILIO_CHUNK");
  if (asked != nullptr && *asked != '\0') {
    std::int64_t samples = 0;
    parse_value("[chunk] PAPILIO_CHUNK", asked, samples);
    if (samples < 1) refuse_value("[chunk] PAPILIO_CHUNK", asked, "must be 1 or more");
    return samples;
  }
  return std::max(kLeastChunk, kChunkSamples / std::max<std::int64_t>(1, info.rows));
}

io::ReaderPtr open(const FeatureCommand& command) {
  io::InputOptions in = command.common.in;
  in.open.check_orientation = true;
  // A definition from a file brings its rate along for inputs that state none.
  const auto fs = command.like->fs();
  if (!in.fs && fs && !io::open_signal(command.common.input, in.open)->info().fs) in.fs = fs;
  return io::open_input(command.common.input, in);
}

bool is_integer(DType type) {
  return type != DType::f32 && type != DType::f64 && !is_complex(type);
}

// whisper and kaldi are defined for samples of full scale 1.0, which integers of an .npy are not.
void check_scale(const FeatureCommand& command, const Definition& definition,
                 const io::SignalInfo& info) {
  if (info.kind != "npy" || !is_integer(info.dtype) || command.common.scale_given) return;
  const bool kaldi = definition.profile == "kaldi" &&
                     std::get<MelOptions>(definition.options).kaldi_scale == KaldiScale::int16;
  if (definition.profile != "whisper" && !kaldi) return;
  throw UserError("[mel] " + info.path + " holds " + name_of(info.dtype) + ", but " +
                  definition.profile + " takes samples of full scale 1.0; give --scale 1/32768 " +
                  "for 16-bit audio" +
                  (kaldi ? ", or --kaldi-scale unit to take them as they are" : ""));
}

// As the library's own check, with the name of the file.
void check_rate(const Definition& definition, const io::SignalInfo& info) {
  const auto* mel = std::get_if<MelOptions>(&definition.options);
  if (mel == nullptr || !mel->required_fs || *mel->required_fs == *info.fs) return;
  const std::string needed = base::to_text(*mel->required_fs);
  const std::string who = definition.profile.empty() ? "the definition" : definition.profile;
  throw UserError("[mel] " + who + " needs " + needed + " Hz, " + info.path + " has " +
                  base::to_text(*info.fs) + "; give --resample " + needed);
}

// The rate is the input's; another one changes what lengths in samples mean.
void warn_of_rate(const FeatureCommand& command, double fs, std::vector<std::string>& warnings) {
  const auto defined = command.like->fs();
  if (!defined || *defined == fs || *defined == 1.0) return;
  warnings.push_back("the definition ran at " + base::to_text(*defined) + " Hz, the input has " +
                     base::to_text(fs) + "; its lengths in samples stay as they are");
}

void warn_of_bad_samples(const FeatureOutcome& outcome, std::vector<std::string>& warnings) {
  std::int64_t rows = 0;
  std::int64_t skipped = 0;
  std::int64_t first_row = -1;
  for (std::size_t row = 0; row < outcome.result.status.size(); ++row) {
    const runtime::RowStatus& status = outcome.result.status[row];
    skipped += status.skipped;
    if (status.first_bad < 0) continue;
    ++rows;
    if (first_row < 0) first_row = static_cast<std::int64_t>(row);
  }
  if (rows == 0) return;
  const auto first = static_cast<std::size_t>(first_row);
  const std::string where =
      outcome.info.names[first] + " at sample " +
      std::to_string(sample_in_file(outcome.info, outcome.result.status[first].first_bad));
  warnings.push_back(
      std::to_string(rows) + " of " + std::to_string(outcome.result.status.size()) +
      " rows hold NaN or infinite samples (first: " + where + "); " +
      (skipped > 0 ? std::to_string(skipped) + " segments were left out" : "they are flagged"));
}

// Bands are of the PSD, which peaks alone does not keep: it is then computed beside them.
std::optional<api::FeatureSpec> psd_beside(const FeatureCommand& command,
                                           const api::FeatureSpec& spec) {
  const auto* peaks = std::get_if<PeaksOptions>(&spec.definition.options);
  if (peaks == nullptr || command.bands.empty()) return std::nullopt;
  api::FeatureSpec psd = spec;
  psd.definition = {spec.definition.verb, "", {}, peaks->welch};  // its verb is the one of messages
  return psd;
}

void compute(io::SignalReader& reader, const FeatureCommand& command, FeatureOutcome& outcome) {
  const api::FeatureSpec& spec = outcome.spec;
  api::FeatureStream stream(spec);
  std::optional<api::FeatureStream> beside;
  if (auto psd = psd_beside(command, spec)) {
    psd->reserved = stream.need();
    beside.emplace(*psd);
  }
  for_each_chunk(reader, command.common.quiet, spec.definition.verb + " " + spec.source,
                 [&](const io::Block& block) {
                   stream.push(block.view);
                   if (beside) beside->push(block.view);
                 });
  outcome.result = stream.finish();
  if (command.bands.empty()) return;
  outcome.band_powers = beside ? band_powers(beside->finish(), command.bands, spec.definition.verb)
                               : band_powers(outcome.result, command.bands, spec.definition.verb);
}

void write_outputs(const FeatureCommand& command, const FeatureOutcome& outcome,
                   std::optional<io::Kind> kind, io::SignalReader& reader) {
  const CommonOptions& common = command.common;
  if (!common.html.empty()) {
    write_text(common.html, feature_page(command, outcome, reader));
  }
  if (kind || common.json) {
    const io::Result result = feature_record(command, outcome);
    if (kind) io::write_result(result, *kind, common.output);
    if (common.json) write_json_line(result);
  }
  if (common.wants_table()) write_text("-", feature_table(command, outcome));
}

}  // namespace

void for_each_chunk(io::SignalReader& reader, bool quiet, const std::string& label,
                    const std::function<void(const io::Block&)>& take) {
  const std::int64_t chunk = chunk_of(reader.info());
  Progress progress(label, reader.info().samples, quiet);
  std::int64_t done = 0;
  io::Block block;
  while (const std::int64_t got = reader.read(chunk, block)) {
    take(block);
    done += got;
    progress.at(done);
  }
}

api::FeatureSpec spec_of(const FeatureCommand& command, const io::SignalInfo& info) {
  api::FeatureSpec spec;
  spec.definition = command.define(*info.fs, &info);
  spec.definition.model.reset();  // that of a --like FILE
  if (command.model) {
    spec.definition.model = command.model->reference;
    spec.learned = command.model->learned;
  }
  spec.rows = info.rows;
  spec.complex = is_complex(info.dtype);
  const bool wide = info.dtype == DType::f64 || info.dtype == DType::c128;
  spec.compute = command.common.dtype.value_or(wide ? DType::f64 : DType::f32);
  spec.samples = info.samples;
  spec.execution = command.common.execution;
  spec.source = info.path;
  spec.row_names = info.names;
  spec.first_sample = sample_in_file(info, 0);
  if (command.db) spec.copies = 2;
  return spec;
}

void load_model_of(FeatureCommand& command, const std::string& verb, const std::string& path) {
  if (!path.empty()) command.model = load_spectrum(verb, path);
}

void run_feature_command(const Flags& flags, const FeatureCommand& command) {
  const std::optional<io::Kind> kind = check_common(flags, command.common);
  if (!command.bands.empty() && (kind == io::Kind::csv || kind == io::Kind::npy)) {
    throw UsageError("[" + flags.verb() +
                     "] .csv and .npy have no place for --band; write .npz or .json");
  }
  const std::string other_model =
      check_like_model(flags.verb(), *command.like, command.model ? &*command.model : nullptr);
  const io::ReaderPtr reader = open(command);
  FeatureOutcome outcome;
  outcome.info = reader->info();
  check_reader_flags(flags, outcome.info);
  outcome.spec = spec_of(command, outcome.info);
  check_rate(outcome.spec.definition, outcome.info);
  check_scale(command, outcome.spec.definition, outcome.info);
  compute(*reader, command, outcome);
  outcome.warnings = outcome.result.warnings;
  warn_of_rate(command, *outcome.info.fs, outcome.warnings);
  warn_of_bad_samples(outcome, outcome.warnings);
  if (!other_model.empty()) outcome.warnings.push_back(other_model);
  write_outputs(command, outcome, kind, *reader);
  if (command.common.quiet) return;
  for (const std::string& warning : outcome.warnings) {
    warn("[" + flags.verb() + "] " + outcome.info.path + ": " + warning);
  }
}

}  // namespace papilio::app
