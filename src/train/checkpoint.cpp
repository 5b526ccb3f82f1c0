// Checkpoints as safetensors. Doubles of the metadata are written in full (%a), so that bits stay.
#include "train/checkpoint.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <span>
#include <sstream>
#include <utility>

#include "base/text.h"
#include "io/safetensors.h"
#include "papilio/error.h"
#include "train/multi.h"
#include "train/phases.h"

namespace papilio::train {
namespace {

const std::string kOptimiser = "optimiser.", kSchedule = "multi_schedule", kSizes = "sizes";
const char* const kSame = "; give the same --multi-schedule to --resume";

std::string exact(double value) {
  char text[64];
  std::snprintf(text, sizeof(text), "%a", value);
  return text;
}

[[noreturn]] void refuse(const std::string& path, const std::string& what) {
  throw UserError("[train] " + path + " is no checkpoint: " + what);
}

const std::string& entry(const io::Safetensors& file, const std::string& key) {
  const auto found = file.metadata.find(key);
  if (found == file.metadata.end()) refuse(file.path, "it has no " + key);
  return found->second;
}

/// All of `text` as a number; none if it is not one.
std::optional<double> number_in(const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0') return std::nullopt;
  return value;
}

/// Whether it counts something; a double counts up to 2^53.
bool is_count(double value) {
  return value >= 0.0 && value <= std::ldexp(1.0, 53) && value == std::floor(value);
}

/// The tensor, whose numbers must all be finite.
std::vector<double> vector_of(const io::Safetensors& file, const std::string& name) {
  if (file.find(name) == nullptr) refuse(file.path, "it has no tensor " + name);
  std::vector<double> values = file.reals(name);
  if (!std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); })) {
    refuse(file.path, "the tensor " + io::quoted_name(name) + " holds numbers that are not finite");
  }
  return values;
}

io::NamedTensor tensor(const std::string& name, const std::vector<double>& values) {
  const std::int64_t shape[] = {static_cast<std::int64_t>(values.size())};
  return io::make_tensor<double>(name, {shape[0]}, values);
}

std::string pair_text(const Terms& terms) {
  return exact(terms.spectrum) + " " + exact(terms.reconstruction);
}

/// Words of one line of metadata, one after the other.
class Words {
 public:
  Words(const io::Safetensors& file, const std::string& key)
      : path_(file.path), key_(key), stream_(entry(file, key)) {}
  std::string word() {
    std::string text;
    if (!(stream_ >> text)) refuse(path_, key_ + " is too short");
    return text;
  }
  /// May be NaN, which terms are where nobody measured them.
  double number() {
    const std::string text = word();
    const std::optional<double> value = number_in(text);
    if (!value) refuse(path_, key_ + " holds no number: " + io::quoted_name(text));
    return *value;
  }
  std::int64_t count() {
    const double value = number();
    if (!is_count(value)) refuse(path_, key_ + " counts nothing: " + base::to_text(value));
    return static_cast<std::int64_t>(value);
  }
  /// A relative error; infinite where a model overflows.
  double error() {
    const double value = number();
    if (!(value >= 0.0)) refuse(path_, key_ + " is no error: " + base::to_text(value));
    return value;
  }
  /// One of these.
  std::string one_of(std::span<const char* const> known) {
    std::string text = word();
    if (std::find(known.begin(), known.end(), text) == known.end()) {
      refuse(path_, key_ + " holds " + io::quoted_name(text) + ", which nothing is called");
    }
    return text;
  }
  bool more() { return !(stream_ >> std::ws).eof(); }
  /// `value`, if nothing follows it.
  template <typename V>
  V last(V value) {
    if (more()) refuse(path_, key_ + " is too long");
    return value;
  }
  Terms terms() {
    const double spectrum = number();
    return {spectrum, number()};
  }

 private:
  std::string path_, key_;
  std::istringstream stream_;
};

/// All that the entry holds.
template <typename V>
V single(const io::Safetensors& file, const std::string& key, V (Words::*part)()) {
  Words words(file, key);
  return words.last((words.*part)());
}

std::string phase_key(std::size_t i) { return "phase." + std::to_string(i); }

constexpr std::array<const char*, 4> kEnds{"steps", "goal", "patience", "stopped"};

std::string prefix_of(std::size_t part) { return std::to_string(part) + "."; }

std::string text_of(const Phase& phase) {
  const Outcome& o = phase.outcome;
  return phase.name + " " + o.ended + " " + std::to_string(o.steps) + " " + exact(o.first_error) +
         " " + exact(o.best_error) + " " + pair_text(o.first) + " " + pair_text(o.best);
}

Phase phase_of(const io::Safetensors& file, const std::string& key) {
  Words words(file, key);
  Phase phase;
  phase.name = words.one_of(kPhases);
  phase.outcome.ended = words.one_of(kEnds);
  phase.outcome.steps = words.count();
  phase.outcome.first_error = words.error();
  phase.outcome.best_error = words.error();
  phase.outcome.first = words.terms();
  phase.outcome.best = words.terms();
  return words.last(phase);
}

