// From a path to a reader, and the rules of the sample rate.
#include "io/open.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstring>

#include "base/text.h"
#include "io/audio.h"
#include "io/csv.h"
#include "io/mapped_file.h"
#include "io/npy.h"
#include "io/resample.h"
#include "io/select.h"
#include "papilio/error.h"

namespace papilio::io {
namespace {

std::string ending_of(const std::string& path) {
  const std::string name = path.substr(path.rfind('/') + 1);
  const std::size_t dot = name.rfind('.');
  if (dot == std::string::npos) return "";
  std::string ending = name.substr(dot + 1);
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return ending;
}

bool starts_like_npy(const std::string& path) {
  const MappedFile file(path);
  const std::span<const std::byte> bytes = file.bytes();
  return bytes.size() >= 6 && std::memcmp(bytes.data(), "\x93NUMPY", 6) == 0;
}

void check_rate(double rate) {
  if (std::isfinite(rate) && rate > 0.0) return;
  throw UserError("[io] --fs " + base::to_text(rate) + " is no sample rate; give Hz above 0");
}

}  // namespace

std::vector<std::string> default_names(std::int64_t rows) {
  std::vector<std::string> names;
  names.reserve(static_cast<std::size_t>(rows));
  for (std::int64_t row = 0; row < rows; ++row) names.push_back("ch" + std::to_string(row));
  return names;
}

ReaderPtr open_signal(const std::string& path, const OpenOptions& options) {
  const std::string ending = ending_of(path);
  if (ending == "npy" || (ending != "csv" && starts_like_npy(path))) return open_npy(path, options);
  if (ending == "csv" || ending == "tsv" || ending == "txt") return open_csv(path, options);
  if (ending == "npz") {
    throw UserError("[io] " + path +
                    " is a result or an archive of arrays; save the signal as .npy");
  }
  return open_audio(path);
}

std::optional<double> resolve_rate(const SignalInfo& info, std::optional<double> fs, bool force,
                                   bool needs_fs) {
  if (fs) check_rate(*fs);
  if (!fs && !info.fs && needs_fs) {
    throw UserError("[io] " + info.path +
                    " states no sample rate; give --fs HZ (--fs 1 for cycles per sample)");
  }
  if (!fs) return info.fs;
  // A rate from a time column is only known to 1e-4 (its uniformity).
  const double tolerance = info.kind == "csv" ? 1e-4 : 0.0;
  if (info.fs && !force && std::abs(*fs - *info.fs) > tolerance * *info.fs) {
    throw UserError("[io] " + info.path + " says " + base::to_text(*info.fs) + " Hz, --fs says " +
                    base::to_text(*fs) + "; leave --fs away, or give --force-fs to overrule the " +
                    "file");
  }
  return fs;
}

ReaderPtr open_input(const std::string& path, const InputOptions& options) {
  ReaderPtr reader = open_signal(path, options.open);
  const std::optional<double> fs =
      resolve_rate(reader->info(), options.fs, options.force_fs, options.needs_fs);
  Selection selection;
  selection.channels = options.channels;
  selection.mono = options.mono;
  selection.start = options.start;
  selection.duration = options.duration;
  selection.fs = fs;
  selection.scale = options.scale;
  selection.units = options.units;
  reader = select(std::move(reader), selection);
  if (options.resample) reader = resample(std::move(reader), *options.resample);
  return reader;
}

}  // namespace papilio::io
