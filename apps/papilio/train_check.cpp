// What papilio train refuses before it reads a file.
#include <algorithm>
#include <filesystem>
#include <set>

#include "base/atomic_file.h"
#include "base/text.h"
#include "errors.h"
#include "model_command.h"
#include "papilio/error.h"
#include "train/optimiser.h"
#include "train_flags.h"

namespace papilio::app {
namespace {

constexpr std::int64_t kMostPoints = std::int64_t{1} << 20;
constexpr std::size_t kMostSizes = 64;

[[noreturn]] void refuse(const std::string& what) { throw UsageError("[train] " + what); }

void check_kind(const TrainCommand& command) {
  static const std::vector<std::string> known{"butterfly", "encdec", "phased", "multi"};
  const std::string advice = "give " + base::join(known, " or ");
  if (command.kind.empty()) refuse("what is trained? " + advice);
  if (std::find(known.begin(), known.end(), command.kind) != known.end()) return;
  refuse("nothing that is called '" + command.kind + "' can be trained" +
         base::did_you_mean(command.kind, known) + "; " + advice);
}

void check_sizes(const TrainCommand& command) {
  const std::vector<std::int64_t>& sizes = command.sizes;
  const bool fit = !sizes.empty() && *std::min_element(sizes.begin(), sizes.end()) >= 2;
  if (!fit) refuse("--n-fft must be 2 or more, such as --n-fft 256");
  if (*std::max_element(sizes.begin(), sizes.end()) > kMostPoints) {
    refuse("--n-fft must be at most 1048576");
  }
  if (command.kind != "multi") {
    if (sizes.size() > 1) refuse(command.kind + " trains one n; give one --n-fft, or train multi");
    return;
  }
  if (sizes.size() > kMostSizes) refuse("multi takes 64 lengths at most; give fewer --n-fft");
  if (std::set<std::int64_t>(sizes.begin(), sizes.end()).size() < sizes.size()) {
    refuse("--n-fft names a length twice; give each once");
  }
  if (!command.radices.empty()) {
    refuse("--radices are those of one n; leave them out for multi, which takes prime radices");
  }
  if (command.own()) {
    refuse("--target-matrix and --pairs are of one n; train butterfly with them");
  }
}

/// Flags that belong to other kinds, or exclude each other.
void check_combination(const Flags& flags, const TrainCommand& command) {
  if (!command.has_decoder() && command.loss.reconstruction > 0.0) {
    refuse("--loss reconstruction needs a decoder; train encdec or phased");
  }
  if (command.has_decoder() && command.loss.reconstruction <= 0.0) {
    refuse("a decoder learns by its reconstruction; give --loss reconstruction a weight above 0");
  }
  if (!command.pairs.empty() && !command.matrix.empty()) {
    refuse("--pairs and --target-matrix both say what is to be learned; give one");
  }
  if (command.own()) {
    if (!command.target.empty()) {
      refuse("--target names what your own matrix or pairs give; leave one of them out");
    }
    if (command.start.kind != train::Start::Kind::random) {
      refuse("--init " + command.start.text +
             " starts from exact numbers, which a matrix or pairs of your own do not give; leave "
             "it out, or let papilio recover find them");
    }
  }
  const bool rows = !command.data.empty() || flags.given("--noise");
  if (!command.pairs.empty() && rows) {
    refuse("--pairs are the rows; leave out --noise and --data");
  }
  if (!command.data.empty() && flags.given("--noise")) {
    refuse("--noise and --data both say what the rows are; give one");
  }
  if (command.field == "real" && command.parameters != "block") {
    refuse("twiddles are complex; --field real needs --params block");
  }
  if (command.kind == "phased" &&
      command.options.schedule.warm_up > command.options.schedule.steps / 3) {
    refuse("--warm-up is longer than a phase, a third of --steps; give a shorter one");
  }
}

/// One row a flag: when it would change nothing, and what to do.
void check_idle(const Flags& flags, const TrainCommand& command) {
  const train::TrainOptions& o = command.options;
  const bool own_steps = train::is_second_order(o.optimiser);
  const std::string of_rate = "is for optimisers that follow the gradient; " + o.optimiser +
                              " chooses its own step length; leave it out";
  flags.refuse_idle({
      {"--lr", own_steps, of_rate},
      {"--schedule", own_steps, of_rate},
      {"--rate-scaling", own_steps, of_rate},
      {"--warm-up", own_steps, of_rate},
      {"--clip", own_steps, of_rate},
      {"--clip", o.clip == 0.0, "0 clips nothing; give a length above 0, or leave it out"},
      {"--patience", o.patience == 0, "0 never stops; give 1 or more, or leave it out"},
      {"--unit-circle", command.parameters == "block" && command.input != "real",
       "is for twiddles, and --params block has none; leave one of them out"},
      {"--gate-start", !command.gates,
       "is what --gates starts from; give --gates too, or leave it out"},
      {"--multi-schedule", command.kind != "multi", "is for multi; leave it out"},
      {"--loss", !command.has_decoder(),
       "weighs terms, and " + command.kind +
           " has one; leave it out, or train encdec or phased, which have two"},
      {"--valid-seed", !command.pairs.empty(),
       "draws rows, and of --pairs the last tenth is held out; leave it out"},
  });
}

/// n/2 + 1 bins are learned from a transform that has them, and nothing goes back from them.
void check_real_input(const TrainCommand& command) {
  if (command.input != "real") return;
  if (command.has_decoder()) {
    refuse("--input real gives n/2 + 1 bins, for which " + command.kind +
           " has no decoder; train butterfly or multi, or leave it out");
  }
  if (command.own()) {
    refuse(
        "--input real learns --target dft or idft, no matrix and no pairs; leave one of them "
        "out");
  }
  if (command.target.empty() || command.target == "dft" || command.target == "idft") return;
  refuse("--input real gives the bins of a DFT, not " + command.target +
         "; give --target dft or idft, or leave --input out");
}

void check_gates(const TrainCommand& command) {
  if (command.gate_start >= 0.0 && command.gate_start <= 1.0) return;
  refuse("--gate-start " + base::to_text(command.gate_start) + " must be from 0 to 1");
}

/// One name of a file, however it is written.
std::string one_name(const std::string& path) {
  std::error_code unknown;
  const std::filesystem::path name =
      std::filesystem::weakly_canonical(std::filesystem::absolute(path), unknown);
  return unknown ? path : name.string();
}

/// Throws UsageError where another output has the name of a checkpoint.
void check_names(const std::vector<std::string>& checkpoints,
                 const std::vector<std::string>& outputs) {
  for (const std::string& name : checkpoints) {
    for (const std::string& output : outputs) {
      if (one_name(output) != one_name(name)) continue;
      refuse(output + " is the name of the checkpoint; give --log, --html or -o another one");
    }
  }
}

/// The first of the files that exists; "": none.
std::string first_existing(const std::vector<std::string>& files) {
  const auto found = std::find_if(files.begin(), files.end(), [](const std::string& name) {
    std::error_code unknown;
    return std::filesystem::exists(name, unknown);
  });
  return found == files.end() ? "" : *found;
}

/// What an earlier run has left is not lost for want of a word.
void check_resume(const TrainCommand& command, const std::vector<std::string>& checkpoints) {
  const std::string left = first_existing(checkpoints);
  const std::string other = command.kind == "multi"  // which another schedule has left
                                ? first_existing(command.checkpoints(!command.shares_steps()))
                                : "";
  if (!command.resume && !(left + other).empty()) {
    throw UserError("[train] " + (left.empty() ? other : left) +
                    " is that of an interrupted training; give --resume to go on" +
                    (left.empty() ? " with the --multi-schedule it was made with" : "") +
                    ", or remove it");
  }
  if (!command.resume || !left.empty()) return;
  throw UserError("[train] there is no " + checkpoints.front() + " to go on from; " +
                  (other.empty()
                       ? "leave out --resume"
                       : other + " was made with another --multi-schedule: give that one"));
}

void check_outputs(const TrainCommand& command) {
  if (command.output.empty() || command.output == "-") {
    refuse("a model needs the name of a file; give -o MODEL.safetensors");
  }
  check_model_name("train", command.output);
  if (command.html == "-" && command.json) {
    refuse("--json and --html - both write to standard output; give one");
  }
  std::vector<std::string> outputs{command.log, command.html};
  for (const std::int64_t n : command.sizes) outputs.push_back(command.output_of(n));
  std::erase_if(outputs, [](const std::string& name) { return name.empty() || name == "-"; });
  std::set<std::string> names;
  for (const std::string& output : outputs) names.insert(one_name(output));
  if (names.size() < outputs.size()) {
    refuse("-o, --log and --html name the same file; give each its own");
  }
  const std::vector<std::string> checkpoints = command.checkpoints(command.shares_steps());
  check_names(checkpoints, outputs);
  outputs.insert(outputs.end(), checkpoints.begin(), checkpoints.end());
  std::vector<std::string> inputs = command.data;
  inputs.insert(inputs.end(), command.pairs.begin(), command.pairs.end());
  inputs.push_back(command.matrix);
  for (const std::string& output : outputs) {
    for (const std::string& input : inputs) {
      if (input.empty() || !base::same_file(output, input)) continue;
      refuse(output + " would replace the input " + input + "; give another name");
    }
    base::ensure_writable(output);
  }
  check_resume(command, checkpoints);
}

}  // namespace

void check_train(const Flags& flags, TrainCommand& command) {
  check_kind(command);
  check_sizes(command);
  if (command.has_decoder() && !flags.given("--loss")) command.loss.reconstruction = 1.0;
  check_combination(flags, command);
  check_idle(flags, command);
  check_real_input(command);
  check_gates(command);
  as_usage([&] {
    train::validate(command.options);
    for (const std::int64_t n : command.sizes) validate(command.spec(n));
  });
  check_outputs(command);
}

}  // namespace papilio::app
