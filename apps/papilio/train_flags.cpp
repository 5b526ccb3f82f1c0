// Flags of papilio train; train_check.cpp judges them.
#include "train_flags.h"

#include "grid.h"
#include "model_command.h"
#include "options_common.h"
#include "papilio/error.h"
#include "train/multi.h"
#include "train/optimiser.h"
#include "train/schedule.h"

namespace papilio::app {
namespace {

constexpr const char* kCheckpointEnding = ".checkpoint";

/// A whole number from 0 on.
void add_seed(Flags& flags, const std::string& name, const std::string& help,
              std::uint64_t& target) {
  flags.on(name, "S", help, [&target](const std::string& flag, const std::string& text) {
    std::int64_t value = 0;
    parse_value(flag, text, value);
    if (value < 0) refuse_value(flag, text, "must be 0 or above");
    target = static_cast<std::uint64_t>(value);
  });
}

void add_model_flags(Flags& flags, TrainCommand& command) {
  flags.group("Model");
  flags.on("--n-fft", "N[,N..]", "points; several for multi",
           [&command](const std::string& flag, const std::string& text) {
             as_usage([&] { command.sizes = bench::parse_sizes(flag, text); });
           });
  flags.word("--target", "what it is to become (dft)", train::trainable_names(), command.target);
  flags.value("--target-matrix", "M.npy", "instead: your own n x n matrix", command.matrix);
  flags.on("--init", "random|perturbed:SIGMA|exact",
           "what it starts from (random); SIGMA in radians",
           [&command](const std::string&, const std::string& text) {
             as_usage([&] { command.start = train::parse_start(text); });
           });
  flags.value("--radices", "16,5,5", "first stage first (prime factors)", command.radices);
  flags.word("--order", "decimation in time or frequency (dit)", {"dit", "dif", "stockham"},
             command.order);
  flags.word("--params", "twiddles, or free blocks (twiddle)", {"twiddle", "block"},
             command.parameters);
  flags.word("--field", "of the parameters; real ones need blocks (complex)", {"complex", "real"},
             command.field);
  flags.word("--input", "real: n/2 + 1 bins of real rows, by n/2 complex points (complex)",
             {"complex", "real"}, command.input);
  flags.flag("--tied", "equal twiddles of a stage are one", [&command] { command.tied = true; });
  flags.flag("--gates", "a gate g from 0 to 1 for each block B, trained: y = g B x + (1 - g) x",
             [&command] { command.gates = true; });
  flags.value("--gate-start", "G", "what --gates starts from (1)", command.gate_start);
}

void add_data_flags(Flags& flags, TrainCommand& command) {
  flags.group("Data");
  flags.word("--noise", "rows: white, pink, or three tones each (white)", train::noise_names(),
             command.noise);
  flags
      .on("--data", "FILE..",
          "rows: windows of recordings (wav, flac, ogg, npy, csv); their last "
          "tenth is held out",
          [&command](const std::string&, const std::string& text) { command.data.push_back(text); })
      ->expected(1, 1 << 20);
  flags
      .on("--pairs", "X.npy Y.npy",
          "instead of rows and a target: your own inputs and outputs, one row a pair; the last "
          "tenth is held out",
          [&command](const std::string&, const std::string& text) {
            command.pairs.push_back(text);
          })
      ->expected(2);
}

void add_training_flags(Flags& flags, TrainCommand& command) {
  train::TrainOptions& o = command.options;
  flags.group("Training");
  flags.word("--optimizer", "how it steps (adam); lbfgs and gauss-newton need no --lr",
             train::optimiser_names(), o.optimiser);
  flags.word("--schedule", "how the rate changes (cosine)", train::schedule_names(),
             o.schedule.kind);
  flags.on("--loss", "spectrum:1,reconstruction:1",
           "encdec and phased: weights of the terms, relative squared errors (1 and 1)",
           [&command](const std::string&, const std::string& text) {
             as_usage([&] { command.loss = train::parse_loss(text); });
           });
  flags.value("--lr", "X", "the highest rate (0.03)", o.schedule.rate);
  flags.word("--rate-scaling", "the rate times (64/n)^p, p = 0, 1/2, 1 (none)",
             train::rate_scalings(), command.rate_scaling);
  flags.value("--steps", "N", "at most; phased: of all phases; multi: of each n (20000)",
              o.schedule.steps);
  flags.word("--multi-schedule", "multi: who takes the next turn (round-robin)",
             train::multi_schedules(), command.multi_schedule);
  flags.value("--warm-up", "N", "steps of a rising rate (0)", o.schedule.warm_up);
  flags.value("--batch", "N", "rows a step (16)", o.batch);
  flags.value("--clip", "X", "longest gradient (none)", o.clip);
  flags.flag("--unit-circle", "twiddles keep modulus 1", [&o] { o.unit_circle = true; });
  flags.value("--goal", "E", "relative error to stop at (1e-6)", o.goal);
  flags.value("--valid-every", "N", "steps between validations (100)", o.valid_every);
  flags.value("--patience", "N", "validations without progress before it stops (never)",
              o.patience);
  add_seed(flags, "--seed", "of start and rows (0)", o.seed);
  add_seed(flags, "--valid-seed", "of the held-out rows, never trained on (0)", o.valid_seed);
  flags.on("--dtype", "f32|f64", "precision of the computation (f32)",
           [&o](const std::string& flag, const std::string& text) {
             if (text != "f32" && text != "f64") {
               refuse_value(flag, text, "is unknown; give f32 or f64");
             }
             o.objective.dtype = text == "f32" ? DType::f32 : DType::f64;
           });
  flags.value("--threads", "N", "changes no bit (1)", o.objective.threads);
  add_device_flag(flags, o.objective.device);
}

}  // namespace

transform::NetworkSpec TrainCommand::spec(std::int64_t n) const {
  transform::NetworkSpec spec;
  const bool real_input = input == "real";
  if (real_input && (n % 2 != 0 || n < 4)) {
    throw UserError(
        "[train] --input real makes n/2 complex points of n samples, and --n-fft says " +
        std::to_string(n) + "; give an even one, 4 or more");
  }
  const std::int64_t points = real_input ? n / 2 : n;
  spec.layout =
      radices.empty() ? transform::default_layout(points) : transform::parse_layout(radices);
  if (spec.layout.n != points) {
    throw UserError("[train] --radices " + radices + " make " + std::to_string(spec.layout.n) +
                    " points, --n-fft " + std::to_string(n) +
                    (real_input ? " with --input real" : "") + " needs " + std::to_string(points) +
                    "; give radices whose product is that");
  }
  spec.input = real_input ? transform::Input::real : transform::Input::complex;
  spec.field = field == "real" ? transform::Field::real : transform::Field::complex;
  spec.order = order == "dif"        ? transform::Order::dif
               : order == "stockham" ? transform::Order::stockham
                                     : transform::Order::dit;
  spec.form = parameters == "block" ? transform::Form::block : transform::Form::twiddle;
  spec.tying = tied ? transform::Tying::tied : transform::Tying::untied;
  return spec;
}

std::string TrainCommand::output_of(std::int64_t n) const {
  if (kind != "multi") return output;
  const std::string ending(output.ends_with(kModelEnding) ? kModelEnding : "");
  return output.substr(0, output.size() - ending.size()) + "-" + std::to_string(n) + ending;
}

train::TrainOptions TrainCommand::options_of(std::int64_t n) const {
  train::TrainOptions own = options;
  own.schedule.rate = train::scaled_rate(own.schedule.rate, rate_scaling, n);
  if (!shares_steps()) own.checkpoint = output_of(n) + kCheckpointEnding;
  return own;
}

train::MultiOptions TrainCommand::multi_options() const {
  return {multi_schedule, shares_steps() ? output + kCheckpointEnding : "", resume};
}

std::vector<std::string> TrainCommand::checkpoints(bool shared) const {
  if (shared) return {output + kCheckpointEnding};
  std::vector<std::string> names;
  for (const std::int64_t n : sizes) names.push_back(output_of(n) + kCheckpointEnding);
  return names;
}

void add_train_flags(Flags& flags, TrainCommand& command) {
  flags.positional("KIND", "butterfly, encdec, phased or multi", command.kind);
  add_model_flags(flags, command);
  add_data_flags(flags, command);
  add_training_flags(flags, command);
  flags.group("Output");
  flags.value("-o,--output", "MODEL",
              "the trained model, a .safetensors file; multi: MODEL-N.safetensors each",
              command.output);
  flags.value("--log", "FILE", "JSON Lines, one a validation; --resume goes on with it",
              command.log);
  flags.value("--html", "PAGE", "a page to look at: curves of the loss, errors by bin",
              command.html);
  flags.flag("--resume", "goes on from MODEL.checkpoint of the same command",
             [&command] { command.resume = true; });
  flags.value("--checkpoint-every", "SECONDS",
              "at least so long between checkpoints; 0: with every validation (1)",
              command.options.keep_seconds);
  flags.flag("--json", "the summary as JSON", [&command] { command.json = true; });
  flags.flag("--quiet", "no summary, no progress", [&command] { command.quiet = true; });
}

}  // namespace papilio::app
