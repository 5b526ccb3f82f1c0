// papilio roundtrip: what is left of a signal that was encoded and decoded again.
#include <cmath>
#include <optional>

#include "errors.h"
#include "model_command.h"
#include "options_common.h"
#include "output.h"
#include "record.h"
#include "test_rows.h"
#include "train/model_error.h"
#include "train/model_run.h"
#include "verb.h"

namespace papilio::app {
namespace {

using Rows = std::vector<transform::Complex>;

constexpr const char* kExample =
    "MODEL is an encoder with its decoder (kind encdec), or DECODER undoes what MODEL does; "
    "without one\n"
    "MODEL is undone by its inverse, stage by stage.\n"
    "The error is ||x' - x|| / ||x||: of all rows together, of each, and by sample position.\n"
    "Networks run on --device, in double. Inverting their blocks is the host's, as are the "
    "errors.\n\n"
    "Examples:\n"
    "  papilio roundtrip learned.safetensors --max-error 1e-4\n"
    "  papilio roundtrip encoder.safetensors decoder.safetensors --data speech.wav --json";

struct RoundtripCommand {
  ModelCommand model;
  std::string decoder;  ///< path; "": of the model itself
  TestRows rows;
  std::optional<double> most;
  train::RunOn on{.threads = 0};
};

/// There and back.
class Roundtrip {
 public:
  explicit Roundtrip(const RoundtripCommand& command)
      : command_(command), model_(train::load_model(command.model.path)) {
    const bool pair = model_.kind == train::ModelKind::encdec;
    if (!command.decoder.empty()) {
      if (pair) refuse(command.model.path + " has a decoder of its own; leave DECODER out");
      decoder_ = train::load_model(command.decoder);
      check_decoder();
      decode_.emplace(*decoder_, command.on);
    } else if (!pair) {
      invert_.emplace(model_, command.on);
    }
    there_.emplace(model_, command.on);
  }

  const train::ModelFile& model() const { return model_; }
  bool real() const { return takes_real(model_) || (decoder_ && takes_real(*decoder_)); }
  const std::string& strategy() const { return there_->strategy(); }

  /// "its decoder", "its inverse", or the file.
  std::string decoding() const {
    if (decoder_) return command_.decoder;
    return model_.kind == train::ModelKind::encdec ? "its decoder" : "its inverse";
  }

  /// Of rows [count, n].
  Rows operator()(std::span<const transform::Complex> x) {
    Rows y = (*there_)(x);
    if (decode_) return (*decode_)(y);
    return invert_ ? (*invert_)(y) : y;
  }

 private:
  [[noreturn]] static void refuse(const std::string& what) {
    throw UserError("[roundtrip] " + what);
  }

  void check_decoder() const {
    const std::int64_t given = model_.parts.back().network.spec.outputs();
    if (decoder_->n() == given) return;
    refuse(command_.decoder + " takes " + std::to_string(decoder_->n()) + " numbers, and " +
           command_.model.path + " gives " + std::to_string(given) +
           "; give a decoder of that n, or none for the inverse of the model");
  }

  const RoundtripCommand& command_;
  train::ModelFile model_;
  std::optional<train::ModelFile> decoder_;
  std::optional<train::ModelRun> there_;
  std::optional<train::ModelRun> decode_;  ///< by `decoder_`
  std::optional<train::InverseRun> invert_;
};

/// Squares of differences and of the signals, summed in the order of the rows.
class Errors {
 public:
  explicit Errors(std::int64_t n) : difference_(static_cast<std::size_t>(n)), power_(difference_) {}

  /// Rows [count, n] and what became of them.
  void add(std::span<const transform::Complex> x, std::span<const transform::Complex> back) {
    const std::size_t n = power_.size();
    for (std::size_t at = 0; at < x.size(); at += n) {
      add_row(x.subspan(at, n), back.subspan(at, n));
    }
  }

