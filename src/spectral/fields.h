/// Every option's name and the names of every choice, in one list: JSON, comparison with a profile
/// and the command line all read it.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "papilio/definition.h"

namespace papilio::spectral {

/// Texts of an enum's values, in their order.
template <typename E>
inline constexpr std::array<const char*, 0> kChoices{};
template <>
inline constexpr std::array kChoices<Detrend>{"none", "constant", "linear"};
template <>
inline constexpr std::array kChoices<Scaling>{"density", "spectrum", "none"};
template <>
inline constexpr std::array kChoices<Average>{"mean", "median", "max"};
template <>
inline constexpr std::array kChoices<ShortRows>{"error", "pad", "shrink"};
template <>
inline constexpr std::array kChoices<Nonfinite>{"flag", "error", "skip"};
template <>
inline constexpr std::array kChoices<TopMode>{"peaks", "bins"};
template <>
inline constexpr std::array kChoices<MelScale>{"slaney", "htk", "kaldi"};
template <>
inline constexpr std::array kChoices<MelNorm>{"none", "slaney"};
template <>
inline constexpr std::array kChoices<MelLog>{"none", "ln", "log10", "db"};
template <>
inline constexpr std::array kChoices<PadMode>{"reflect", "constant"};
template <>
inline constexpr std::array kChoices<RangeMaximum>{"clip", "frame", "fixed"};
template <>
inline constexpr std::array kChoices<Layout>{"bands-frames", "frames-bands"};
template <>
inline constexpr std::array kChoices<KaldiScale>{"int16", "unit"};
template <>
inline constexpr std::array kChoices<Norm>{"backward", "ortho", "forward", "none"};

template <typename E>
std::vector<std::string> choices() {
  return {kChoices<E>.begin(), kChoices<E>.end()};
}

template <typename E>
std::string name_of_choice(E value) {
  return kChoices<E>[static_cast<std::size_t>(value)];
}

template <typename E>
std::optional<E> choice_named(std::string_view name) {
  for (std::size_t i = 0; i < kChoices<E>.size(); ++i) {
    if (name == kChoices<E>[i]) return static_cast<E>(i);
  }
  return std::nullopt;
}

template <typename O, typename Options>
concept Is = std::same_as<std::remove_const_t<O>, Options>;

/// Calls f(name, field) for every field, in the order of the struct.
template <Is<WelchOptions> O, typename F>
void for_each_field(O& o, F&& f) {
  f("fs", o.fs);
  f("window", o.window);
  f("nperseg", o.nperseg);
  f("noverlap", o.noverlap);
  f("n_fft", o.n_fft);
  f("segments", o.segments);
  f("detrend", o.detrend);
  f("scaling", o.scaling);
  f("average", o.average);
  f("fmin", o.fmin);
  f("fmax", o.fmax);
  f("short", o.short_rows);
  f("nonfinite", o.nonfinite);
}

template <Is<PeaksOptions> O, typename F>
void for_each_field(O& o, F&& f) {
  for_each_field(o.welch, f);
  f("top", o.top);
  f("mode", o.mode);
  f("height", o.height);
  f("threshold", o.threshold);
  f("prominence", o.prominence);
  f("min_distance", o.min_distance);
}

template <Is<MelOptions> O, typename F>
void for_each_field(O& o, F&& f) {
  f("fs", o.fs);
  f("n_mels", o.n_mels);
  f("n_fft", o.n_fft);
  f("win_length", o.win_length);
  f("hop_length", o.hop_length);
  f("fmin", o.fmin);
  f("fmax", o.fmax);
  f("mel_scale", o.mel_scale);
  f("mel_norm", o.mel_norm);
  f("window", o.window);
  f("center", o.center);
  f("pad_mode", o.pad_mode);
  f("drop_last", o.drop_last);
  f("snip_edges", o.snip_edges);
  f("preemphasis", o.preemphasis);
  f("remove_dc", o.remove_dc);
  f("left_aligned_window", o.left_aligned_window);
  f("power", o.power);
  f("log", o.log);
  f("log_floor", o.log_floor);
  f("ref", o.ref);
  f("range", o.range);
  f("range_max", o.range_max);
  f("range_fixed", o.range_fixed);
  f("output_mul", o.output_mul);
  f("output_add", o.output_add);
  f("kaldi_scale", o.kaldi_scale);
  f("pad_to", o.pad_to);
  f("layout", o.layout);
  f("whole_row", o.whole_row);
  f("required_fs", o.required_fs);
  f("short", o.short_rows);
  f("nonfinite", o.nonfinite);
}

template <Is<FftOptions> O, typename F>
void for_each_field(O& o, F&& f) {
  f("n", o.n);
  f("real", o.real);
  f("inverse", o.inverse);
  f("norm", o.norm);
}

}  // namespace papilio::spectral
