// Channel lists, and the reader that delivers a part of another reader.
#include "io/select.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/buffer.h"
#include "base/text.h"
#include "io/convert.h"
#include "papilio/error.h"

namespace papilio::io {
namespace {

std::optional<std::int64_t> as_index(std::string_view text) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || text.front() == '-' || stop != end || error != std::errc()) return {};
  return value;
}

class ChannelList {
 public:
  explicit ChannelList(const SignalInfo& info) : info_(info) {}

  void add(const std::string& word) {
    if (const auto index = as_index(word)) return add_range(*index, *index, word);
    if (add_name(word)) return;
    const std::size_t dash = word.find('-');
    if (dash != std::string::npos) {
      const auto first = as_index(std::string_view(word).substr(0, dash));
      const auto last = as_index(std::string_view(word).substr(dash + 1));
      if (first && last) return add_range(*first, *last, word);
    }
    throw UserError("[io] " + info_.path + " has no channel '" + word + "'" +
                    base::did_you_mean(word, info_.names) + "; its " + describe());
  }

  std::vector<std::int64_t> take() { return std::move(rows_); }

 private:
  std::string describe() const {
    return "channels are 0 to " + std::to_string(info_.rows - 1) + " (" + info_.names.front() +
           (info_.rows > 1 ? " ... " + info_.names.back() : "") + ")";
  }
  void add_range(std::int64_t first, std::int64_t last, const std::string& word) {
    if (first > last) {
      throw UserError("[io] --channels " + word + " runs backwards; give the lower number first");
    }
    if (last >= info_.rows) {
      throw UserError("[io] " + info_.path + " has no channel " + word + "; its " + describe());
    }
    for (std::int64_t row = first; row <= last; ++row) rows_.push_back(row);
  }
  bool add_name(const std::string& word) {
    const auto first = std::find(info_.names.begin(), info_.names.end(), word);
    if (first == info_.names.end()) return false;
    if (std::find(first + 1, info_.names.end(), word) != info_.names.end()) {
      throw UserError("[io] " + info_.path + " has several channels '" + word +
                      "'; name them by number");
    }
    rows_.push_back(first - info_.names.begin());
    return true;
  }

  const SignalInfo& info_;
  std::vector<std::int64_t> rows_;
};

// Seconds to samples; refuses what no file can hold.
std::int64_t to_samples(double seconds, double fs, const char* flag) {
  const double samples = std::round(seconds * fs);
  if (!(seconds >= 0.0)) {
    throw UserError(std::string("[io] ") + flag + " " + base::to_text(seconds) +
                    " is no time in seconds; give a number from 0 up");
  }
  if (!(samples < 9e15)) {
    throw UserError(std::string("[io] ") + flag + " " + base::to_text(seconds) +
                    " s is longer than any recording; give fewer seconds");
  }
  return static_cast<std::int64_t>(samples);
}

class SelectedReader : public SignalReader {
 public:
  SelectedReader(ReaderPtr source, const Selection& selection)
      : source_(std::move(source)), mono_(selection.mono) {
    info_ = source_->info();
    if (selection.fs) info_.fs = selection.fs;
    if (!selection.units.empty()) info_.units = selection.units;
    if (!std::isfinite(selection.scale) || selection.scale == 0.0) {
      throw UserError("[io] --scale " + base::to_text(selection.scale) +
                      " cannot be; give a finite factor other than 0");
    }
    info_.scale *= selection.scale;
    choose_rows(selection.channels);
    choose_time(selection);
  }

  std::int64_t read(std::int64_t max_samples, Block& out) override {
    const std::int64_t count = std::clamp<std::int64_t>(max_samples, 0, info_.samples - position_);
    Block whole;
    const std::int64_t got = source_->read(count, whole);
    if (got != count) throw InternalError("[io] a reader delivered fewer samples than it has");
    whole.view.scale = scale_of_source_;
    out.view = mono_ ? mix(whole.view) : pick(whole.view);
    out.start = position_;
    position_ += count;
    return count;
  }

  void seek(std::int64_t sample) override {
    position_ = std::clamp<std::int64_t>(sample, 0, info_.samples);
    source_->seek(first_ + position_);
  }

 private:
  void choose_rows(const std::string& channels) {
    rows_ = parse_channels(channels, source_->info());
    scale_of_source_ = info_.scale;
    const bool all = channels.empty();
    if (mono_) {
      info_.rows = 1;
      info_.names = {"mono"};
      info_.dtype = computed_type(info_.dtype);
      info_.scale = 1.0;
    } else if (!all) {
      info_.rows = static_cast<std::int64_t>(rows_.size());
      info_.names.clear();
      for (const std::int64_t row : rows_) info_.names.push_back(source_->info().names[row]);
    }
    if (mono_ || !all) info_.leading_axes = {info_.rows};
    step_ = rows_.size() > 1 ? rows_[1] - rows_[0] : 1;
    for (std::size_t i = 1; i < rows_.size(); ++i) even_ &= rows_[i] - rows_[i - 1] == step_;
  }

