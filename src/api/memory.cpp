// Counting in double: absurd requests must not overflow.
#include "api/memory.h"

#include <algorithm>

#include "base/memory.h"
#include "base/threads.h"
#include "papilio/error.h"

namespace papilio::api {
namespace {

// Twiddles and windows, in values of the compute type per element; Bluestein's algorithm keeps an
// inner transform of more than twice the length, and makes its chirp in extended precision.
constexpr double kTableValues = 4.0;
constexpr double kBluesteinValues = 12.0;
constexpr double kChirpBytes = 240.0;

/// So little that asking the system what is free would take longer than the work.
bool is_there(double need, const Execution& execution) {
  constexpr double kLittle = 1 << 25;
  return execution.max_memory <= 0 && need <= kLittle;
}

bool five_smooth(std::int64_t n) {
  for (const std::int64_t factor : {2, 3, 5}) {
    while (n % factor == 0) n /= factor;
  }
  return n == 1;
}

std::string size_of_bytes(double bytes) {
  return base::size_text(static_cast<std::int64_t>(std::min(bytes, 9e18)));
}

std::string counted(std::int64_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::string work_text(const FeatureSpec& spec) {
  const int threads =
      spec.execution.threads > 0 ? spec.execution.threads : base::hardware_threads();
  return "work of " + counted(threads, "thread") + " ";
}

std::string advice(const FeatureSpec& spec, const Fitted& fitted) {
  const bool mel = std::holds_alternative<MelOptions>(fitted.definition.options);
  std::string text = "use fewer --threads, a shorter --n-fft, fewer --channels";
  if (fitted.keeps_frames) text += mel ? ", a shorter --duration" : ", --average mean";
  return text +
         (spec.execution.max_memory > 0 ? ", or raise --max-memory" : ", or set --max-memory");
}

}  // namespace

std::int64_t memory_limit(const Execution& execution) {
  return execution.max_memory > 0 ? execution.max_memory : base::available_memory() / 2;
}

double table_bytes(std::int64_t n, DType compute) {
  return static_cast<double>(n) * static_cast<double>(size_of(compute)) *
         (n > 0 && five_smooth(n) ? kTableValues : kBluesteinValues);
}

void check_transform(std::int64_t n, DType compute, const Execution& execution,
                     const std::string& tag, const std::string& flag) {
  const bool plain = n < 1 || five_smooth(n);
  const double need =
      std::max(table_bytes(n, compute), plain ? 0.0 : kChirpBytes * static_cast<double>(n));
  if (is_there(need, execution)) return;
  const std::int64_t limit = memory_limit(execution);
  if (limit <= 0 || need <= static_cast<double>(limit)) return;
  throw UserError(tag + " the tables of a transform of " + std::to_string(n) +
                  " elements need about " + size_of_bytes(need) + ", the limit is " +
                  base::size_text(limit) + "; give a shorter " + flag +
                  (plain ? "" : " or one without other prime factors than 2, 3 and 5") +
                  ", or raise --max-memory");
}

double check_memory(const FeatureSpec& spec, const Fitted& fitted, std::int64_t samples,
                    const runtime::MemoryNeed& need, bool streamed) {
  double result = static_cast<double>(size_of(spec.compute)) * static_cast<double>(spec.copies);
  for (const std::int64_t extent : shape_of(fitted, spec.rows, samples, spec.complex)) {
    result *= static_cast<double>(extent);
  }
  // Frames of a stream of unknown length move to twice the memory when theirs is full.
  const double kept = streamed ? std::max(need.frames, 2.0 * need.frames - result) : need.frames;
  const double tables = table_bytes(fitted.transform, spec.compute);
  const double total = result + kept + tables + need.work + spec.reserved;
  if (is_there(total, spec.execution)) return total;
  const std::int64_t limit = memory_limit(spec.execution);
  if (limit <= 0 || total <= static_cast<double>(limit)) return total;
  std::string parts = "result " + size_of_bytes(result);
  if (kept > 0.0) {
    parts += ", " + counted(fitted.rule.frames(samples), "frame") + " kept " + size_of_bytes(kept);
  }
  parts += ", tables " + size_of_bytes(tables) + ", " + work_text(spec) + size_of_bytes(need.work);
  if (spec.reserved > 0.0) parts += ", what runs beside " + size_of_bytes(spec.reserved);
  throw UserError(tag_of(spec.definition) + " " + (spec.source.empty() ? "" : spec.source + ": ") +
                  counted(spec.rows, "row") + " of " + counted(samples, "sample") +
                  " with a transform of " + std::to_string(fitted.transform) + " need about " +
                  size_of_bytes(total) + " (" + parts + "), the limit is " +
                  base::size_text(limit) + "; " + advice(spec, fitted));
}

}  // namespace papilio::api
