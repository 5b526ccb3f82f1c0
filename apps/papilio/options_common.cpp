// The common flags and their checks.
#include "options_common.h"

#include "base/atomic_file.h"
#include "runtime/compile.h"

namespace papilio::app {
namespace {

constexpr int kMostThreads = 4096;
constexpr double kLongestTime = 1e12;  // s: some 30000 years

char delimiter_of(const std::string& flag, const std::string& text) {
  if (text == "tab" || text == "\\t" || text == "\t") return '\t';
  if (text == "," || text == ";") return text.front();
  refuse_value(flag, text, "separates no columns; give ',' ';' or tab");
}

void add_input_flags(Flags& flags, CommonOptions& options) {
  io::InputOptions& in = options.in;
  flags.group("Input");
  flags.value("--fs", "HZ", "sample rate of an input that states none", in.fs);
  flags.flag("--force-fs", "--fs overrules the rate that the file states",
             [&in] { in.force_fs = true; });
  flags.on("--scale", "X", "multiply the samples; a fraction such as 1/32768 will do",
           [&options](const std::string& flag, const std::string& text) {
             options.in.scale = parse_factor(flag, text);
             options.scale_given = true;
           });
  flags.value("--units", "NAME", "unit of the (scaled) samples, e.g. V", in.units);
  flags.value("--channels", "LIST", "rows to use: 0,2-4 or names", in.channels);
  flags.flag("--mono", "use the mean of the channels", [&in] { in.mono = true; });
  flags.value("--start", "S", "skip so many seconds", in.start);
  flags.value("--duration", "S", "use so many seconds", in.duration);
  flags.value("--resample", "HZ", "convert the sample rate first (libsoxr HQ)", in.resample);
  flags.on("--time-axis", "AXIS", ".npy: the axis that is time (-1)",
           [&in](const std::string& flag, const std::string& text) {
             parse_value(flag, text, in.open.time_axis);
           });
  flags.on("--delimiter", "C", ".csv: ',' ';' or tab (found out by itself)",
           [&in](const std::string& flag, const std::string& text) {
             in.open.delimiter = delimiter_of(flag, text);
           });
  const bool segments = flags.verb() == "psd" || flags.verb() == "peaks";
  flags.value("--nonfinite", segments ? choice_list<Nonfinite>() : "flag|error",
              std::string("NaN or infinite samples: mark the row") +
                  (segments ? ", fail, or leave out their segments (flag)" : ", or fail (flag)"),
              options.nonfinite);
  flags.on("--dtype", "f32|f64", "precision of the computation (f64 for f64 and CSV, else f32)",
           [&options](const std::string& flag, const std::string& text) {
             if (text != "f32" && text != "f64") {
               refuse_value(flag, text, "is unknown; give f32 or f64");
             }
             options.dtype = text == "f64" ? DType::f64 : DType::f32;
           });
}

void add_output_flags(Flags& flags, CommonOptions& options) {
  flags.group("Output");
  flags.value("-o,--output", "FILE", "write .npz, .npy, .csv or .json; - is standard output",
              options.output);
  flags.value("--kind", "npz|npy|csv|json", "kind of -o FILE whatever its ending", options.kind);
  flags.flag("--json", "JSON Lines on standard output", [&options] { options.json = true; });
  flags.value("--html", "PAGE", "write a page to look at: one file, no network", options.html);
  flags.flag("--stamp", "put the time of the run into the result",
             [&options] { options.stamp = true; });
}

void add_execution_flags(Flags& flags, CommonOptions& options) {
  Execution& execution = options.execution;
  flags.group("Execution");
  add_device_flags(flags, execution.device, execution.threads);
  flags.on("--max-memory", "SIZE", "most bytes that may be needed (half of the free)",
           [&execution](const std::string& flag, const std::string& text) {
             execution.max_memory = parse_size(flag, text);
           });
  flags.flag("--quiet", "no progress, no warnings", [&options] { options.quiet = true; });
}

[[noreturn]] void refuse(const Flags& flags, const std::string& what) {
  throw UsageError("[" + flags.verb() + "] " + what);
}

void check_input(const Flags& flags, const CommonOptions& options) {
  const io::InputOptions& in = options.in;
  if (options.input.empty()) {
    refuse(flags, "no INPUT; give one wav, flac, ogg, .npy or .csv file, or see papilio " +
                      flags.verb() + " --help");
  }
  const auto positive = [&](const char* name, const std::optional<double>& value) {
    if (value && *value <= 0.0) {
      refuse(flags, std::string(name) + " " + base::to_text(*value) + " must be above 0");
    }
  };
  positive("--fs", in.fs);
  positive("--resample", in.resample);
  positive("--duration", in.duration);
  for (const auto& [name, value] : {std::pair{"--start", in.start}, {"--duration", in.duration}}) {
    if (value && *value > kLongestTime) {
      refuse(flags, std::string(name) + " " + base::to_text(*value) +
                        " s is longer than any recording; give fewer seconds");
    }
  }
  if (in.start && *in.start < 0.0) {
    refuse(flags, "--start " + base::to_text(*in.start) + " must be 0 or more");
  }
  if (in.scale == 0.0) refuse(flags, "--scale 0 leaves nothing; give another factor");
  if (in.force_fs && !in.fs) refuse(flags, "--force-fs overrules with --fs HZ; give it too");
}

// Standard output, by "-" or by a name of what it is connected to.
bool names_stdout(const std::string& path) {
  return path == "-" || (!path.empty() && base::same_file(path, "/dev/stdout"));
}

bool same_path(const std::string& a, const std::string& b) {
  return !a.empty() && (a == b || base::same_file(a, b));
}

void check_paths(const Flags& flags, const CommonOptions& options) {
  for (const std::string& path : {options.output, options.html}) {
    if (path.empty()) continue;
    if (path != "-" && same_path(path, options.input)) {
      refuse(flags, "the output " + path + " is the input itself; give another name");
    }
    // A result of --like is read whole, and may be made again in its place.
    for (const char* flag : {"--model", "--window"}) {
      if (!same_path(flags.text(flag), path)) continue;
      refuse(flags, "the output " + path + " is the file of " + flag + "; give another name");
    }
    base::ensure_writable(path);
  }
  if (same_path(options.output, options.html)) {
    refuse(flags, "-o and --html name the same file; give two");
  }
}

}  // namespace

bool CommonOptions::wants_table() const { return output.empty() && !json && !names_stdout(html); }

void add_device_flag(Flags& flags, std::string& device) {
  flags.on("--device", base::join(runtime::device_names(), "|"),
           "where to compute (auto); cuda:N is the N-th GPU",
           [&device](const std::string& flag, const std::string& text) {
             if (!runtime::is_device_name(text)) {
               const auto known = runtime::device_names();
               refuse_value(
                   flag, text,
                   "is unknown" + base::did_you_mean(text, known) + "; give " + base::join(known));
             }
             device = text;
           });
}

void add_device_flags(Flags& flags, std::string& device, int& threads) {
  add_device_flag(flags, device);
  flags.on("--threads", "N", "threads (all); never changes a result",
           [&threads](const std::string& flag, const std::string& text) {
             parse_value(flag, text, threads);
             if (threads < 1 || threads > kMostThreads) {
               refuse_value(flag, text, "cannot be; give 1 to " + std::to_string(kMostThreads));
             }
           });
}

void add_common_flags(Flags& flags, CommonOptions& options) {
  flags.positional("INPUT", "wav, flac, ogg, .npy or .csv", options.input);
  add_input_flags(flags, options);
  add_output_flags(flags, options);
  add_execution_flags(flags, options);
}

void check_reader_flags(const Flags& flags, const io::SignalInfo& info) {
  const std::string but = ", but " + info.path + " is read as " + info.kind + "; leave it out";
  if (flags.given("--time-axis") && info.kind != "npy") {
    refuse(flags, "--time-axis is an axis of an .npy array" + but);
  }
  if (flags.given("--delimiter") && info.kind != "csv") {
    refuse(flags, "--delimiter separates the columns of a .csv" + but);
  }
}

std::optional<io::Kind> check_common(const Flags& flags, const CommonOptions& options) {
  check_input(flags, options);
  if (options.json && options.output == "-") {
    refuse(flags, "-o - and --json both write to standard output; give one of them");
  }
  if (options.html == "-" && (options.json || options.output == "-")) {
    refuse(flags, "--html - needs standard output for itself; name a file");
  }
  if (options.kind && options.output.empty()) {
    refuse(flags, "--kind is the kind of -o FILE; give it too");
  }
  std::optional<io::Kind> kind;
  if (!options.output.empty()) {
    try {
      kind = io::kind_of(options.output, options.kind);
    } catch (const UserError& error) {
      throw UsageError(error.what());
    }
  }
  check_paths(flags, options);
  return kind;
}

}  // namespace papilio::app
