// papilio recover: the butterfly network behind a matrix or pairs of inputs and outputs.
#include <algorithm>
#include <optional>

#include "api/memory.h"
#include "base/atomic_file.h"
#include "base/memory.h"
#include "errors.h"
#include "flags.h"
#include "grid.h"
#include "model_command.h"
#include "options_common.h"
#include "output.h"
#include "progress.h"
#include "recover_output.h"
#include "signal_rows.h"
#include "train/descent.h"
#include "values.h"
#include "verb.h"

namespace papilio::app {
namespace {

constexpr const char* kExample =
    "hierarchical factors the matrix in closed form; identify fits pairs; als alternates, adam "
    "and lbfgs\n"
    "descend from random numbers, one start a seed. Each row says what the method was given; rows "
    "of\n"
    "different regimes are in different tables.\n"
    "--device is where adam and lbfgs compute loss and gradient; their steps, the other methods "
    "and "
    "the\nerrors are the host's.\n\n"
    "Examples:\n"
    "  papilio recover --transform dft --n 64,256 --seeds 10\n"
    "  papilio recover --transform random-butterfly --n 128 --from noisy:30 --method identify "
    "--json\n"
    "  papilio recover --transform conv --n 16 --method lbfgs\n"
    "  papilio recover --matrix mine.npy -o mine.safetensors\n"
    "  papilio recover --pairs x.npy y.npy --radices 16,16";
constexpr std::int64_t kMostSeeds = 100000;

struct RecoverCommand {
  train::RecoverOptions options;
  std::vector<std::int64_t> sizes;
  std::optional<std::int64_t> seeds;
  std::int64_t first_seed = 0;
  std::string from;
  std::string matrix;
  std::vector<std::string> pairs;
  std::string output;
  std::string html;
  Execution execution;  // of which only the memory counts
  bool json = false;
  bool quiet = false;

