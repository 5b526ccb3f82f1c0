// Rows of recoveries for people and programs, and what is saved of one.
#include "recover_output.h"

#include <algorithm>

#include "base/text.h"
#include "papilio/version.h"
#include "tables.h"
#include "train/model_words.h"
#include "train/twiddles.h"

namespace papilio::app {
namespace {

using transform::Direction;
using transform::Network;

std::string radices_of(const train::RecoverOptions& options, std::int64_t n) {
  return radices_text(options.radices.empty() ? transform::default_layout(n)
                                              : transform::layout_of(options.radices));
}

// Blocks as twiddles if that is what they are. Radix 2 has the same DFT in both directions, so that
// the one asked for goes first.
Network in_twiddles(const Network& blocks, const train::RecoverOptions& options) {
  if (options.form == transform::Form::block) return blocks;
  const double tolerance = options.dtype == DType::f32 ? 1e-4 : 1e-9;
  const bool inverse = options.transform == "idft";
  const Direction first = inverse ? Direction::inverse : Direction::forward;
  const Direction second = inverse ? Direction::forward : Direction::inverse;
  for (const Direction direction : {first, second}) {
    const auto form = train::to_twiddles(blocks, direction, options.tying, tolerance);
    if (form.network) return *form.network;
  }
  return blocks;
}

std::string recovered_text(const std::vector<const train::RecoverRow*>& rows, DType dtype) {
  const auto count = std::count_if(rows.begin(), rows.end(),
                                   [](const train::RecoverRow* row) { return row->recovered; });
  return std::to_string(count) + " of " + std::to_string(rows.size()) + " within " +
         (dtype == DType::f32 ? "1e-6" : "1e-12") + "\n";
}

std::string table_of(const std::vector<const train::RecoverRow*>& rows,
                     const train::RecoverOptions& options) {
  TextTable table({"transform", "n", "from", "method", "seed", "relative_error", "seconds"},
                  {0, 2, 3});
  for (const train::RecoverRow* row : rows) {
    table.add({row->transform, std::to_string(row->n), row->from, row->method,
               std::to_string(row->seed), short_number(row->relative_error, 3),
               short_number(row->seconds, 3)});
  }
  return "given: " + rows.front()->regime + "\n" + table.text() +
         recovered_text(rows, options.dtype);
}

}  // namespace

std::vector<std::string> regimes_of(const std::vector<train::RecoverRow>& rows) {
  std::vector<std::string> regimes;
  for (const train::RecoverRow& row : rows) {
    if (std::find(regimes.begin(), regimes.end(), row.regime) == regimes.end()) {
      regimes.push_back(row.regime);
    }
  }
  return regimes;
}

std::string recover_table(const std::vector<train::RecoverRow>& rows,
                          const train::RecoverOptions& options) {
  std::string text;
  for (const std::string& regime : regimes_of(rows)) {
    std::vector<const train::RecoverRow*> same;
    for (const train::RecoverRow& row : rows) {
      if (row.regime == regime) same.push_back(&row);
    }
    text += table_of(same, options);
  }
  return text;
}

base::Json recover_record(const train::RecoverRow& row, const train::RecoverOptions& options) {
  base::Json record = base::Json::object();
  record["schema"] = "papilio.recover";
  record["version"] = 1;
  record["papilio_version"] = build_info().version;
  record["transform"] = row.transform;
  record["n"] = row.n;
  record["from"] = row.from;
  record["method"] = row.method;
  record["seed"] = row.seed;
  record["relative_error"] = base::number_or_null(row.relative_error);
  record["seconds"] = base::number_or_null(row.seconds);
  record["regime"] = row.regime;
  record["recovered"] = row.recovered;
  record["dtype"] = name_of(options.dtype);
  record["radices"] = radices_of(options, row.n);
  record["pairs"] = row.pairs;
  record["bound"] = row.bound > 0.0 ? base::number_or_null(row.bound) : base::Json(nullptr);
  return record;
}

train::ModelFile recovered_model(const train::Recovery& recovery,
                                 const train::RecoverOptions& options) {
  train::ModelFile model = train::model_of(recovery.chain);
  const bool named = options.transform == "dft" || options.transform == "idft";
  for (train::ModelPart& part : model.parts) {
    part.network = in_twiddles(part.network, options);
    if (named) part.network.spec.norm = transform::Norm::backward;
    if (options.transform == "idft") part.network.spec.direction = Direction::inverse;
  }
  model.dtype = options.dtype;
  const train::RecoverRow& row = recovery.row;
  model.training = {
      {"verb", "recover"},  {"transform", row.transform},
      {"from", row.from},   {"method", row.method},
      {"seed", row.seed},   {"regime", row.regime},
      {"pairs", row.pairs}, {"relative_error", base::number_or_null(row.relative_error)}};
  return model;
}

}  // namespace papilio::app
