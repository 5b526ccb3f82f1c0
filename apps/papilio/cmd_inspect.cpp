// papilio inspect: what a model file holds.
#include <algorithm>

#include "base/atomic_file.h"
#include "errors.h"
#include "inspection.h"
#include "io/safetensors.h"
#include "model_command.h"
#include "output.h"
#include "tables.h"
#include "verb.h"

namespace papilio::app {
namespace {

constexpr const char* kExample =
    "Drift is the root mean square of w - exact w, - where the exact transform has no network of "
    "the "
    "same\nstages, form and permutation; phases are in radians. Blocks have freedoms between "
    "stages, "
    "so that theirs\nsays little. Condition is that of the worst block.\n\n"
    "Example:\n  papilio inspect learned.safetensors --html learned.html";

std::string range_text(const train::Spread& spread) {
  return short_number(spread.min) + " .. " + short_number(spread.max);
}

std::string mean_text(const train::Spread& spread) {
  return short_number(spread.mean) + ", " + short_number(spread.std);
}

std::string counts_text(const train::ModelPart& part) {
  const transform::ParameterCounts counts = count_parameters(part.network);
  std::string text = std::to_string(counts.free) + " free of " + std::to_string(counts.held) +
                     " held, " + std::to_string(counts.gates) + " gates";
  if (counts.recombination > 0) {
    text += ", " + std::to_string(counts.recombination) + " of recombination";
  }
  return text + "; " + std::to_string(counts.reals) + " real numbers to train";
}

std::string drift_note(const std::vector<train::StageStats>& stages) {
  const bool all = std::all_of(stages.begin(), stages.end(), [](const auto& s) { return s.drift; });
  if (all) return "";
  return "no drift: the exact transform has no network of the same stages, form and permutation\n";
}

std::string stages_text(const std::vector<train::StageStats>& stages) {
  TextTable table({"stage", "radix", "blocks", "|w|", "mean, std", "phase", "mean, std", "gate",
                   "drift", "condition"});
  for (const train::StageStats& stage : stages) {
    table.add(
        {std::to_string(stage.stage), std::to_string(stage.radix), std::to_string(stage.blocks),
         range_text(stage.modulus), mean_text(stage.modulus), range_text(stage.phase),
         mean_text(stage.phase), stage.gate ? range_text(*stage.gate) : "-",
         stage.drift ? short_number(*stage.drift, 3) : "-",
         short_number(stage.condition) + " (block " + std::to_string(stage.worst_block) + ")"});
  }
  return table.text() + drift_note(stages);
}

std::string readable(const ModelCommand& command, const Inspection& found) {
  const train::ModelFile& model = found.model;
  std::string text = heading(command.path + ": " + kind_text(model));
  for (std::size_t i = 0; i < model.parts.size(); ++i) {
    text += part_text(model.parts[i]) + "\n" + counts_text(model.parts[i]) + "\n" +
            stages_text(found.stages[i]);
  }
  if (model.real_part) text += "the real part is taken at the end\n";
  if (!model.training.empty())
    text += "training " + io::printable(base::dump(model.training)) + "\n";
  text += error_text(found) + "\n";
  return text;
}

}  // namespace

int run_inspect(const std::vector<std::string>& arguments) {
  Flags flags("inspect", "What a model file holds: layout, parameters, distance from exact.",
              kExample);
  ModelCommand command;
  std::string html;
  add_model_flags(flags, command);
  flags.value("--html", "PAGE", "write a page to look at: |w|, phases, error by bin", html);
  flags.parse(arguments);
  check_model_flags(flags, command);
  if (html == "-" && command.json) {
    throw UsageError("[inspect] --json and --html - both write to standard output; give one");
  }
  if (!html.empty() && html != "-") {
    if (base::same_file(html, command.path)) {
      throw UsageError("[inspect] --html would replace the model " + command.path +
                       "; give another name");
    }
    base::ensure_writable(html);
  }
  const Inspection found = inspect(command);
  if (command.json) {
    write_text("-", base::dump(inspection_record(command, found)) + "\n");
  }
  if (!html.empty()) write_text(html, inspection_page(command, found));
  if (!command.json && !command.quiet && html != "-") write_text("-", readable(command, found));
  return kOk;
}

}  // namespace papilio::app