void add(const Checkpoint& c, const std::string& prefix, io::Safetensors& file) {
  const auto say = [&](const std::string& key, std::string text) {
    file.metadata[prefix + key] = std::move(text);
  };
  const auto put = [&](const std::string& name, const std::vector<double>& values) {
    file.tensors.push_back(tensor(prefix + name, values));
  };
  say("step", std::to_string(c.step));
  say("waited", std::to_string(c.waited));
  say("best_error", exact(c.best_error));
  say("first_error", exact(c.first_error));
  say("fingerprint", c.fingerprint);
  say("best", pair_text(c.best));
  say("first", pair_text(c.first));
  for (std::size_t i = 0; i < c.carried.done.size(); ++i) {
    say(phase_key(i), text_of(c.carried.done[i]));
  }
  if (!c.carried.start.empty()) put("start", c.carried.start);
  put("values", c.values);
  put("best_values", c.best_values);
  for (const OptimiserState& state : c.optimiser) put(kOptimiser + state.name, state.values);
}

Checkpoint taken(const io::Safetensors& file, const std::string& prefix) {
  Checkpoint c;
  c.step = single(file, prefix + "step", &Words::count);
  c.waited = single(file, prefix + "waited", &Words::count);
  c.best_error = single(file, prefix + "best_error", &Words::error);
  c.first_error = single(file, prefix + "first_error", &Words::error);
  c.best = single(file, prefix + "best", &Words::terms);
  c.first = single(file, prefix + "first", &Words::terms);
  c.fingerprint = entry(file, prefix + "fingerprint");
  const auto next = [&] { return prefix + phase_key(c.carried.done.size()); };
  while (file.metadata.contains(next())) c.carried.done.push_back(phase_of(file, next()));
  if (file.find(prefix + "start") != nullptr) c.carried.start = vector_of(file, prefix + "start");
  c.values = vector_of(file, prefix + "values");
  c.best_values = vector_of(file, prefix + "best_values");
  if (c.values.size() != c.best_values.size()) {
    refuse(file.path, "its parameters differ in number");
  }
  const std::string own = prefix + kOptimiser;
  for (const auto& named : file.tensors) {
    if (!named.name.starts_with(own)) continue;
    c.optimiser.push_back({named.name.substr(own.size()), vector_of(file, named.name)});
  }
  return c;
}

io::Safetensors open(const std::string& path) {
  std::error_code unknown;
  if (!std::filesystem::exists(path, unknown) && !unknown) {
    throw UserError("[train] there is no " + path + " to go on from; leave out --resume");
  }
  io::Safetensors file = io::read_safetensors(path);
  if (entry(file, "papilio_checkpoint") != "1") refuse(path, "a newer Papilio has written it");
  return file;
}

}  // namespace

void save_checkpoint(const std::string& path, const Checkpoint& checkpoint) {
  io::Safetensors file;
  file.metadata["papilio_checkpoint"] = "1";
  add(checkpoint, "", file);
  io::write_safetensors(file, path);
}

void save_shared(const std::string& path, const SharedCheckpoint& checkpoint) {
  io::Safetensors file;
  file.metadata["papilio_checkpoint"] = "1";
  file.metadata[kSchedule] = checkpoint.schedule;
  std::string& sizes = file.metadata[kSizes];
  for (const std::int64_t n : checkpoint.sizes) sizes += std::to_string(n) + " ";
  for (std::size_t i = 0; i < checkpoint.parts.size(); ++i) {
    add(checkpoint.parts[i], prefix_of(i), file);
  }
  io::write_safetensors(file, path);
}

Checkpoint load_checkpoint(const std::string& path) {
  const io::Safetensors file = open(path);
  if (file.metadata.contains(kSchedule)) {
    throw UserError("[train] " + path + " is of lengths that shared their steps" + kSame);
  }
  return taken(file, "");
}

SharedCheckpoint load_shared(const std::string& path) {
  const io::Safetensors file = open(path);
  if (file.metadata.contains("step")) {
    throw UserError("[train] " + path + " is of one length that shared no steps" + kSame);
  }
  SharedCheckpoint shared;
  shared.schedule = single(file, kSchedule, &Words::word);
  if (!shares_steps(shared.schedule)) {
    refuse(path, "no --multi-schedule that shares steps is " + io::quoted_name(shared.schedule));
  }
  for (Words sizes(file, kSizes); sizes.more();) shared.sizes.push_back(sizes.count());
  for (std::size_t i = 0; i < shared.sizes.size(); ++i) {
    shared.parts.push_back(taken(file, prefix_of(i)));
  }
  return shared;
}

}  // namespace papilio::train
