// Flags and words of the verbs on model files.
#include "model_command.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "record.h"
#include "train/model_check.h"
#include "train/model_words.h"

namespace papilio::app {

void add_model_file_flags(Flags& flags, ModelCommand& command) {
  flags.positional("MODEL", "a .safetensors file of papilio", command.path);
  flags.flag("--json", "as one line of JSON", [&command] { command.json = true; });
  flags.flag("--quiet", "no report", [&command] { command.quiet = true; });
}

void add_model_flags(Flags& flags, ModelCommand& command) {
  add_model_file_flags(flags, command);
  flags.value("--target", base::join(train::exact_names(), "|"),
              "exact transform to compare with (what the model says it is)", command.target);
}

void check_model_flags(const Flags& flags, const ModelCommand& command) {
  if (command.path.empty()) {
    throw UsageError("[" + flags.verb() + "] no MODEL; give a .safetensors file of papilio");
  }
  const auto& known = train::exact_names();
  if (!command.target.empty() &&
      std::find(known.begin(), known.end(), command.target) == known.end()) {
    refuse_value(
        "[" + flags.verb() + "] --target", command.target,
        "is unknown" + base::did_you_mean(command.target, known) + "; give " + base::join(known));
  }
}

void check_model_name(const std::string& verb, const std::string& path) {
  if (path.ends_with(kModelEnding) || !std::filesystem::path(path).has_extension()) return;
  throw UsageError("[" + verb + "] -o " + path + " has another ending than that of a model, " +
                   kModelEnding + "; give -o MODEL" + kModelEnding);
}

std::string target_of(const Flags& flags, const ModelCommand& command,
                      const train::ModelFile& model) {
  if (!command.target.empty()) return command.target;
  std::string own = train::default_exact(model);
  if (own.empty()) {
    const bool product = model.parts.size() > 1 && model.kind != train::ModelKind::encdec;
    throw UserError("[" + flags.verb() + "] " + command.path +
                    (product ? " is a product of networks, and does not say which transform it "
                               "stands for; "
                             : " stands for no transform that has a name; ") +
                    "give --target " + base::join(train::exact_names(), "|"));
  }
  return own;
}

base::Json model_record(const std::string& verb, const ModelCommand& command,
                        const train::ModelFile& model) {
  base::Json record = record_head("papilio.model." + verb, verb);
  record["model"] = command.path;
  record["kind"] = train::word_of(model.kind);
  record["n"] = model.n();
  return record;
}

void note_error(double error, base::Json& record) {
  record["relative_error"] = base::number_or_null(error);
  record["overflow"] = std::isinf(error);
}

void refuse_overflow(const std::string& verb, const ModelCommand& command, double error) {
  if (!std::isinf(error)) return;
  throw UserError("[" + verb + "] the output of " + command.path +
                  ", or its power, is beyond double; look at its numbers with papilio inspect, or "
                  "train it again with a smaller --lr");
}

std::string part_text(const train::ModelPart& part) {
  const transform::NetworkSpec& spec = part.network.spec;
  std::string text = part.name.empty() ? "" : part.name + ": ";
  text += "radices " + radices_text(spec.layout) + ", order " + train::word_of(spec.order) + ", " +
          train::word_of(spec.field) + " " + train::word_of(spec.form) + "s, " +
          train::word_of(spec.tying) + ", " + train::word_of(spec.direction) + ", norm " +
          train::word_of(spec.norm) + ", " + train::word_of(spec.input) + " input";
  return part.diagonal.empty() ? text : text + ", then a diagonal";
}

std::string model_text(const train::ModelFile& model) {
  std::string text;
  for (const train::ModelPart& part : model.parts) text += part_text(part) + "\n";
  return model.real_part ? text + "the real part is taken at the end\n" : text;
}

}  // namespace papilio::app
