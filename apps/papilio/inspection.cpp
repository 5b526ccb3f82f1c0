// Figures of a model, put together.
#include "inspection.h"

#include "io/safetensors.h"
#include "tables.h"
#include "train/model_check.h"
#include "train/model_words.h"

namespace papilio::app {
namespace {

base::Json json_of(const train::Spread& spread) {
  return {{"min", base::number_or_null(spread.min)},
          {"mean", base::number_or_null(spread.mean)},
          {"max", base::number_or_null(spread.max)},
          {"std", base::number_or_null(spread.std)}};
}

base::Json json_of(const train::StageStats& stage) {
  base::Json json = base::Json::object();
  json["stage"] = stage.stage;
  json["radix"] = stage.radix;
  json["blocks"] = stage.blocks;
  json["modulus"] = json_of(stage.modulus);
  json["phase"] = json_of(stage.phase);
  json["gate"] = stage.gate ? json_of(*stage.gate) : base::Json(nullptr);
  json["drift"] = stage.drift ? base::number_or_null(*stage.drift) : base::Json(nullptr);
  json["condition"] = base::number_or_null(stage.condition);
  json["worst_block"] = stage.worst_block;
  return json;
}

base::Json json_of(const train::ModelPart& part, const std::vector<train::StageStats>& stages) {
  const transform::NetworkSpec& spec = part.network.spec;
  const transform::ParameterCounts counts = count_parameters(part.network);
  base::Json json = base::Json::object();
  json["name"] = part.name;
  json["radices"] = radices_text(spec.layout);
  json["order"] = train::word_of(spec.order);
  json["form"] = train::word_of(spec.form);
  json["field"] = train::word_of(spec.field);
  json["tying"] = train::word_of(spec.tying);
  json["direction"] = train::word_of(spec.direction);
  json["norm"] = train::word_of(spec.norm);
  json["input"] = train::word_of(spec.input);
  json["scale"] = part.network.scale;
  json["diagonal"] = !part.diagonal.empty();
  json["parameters"] = {{"held", counts.held},
                        {"free", counts.free},
                        {"gates", counts.gates},
                        {"recombination", counts.recombination},
                        {"reals", counts.reals}};
  json["stages"] = base::Json::array();
  for (const train::StageStats& stage : stages) json["stages"].push_back(json_of(stage));
  return json;
}

/// What networks are beside the DFT of their own kinds: dft, idft, and one after the other.
bool is_dft(const std::string& target) {
  return target == "dft" || target == "idft" || target == "identity";
}

}  // namespace

Inspection inspect(const ModelCommand& command) {
  Inspection found;
  found.model = train::load_model(command.path);
  found.target = command.target.empty() ? default_exact(found.model) : command.target;
  train::ModelFile exact;
  if (!found.target.empty()) {
    exact = exact_model(found.model, found.target);
    found.error = matrix_error(found.model, exact);
  }
  for (std::size_t i = 0; i < found.model.parts.size(); ++i) {
    const transform::Network& network = found.model.parts[i].network;
    found.stages.push_back(is_dft(found.target) || exact.parts.size() <= i
                               ? train::stage_stats(network)
                               : train::stage_stats(network, exact.parts[i].network));
  }
  return found;
}

base::Json inspection_record(const ModelCommand& command, const Inspection& found) {
  base::Json record = model_record("inspect", command, found.model);
  record["dtype"] = name_of(found.model.dtype);
  record["written_by"] = found.model.version;
  record["output"] = found.model.real_part ? "real" : "complex";
  record["training"] = found.model.training;
  record["parts"] = base::Json::array();
  for (std::size_t i = 0; i < found.model.parts.size(); ++i) {
    record["parts"].push_back(json_of(found.model.parts[i], found.stages[i]));
  }
  record["target"] = found.error ? base::Json(found.target) : base::Json(nullptr);
  record["relative_error"] =
      found.error ? base::number_or_null(found.error->relative) : base::Json(nullptr);
  record["random_rows"] = found.error ? base::Json(found.error->probes) : base::Json(nullptr);
  return record;
}

std::string kind_text(const train::ModelFile& model) {
  const std::string version =
      model.version.empty() ? "" : ", written by Papilio " + io::printable(model.version);
  return std::string(train::word_of(model.kind)) + ", n = " + std::to_string(model.n()) + ", " +
         name_of(model.dtype) + version;
}

std::string error_text(const Inspection& found) {
  if (!found.error)
    return "no transform that has a name, compared with nothing (--target NAME does)";
  std::string text = "relative error of the matrix against the exact " + found.target + " " +
                     short_number(found.error->relative);
  if (found.error->probes > 0) {
    text += ", estimated on " + std::to_string(found.error->probes) + " random rows";
  }
  return text;
}

}  // namespace papilio::app