  void choose_time(const Selection& selection) {
    if (!selection.start && !selection.duration) return;
    if (!info_.fs) {
      throw UserError("[io] " + info_.path +
                      " states no sample rate, which --start and --duration need; give --fs HZ");
    }
    if (selection.start) first_ = to_samples(*selection.start, *info_.fs, "--start");
    if (first_ >= info_.samples) {
      throw UserError("[io] " + info_.path + " ends at " +
                      base::to_text(static_cast<double>(info_.samples) / *info_.fs) +
                      " s, before --start " + base::to_text(*selection.start) +
                      "; give an earlier --start");
    }
    info_.samples -= first_;
    info_.first_sample = first_;
    if (selection.duration) {
      const std::int64_t wanted = to_samples(*selection.duration, *info_.fs, "--duration");
      if (wanted == 0) {
        throw UserError("[io] --duration " + base::to_text(*selection.duration) +
                        " is less than one sample; give a longer one");
      }
      info_.samples = std::min(info_.samples, wanted);
    }
    if (first_ > 0) source_->seek(first_);
  }

  // Rows at even distances are a view; others are copied, chunk by chunk.
  base::TensorView pick(base::TensorView view) {
    if (even_) {
      view.data = static_cast<std::byte*>(view.data) + rows_.front() * view.byte_strides[0];
      view.byte_strides[0] *= step_;
      view.shape[0] = info_.rows;
      return view;
    }
    const std::int64_t count = view.shape[1];
    const std::size_t width = size_of(view.dtype);
    copied_.reserve(rows_.size() * static_cast<std::size_t>(count) * width);
    std::byte* to = copied_.data();
    for (const std::int64_t row : rows_) {
      const std::byte* from = static_cast<std::byte*>(view.data) + row * view.byte_strides[0];
      for (std::int64_t i = 0; i < count; ++i, to += width, from += view.byte_strides[1]) {
        std::memcpy(to, from, width);
      }
    }
    base::TensorView out = base::dense(copied_.data(), view.dtype, {info_.rows, count});
    out.scale = view.scale;
    return out;
  }

  // Summed in double over the rows in their order, rounded once.
  base::TensorView mix(const base::TensorView& view) {
    const std::int64_t count = view.shape[1];
    copied_.reserve(static_cast<std::size_t>(count) * size_of(info_.dtype));
    const double factor = scale_of_source_ / static_cast<double>(rows_.size());
    with_type(view.dtype, [&](auto from) {
      with_computed_type(info_.dtype, [&](auto to) {
        auto* target = reinterpret_cast<decltype(to)*>(copied_.data());
        for (std::int64_t i = 0; i < count; ++i) {
          std::complex<double> sum;
          for (const std::int64_t row : rows_) {
            sum += widen(element<decltype(from)>(view, row, i));
          }
          narrow(sum, factor, target[i]);
        }
      });
    });
    return base::dense(copied_.data(), info_.dtype, {1, count});
  }

  template <typename T>
  static void narrow(std::complex<double> sum, double factor, T& out) {
    if constexpr (std::is_arithmetic_v<T>) {
      out = static_cast<T>(sum.real() * factor);
    } else {
      using Part = typename T::value_type;
      out = T(static_cast<Part>(sum.real() * factor), static_cast<Part>(sum.imag() * factor));
    }
  }

  ReaderPtr source_;
  bool mono_;
  std::vector<std::int64_t> rows_;
  std::int64_t step_ = 1;
  bool even_ = true;
  double scale_of_source_ = 1.0;
  std::int64_t first_ = 0;
  std::int64_t position_ = 0;
  base::Buffer<std::byte> copied_;
};

}  // namespace

std::vector<std::int64_t> parse_channels(const std::string& list, const SignalInfo& info) {
  std::vector<std::int64_t> rows;
  if (list.empty()) {
    for (std::int64_t row = 0; row < info.rows; ++row) rows.push_back(row);
    return rows;
  }
  ChannelList chosen(info);
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    chosen.add(list.substr(begin, end - begin));
    begin = end + 1;
  }
  return chosen.take();
}

ReaderPtr select(ReaderPtr source, const Selection& selection) {
  return std::make_unique<SelectedReader>(std::move(source), selection);
}

}  // namespace papilio::io