  bool own() const { return !matrix.empty() || !pairs.empty(); }
};

// "f32|f64" and the like: each word sets something.
template <typename E>
void add_choice(Flags& flags, const std::string& name, const std::string& help,
                const std::vector<std::pair<std::string, E>>& choices, E& target) {
  std::vector<std::string> words;
  for (const auto& [word, value] : choices) words.push_back(word);
  flags.on(name, base::join(words, "|"), help,
           [choices, words, &target](const std::string& flag, const std::string& text) {
             for (const auto& [word, value] : choices) {
               if (text == word) {
                 target = value;
                 return;
               }
             }
             refuse_value(flag, text,
                          "is unknown" + base::did_you_mean(text, words) + "; give " +
                              base::join(words, " or "));
           });
}

void add_target_flags(Flags& flags, RecoverCommand& command) {
  train::RecoverOptions& options = command.options;
  flags.group("What is looked for");
  flags.word("--transform", "a known transform, hidden behind its data", train::transform_names(),
             options.transform);
  flags.on("--n", "N[,N..]", "its lengths",
           [&command](const std::string& flag, const std::string& text) {
             as_usage([&] { command.sizes = bench::parse_sizes(flag, text); });
           });
  flags.value("--from", "matrix|pairs|noisy:DB", "what is given of it (what the method takes)",
              command.from);
  flags.value("--matrix", "M.npy", "instead: your own n x n matrix", command.matrix);
  flags
      .on("--pairs", "X.npy Y.npy", "instead: your own inputs and outputs, one row a pair",
          [&command](const std::string&, const std::string& text) {
            command.pairs.push_back(text);
          })
      ->expected(2);
  flags.on("--radices", "16,5,5", "of the network, first stage first (prime factors)",
           [&options](const std::string&, const std::string& text) {
             as_usage([&] { options.radices = transform::parse_layout(text).radices; });
           });
  flags.flag("--tied", "twiddles of one stage are shared",
             [&options] { options.tying = transform::Tying::tied; });
  add_choice<transform::Form>(
      flags, "--form", "of random-butterfly, and of what is saved (twiddle)",
      {{"twiddle", transform::Form::twiddle}, {"block", transform::Form::block}}, options.form);
  flags.flag("--plain", "fit one network to dct2, dct4 or conv, none of which is one",
             [&options] { options.outer_structure = false; });
}

void add_flags(Flags& flags, RecoverCommand& command) {
  train::RecoverOptions& options = command.options;
  add_target_flags(flags, command);
  flags.group("Method");
  flags.word("--method", "how (hierarchical; identify for --pairs)", train::method_names(),
             options.method);
  add_choice<DType>(flags, "--dtype", "precision of the computation (f64)",
                    {{"f32", DType::f32}, {"f64", DType::f64}}, options.dtype);
  flags.value(
      "--steps", "N",
      "at most: sweeps of als (500), Gauss-Newton steps (100), of adam (10000), lbfgs (2000)",
      options.iterations);
  flags.value("--goal", "E",
              "relative error that counts as recovered (1e-12; 1e-6 in f32 and for adam and lbfgs, "
              "which stop there)",
              options.goal);
  flags.value("--samples", "N", "pairs that are drawn (4 n, at most 512)", options.pairs);
  flags.value("--seeds", "N", "recoveries of each n (10; 1 with -o or own data)", command.seeds);
  flags.value("--seed", "S", "the first seed (0)", command.first_seed);
  add_device_flag(flags, options.device);
  flags.group("Output");
  flags.value("-o,--output", "MODEL", "save the network as .safetensors (one recovery only)",
              command.output);
  flags.value("--html", "PAGE", "write a page to look at: errors and seconds against n",
              command.html);
  flags.flag("--json", "JSON Lines, one object a recovery", [&command] { command.json = true; });
  flags.on("--max-memory", "SIZE", "most bytes that may be needed (half of the free)",
           [&command](const std::string& flag, const std::string& text) {
             command.execution.max_memory = parse_size(flag, text);
           });
  flags.flag("--quiet", "no table, no progress", [&command] { command.quiet = true; });
}

[[noreturn]] void refuse(const std::string& what) { throw UsageError("[recover] " + what); }

void check_source(const Flags& flags, RecoverCommand& command) {
  train::RecoverOptions& options = command.options;
  const int sources = static_cast<int>(!options.transform.empty()) +
                      static_cast<int>(!command.matrix.empty()) +
                      static_cast<int>(!command.pairs.empty());
  if (sources != 1) {
    refuse(sources == 0 ? "nothing to recover; give --transform NAME, --matrix M.npy or --pairs "
                          "X.npy Y.npy"
                        : "--transform, --matrix and --pairs exclude each other; give one");
  }
  if (!flags.given("--method") && (!command.pairs.empty() || command.from.starts_with("pairs") ||
                                   command.from.starts_with("noisy"))) {
    options.method = "identify";
  }
  if (command.own()) {
    flags.refuse_idle({{"--n", true, "is for --transform; leave it out"},
                       {"--from", true, "is for --transform; leave it out"}});
    return;
  }
  if (command.sizes.empty()) refuse("--transform needs --n, such as --n 256");
  if (command.from.empty()) command.from = options.method == "identify" ? "pairs" : "matrix";
  options.from = command.from;
  for (const std::int64_t n : command.sizes) as_usage([&] { transform::default_layout(n); });
}

/// One row a flag: when it would change nothing, and what to do.
void check_idle(const Flags& flags, const RecoverCommand& command) {
  const train::RecoverOptions& options = command.options;
  const std::string& name = options.transform;
  const bool outer = name == "dct2" || name == "dct4" || name == "conv";
  const bool drawn = !command.own() && options.from != "matrix";
  const bool formed = name == "random-butterfly" || !command.output.empty();
  const std::string of_form = "is for random-butterfly and for what -o saves; leave it out";
  flags.refuse_idle({
      {"--plain", !outer, "is for --transform dct2, dct4 or conv; leave it out"},
      {"--samples", !drawn, "is for --transform with --from pairs or noisy:DB; leave it out"},
      {"--steps", options.method == "hierarchical",
       "is for methods that take steps, and hierarchical has a closed form; leave it out"},
      {"--form", !formed, of_form},
      {"--tied", !formed, of_form},
  });
}

void check_outputs(const RecoverCommand& command) {
  if (command.output == "-") refuse("-o - has no kind for a model; give the name of a file");
  if (command.html == "-" && command.json) {
    refuse("--json and --html - both write to standard output; give one");
  }
  if (!command.html.empty() && command.html == command.output) {
    refuse("-o and --html name the same file; give two");
  }
  if (!command.output.empty()) check_model_name("recover", command.output);
  std::vector<std::string> inputs = command.pairs;
  inputs.push_back(command.matrix);
  for (const std::string& output : {command.output, command.html}) {
    if (output.empty() || output == "-") continue;
    for (const std::string& input : inputs) {
      if (input.empty() || !base::same_file(output, input)) continue;
      refuse(output + " would replace the input " + input + "; give another name");
    }
    base::ensure_writable(output);
  }
}

void check(const Flags& flags, RecoverCommand& command) {
  check_source(flags, command);
  check_idle(flags, command);
  as_usage([&] { train::check_device(command.options); });
  const bool single = command.own() || !command.output.empty();
  const std::int64_t seeds = command.seeds.value_or(single ? 1 : 10);
  command.seeds = seeds;
  if (seeds < 1 || seeds > kMostSeeds) {
    refuse("--seeds " + std::to_string(seeds) + " must be from 1 to 100000");
  }
  if (command.first_seed < 0) refuse("--seed must be 0 or above");
  if (flags.given("--samples") && command.options.pairs < 1) refuse("--samples must be 1 or more");
  if (flags.given("--steps") && command.options.iterations < 0) refuse("--steps must be 0 or more");
  if (flags.given("--goal") && !(command.options.goal > 0.0)) refuse("--goal must be above 0");
  if (!command.output.empty() && (seeds > 1 || command.sizes.size() > 1)) {
    refuse("-o saves one network; give one --n and --seeds 1");
  }
  check_outputs(command);
}

// The matrix and its copies are all that is large. Copies were counted by the peak of each method.
void check_memory(const RecoverCommand& command, std::int64_t n, std::int64_t samples) {
  constexpr double kMatrixCopies = 7.0, kCopiesBesidePairs = 6.0, kPairsCopies = 5.0;
  const std::string& method = command.options.method;
  const bool rows = samples > 0 || method == "adam" || method == "lbfgs";
  const auto size = static_cast<double>(n);
  const auto count = static_cast<double>(samples > 0 ? samples : std::min(n, train::kRandomRows));
  const double values =
      size * (rows ? kCopiesBesidePairs * size + kPairsCopies * count : kMatrixCopies * size);
  const double need = 16.0 * values;
  constexpr double kLittle = 1 << 25;
  if (command.execution.max_memory <= 0 && need <= kLittle) return;
  const std::int64_t limit = api::memory_limit(command.execution);
  if (limit <= 0 || need <= static_cast<double>(limit)) return;
  throw UserError("[recover] the matrix of n = " + std::to_string(n) +
                  " and what is computed from it need about " +
                  base::size_text(static_cast<std::int64_t>(std::min(need, 9e18))) +
                  ", the limit is " + base::size_text(limit) + "; give a smaller n" +
                  (samples > 0 ? ", fewer pairs" : "") + ", or raise --max-memory");
}

void check_memory(const RecoverCommand& command) {
  const bool pairs = command.options.from != "matrix";
  for (const std::int64_t n : command.sizes) {
    const std::int64_t drawn =
        command.options.pairs > 0 ? command.options.pairs : train::default_pairs(n);
    check_memory(command, n, pairs ? drawn : 0);
  }
}

/// The half of a spectrum that a real transform keeps has another network, which is trained.
void check_shape(const std::string& path, const transform::Matrix& matrix) {
  if (matrix.rows == matrix.columns) return;
  const std::int64_t n = std::max(matrix.rows, matrix.columns);
  const bool half = n >= 4 && n % 2 == 0 && std::min(matrix.rows, matrix.columns) == n / 2 + 1;
  throw UserError("[recover] " + path + " is " + std::to_string(matrix.rows) + " x " +
                  std::to_string(matrix.columns) +
                  ", and a network is found in a square matrix; give one of n x n numbers" +
                  (half ? ", or for the n/2 + 1 bins of real rows let papilio train --input real "
                          "learn them"
                        : ""));
}

// Data of one's own, read once.
class OwnData {
 public:
  explicit OwnData(RecoverCommand& command) : options_(command.options) {
    if (!command.own()) return;
    options_.transform = "own";
    if (!command.matrix.empty()) {
      matrix_ = read_matrix("recover", command.matrix);
      check_shape(command.matrix, matrix_);
    } else {
      pairs_ = {read_matrix("recover", command.pairs[0]), read_matrix("recover", command.pairs[1])};
      train::validate(pairs_);
    }
    const std::int64_t n = command.matrix.empty() ? pairs_.x.columns : matrix_.columns;
    const transform::Layout layout = options_.radices.empty()
                                         ? transform::default_layout(n)
                                         : transform::layout_of(options_.radices);
    if (layout.n != n) {
      throw UserError("[recover] the radices " + radices_text(layout) + " make n = " +
                      std::to_string(layout.n) + ", and the data have n = " + std::to_string(n) +
                      "; give radices whose product is that");
    }
    command.sizes = {n};
    check_memory(command, n, pairs_.samples());
    model_ = train::plain_model(layout, transform::digit_reversal(layout));
  }
  train::Recovery recover() const {
    if (matrix_.rows > 0) return train::recover(matrix_, model_, options_);
    return train::recover(pairs_, model_, options_);
  }