  double overall() const { return train::relative_error(all_difference_, all_power_); }
  const std::vector<double>& rows() const { return rows_; }
  std::vector<double> samples() const {
    std::vector<double> errors;
    for (std::size_t i = 0; i < power_.size(); ++i) {
      errors.push_back(train::relative_error(difference_[i], power_[i]));
    }
    return errors;
  }

 private:
  void add_row(std::span<const transform::Complex> x, std::span<const transform::Complex> back) {
    double difference = 0.0;
    double power = 0.0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double d = std::norm(back[i] - x[i]);
      const double p = std::norm(x[i]);
      if (!std::isfinite(p)) {
        throw UserError("[roundtrip] row " + std::to_string(rows_.size()) +
                        " of the data holds a number that is not finite; leave that part out");
      }
      difference_[i] += d;
      power_[i] += p;
      difference += d;
      power += p;
    }
    rows_.push_back(train::relative_error(difference, power));
    all_difference_ += difference;
    all_power_ += power;
  }

  std::vector<double> rows_;
  std::vector<double> difference_;
  std::vector<double> power_;
  double all_difference_ = 0.0;
  double all_power_ = 0.0;
};

base::Json record_of(const RoundtripCommand& command, const Roundtrip& roundtrip,
                     const Errors& errors, bool passed) {
  base::Json record = model_record("roundtrip", command.model, roundtrip.model());
  add_device(record, roundtrip.strategy());
  record["decoder"] = command.decoder.empty() ? base::Json(nullptr) : base::Json(command.decoder);
  record["decoding"] = roundtrip.decoding();
  command.rows.note(errors.rows().size(), record);
  note_error(errors.overall(), record);
  record["error_by_row"] = spread_json(known_errors(errors.rows()));
  record["error_by_sample"] = base::Json::array();
  for (const double error : errors.samples()) {
    record["error_by_sample"].push_back(base::number_or_null(error));
  }
  record["max_error"] = command.most ? base::Json(*command.most) : base::Json(nullptr);
  record["passed"] = passed;
  return record;
}

std::string readable(const RoundtripCommand& command, const Roundtrip& roundtrip,
                     const Errors& errors, bool passed) {
  std::string text = heading(command.model.path + " and back by " + roundtrip.decoding()) +
                     command.rows.text(errors.rows().size()) + "\nrelative error " +
                     short_number(errors.overall());
  if (command.most) text += (passed ? ", within " : ", ABOVE ") + base::to_text(*command.most);
  return text + "\nof a row: " + spread_text(known_errors(errors.rows())) + "\n" +
         worst_places("sample", errors.samples()).text();
}

}  // namespace

int run_roundtrip(const std::vector<std::string>& arguments) {
  Flags flags("roundtrip", "Error of decoding what a model encoded.", kExample);
  RoundtripCommand command;
  add_model_file_flags(flags, command.model);
  flags.positional("DECODER", "a model that undoes it", command.decoder);
  add_test_row_flags(flags, command.rows);
  flags.value("--max-error", "E", "exit 1 if the relative error is above this", command.most);
  add_device_flags(flags, command.on.device, command.on.threads);
  flags.parse(arguments);
  check_model_flags(flags, command.model);
  check_test_rows(flags, command.rows);
  if (command.most && *command.most < 0.0) {
    throw UsageError("[roundtrip] --max-error " + base::to_text(*command.most) +
                     " must be 0 or above");
  }
  Roundtrip roundtrip(command);
  Errors errors(roundtrip.model().n());
  for_test_rows(
      "roundtrip", command.rows, roundtrip.model().n(), roundtrip.real(), command.model.quiet,
      [&](std::span<const transform::Complex> rows) { errors.add(rows, roundtrip(rows)); });
  const bool passed =
      std::isfinite(errors.overall()) && (!command.most || errors.overall() <= *command.most);
  if (command.model.json) {
    write_text("-", base::dump(record_of(command, roundtrip, errors, passed)) + "\n");
  } else if (!command.model.quiet) {
    write_text("-", readable(command, roundtrip, errors, passed));
  }
  refuse_overflow("roundtrip", command.model, errors.overall());
  return passed ? kOk : kFailed;
}

}  // namespace papilio::app
