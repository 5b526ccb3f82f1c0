// Welch's flags.
#include "options_welch.h"

#include <algorithm>
#include <cmath>

#include "spectral/check.h"

namespace papilio::app {

std::int64_t next_smooth(std::int64_t n) {
  std::int64_t best = 1;
  while (best < n) best *= 2;
  for (std::int64_t five = 1; five < best; five *= 5) {
    for (std::int64_t three = five; three < best; three *= 3) {
      std::int64_t candidate = three;
      while (candidate < n) candidate *= 2;
      best = std::min(best, candidate);
    }
  }
  return best;
}

void add_welch_flags(Flags& flags, WelchFlags& options) {
  auto& edits = options.edits;
  flags.group("Definition");
  add_like_flag(flags, options.like, "scipy, mne, rlx:full|fast|ultra");
  add_model_flag(flags, options.model);
  flags.edit("--nperseg", "N", "samples per segment (256)", edits, &WelchOptions::nperseg);
  flags.value("--resolution", "HZ", "nperseg = the next 5-smooth number >= fs/HZ",
              options.resolution);
  flags.edit("--noverlap", "N", "samples that segments share (nperseg/2)", edits,
             &WelchOptions::noverlap);
  flags.edit("--n-fft,--nfft", "N", "transform length, zero-padded (nperseg)", edits,
             &WelchOptions::n_fft);
  flags.edit("--window", "NAME|FILE", "hann, kaiser:8.6, ... or weights in .npy, .csv (hann)",
             edits, &WelchOptions::window);
  flags.edit("--detrend", choice_list<Detrend>(), "remove from each segment (constant)", edits,
             &WelchOptions::detrend);
  flags.edit("--scaling", choice_list<Scaling>(), "U^2/Hz, U^2, or neither (density)", edits,
             &WelchOptions::scaling);
  flags.edit("--average", choice_list<Average>(), "over the segments (mean)", edits,
             &WelchOptions::average);
  flags.edit("--fmin", "HZ", "lowest frequency", edits, &WelchOptions::fmin);
  flags.edit("--fmax", "HZ", "highest frequency", edits, &WelchOptions::fmax);
  flags.edit("--short", choice_list<ShortRows>(), "rows shorter than a segment (error)", edits,
             &WelchOptions::short_rows);
  flags.flag("--db", "powers as 10 log10 in the written data", [&options] { options.db = true; });
}

void check_welch_flags(const Flags& flags, const WelchFlags& options) {
  if (!options.resolution) return;
  if (*options.resolution <= 0.0) {
    throw UsageError("[" + flags.verb() + "] --resolution " + base::to_text(*options.resolution) +
                     " must be above 0 Hz");
  }
  if (flags.given("--nperseg")) {
    throw UsageError("[" + flags.verb() +
                     "] --resolution and --nperseg both set the segment; give one of them");
  }
}

void apply_model(const Flags& flags, const WelchFlags& welch,
                 const std::optional<ModelTransform>& model, WelchOptions& options) {
  if (!model) return;
  const bool defined = welch.like.file.has_value();
  const bool segment = defined || welch.resolution || flags.given("--nperseg");
  const bool length = flags.given("--n-fft") || (defined && options.n_fft);
  if (!segment && !length) options.nperseg = model->n();
  options.n_fft = length_for(flags.verb(), *model, length, options.n_fft.value_or(0));
  if (options.nperseg <= model->n()) return;
  throw UsageError("[" + flags.verb() + "] nperseg " + std::to_string(options.nperseg) +
                   " is longer than the transform: " + model->reference.file +
                   " is a model of n = " + std::to_string(model->n()) +
                   "; give a shorter --nperseg");
}

void forget_input(const WelchFlags& flags, const std::string& verb, WelchOptions& options) {
  if (options.fmin && options.fmax && *options.fmin > *options.fmax) {
    throw UsageError("[" + verb + "] fmin " + base::to_text(*options.fmin) + " Hz is above fmax " +
                     base::to_text(*options.fmax) + " Hz; swap --fmin and --fmax");
  }
  options.fmin.reset();
  options.fmax.reset();
  if (!flags.resolution) return;
  options.fs = 1.0;
  const auto& weights = options.window.values;
  options.nperseg = !weights.empty() ? static_cast<std::int64_t>(weights.size())
                                     : options.n_fft.value_or(spectral::kMaxLength);
}

void check_rlx(const Definition& definition, const WelchOptions& options) {
  if (!definition.profile.starts_with("rlx:") || options.nperseg < 1) return;
  const spectral::Check check(definition.verb);
  check.power_of_two("nperseg", options.nperseg);
  if (options.n_fft && *options.n_fft > 0) check.power_of_two("n_fft", *options.n_fft);
}

void apply(const WelchFlags& flags, const std::string& verb, std::optional<Nonfinite> nonfinite,
           WelchOptions& options) {
  if (flags.resolution) {
    const double samples = std::ceil(options.fs / *flags.resolution);
    if (!(samples <= static_cast<double>(spectral::kMaxLength))) {
      throw UserError("[" + verb + "] --resolution " + base::to_text(*flags.resolution) +
                      " Hz needs a segment length of " + base::to_text(samples) +
                      "; give a coarser one");
    }
    options.nperseg = next_smooth(static_cast<std::int64_t>(samples));
  }
  for (const auto& edit : flags.edits) edit(options);
  if (nonfinite) options.nonfinite = *nonfinite;
}

}  // namespace papilio::app