 private:
  train::RecoverOptions& options_;
  transform::Matrix matrix_;
  train::Pairs pairs_;
  train::Model model_;
};

train::Recovery recover_one(const RecoverCommand& command, const OwnData& own) {
  if (command.own()) return own.recover();
  // No file takes part: whatever is refused stands on the command line.
  train::Recovery recovery;
  as_usage([&] { recovery = train::recover(command.options); });
  return recovery;
}

// Writes each row and the model as they come.
std::vector<train::RecoverRow> recover_all(RecoverCommand& command, const OwnData& own) {
  std::vector<train::RecoverRow> rows;
  const auto total = static_cast<std::int64_t>(command.sizes.size()) * *command.seeds;
  Progress progress("recover", total, command.quiet);
  for (const std::int64_t n : command.sizes) {
    for (std::int64_t seed = 0; seed < *command.seeds; ++seed) {
      command.options.n = n;
      command.options.seed = static_cast<std::uint64_t>(command.first_seed + seed);
      const train::Recovery recovery = recover_one(command, own);
      rows.push_back(recovery.row);
      if (command.json) {
        write_text("-", base::dump(recover_record(recovery.row, command.options)) + "\n");
      }
      if (!command.output.empty()) {
        save_model(recovered_model(recovery, command.options), command.output);
      }
      progress.at(static_cast<std::int64_t>(rows.size()));
    }
  }
  return rows;
}

}  // namespace

int run_recover(const std::vector<std::string>& arguments) {
  Flags flags("recover", "The butterfly network behind a matrix or pairs of inputs and outputs.",
              kExample);
  RecoverCommand command;
  add_flags(flags, command);
  flags.parse(arguments);
  check(flags, command);
  if (!command.own()) check_memory(command);
  const OwnData own(command);
  const std::vector<train::RecoverRow> rows = recover_all(command, own);
  if (command.json && *command.seeds > 1) {
    for (const RecoverSummary& summary : summaries_of(rows)) {
      write_text("-", base::dump(summary_record(summary, command.options)) + "\n");
    }
  }
  if (!command.html.empty()) write_text(command.html, recover_page(rows, command.options));
  if (!command.json && !command.quiet && command.html != "-") {
    write_text("-", recover_table(rows, command.options));
  }
  return kOk;
}

}  // namespace papilio::app
