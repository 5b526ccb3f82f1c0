// The resampler. libsoxr is fed the same fixed steps whatever chunks are asked for, and what it
// gives is queued per row: so the bits cannot depend on chunk sizes.
#include "io/resample.h"

#include <soxr.h>

#include <algorithm>
#include <cmath>

#include "base/buffer.h"
#include "base/text.h"
#include "io/convert.h"
#include "papilio/error.h"

namespace papilio::io {
namespace {

// Samples per row handed to libsoxr at a time.
constexpr std::int64_t kStep = 8192;
constexpr double kMaxRatio = 256.0;

struct DeleteSoxr {
  void operator()(soxr_t engine) const { soxr_delete(engine); }
};

// Real channels in, real channels out; a complex row is two of them. T: float or double.
template <typename T>
class Resampler : public SignalReader {
 public:
  Resampler(ReaderPtr source, double rate) : source_(std::move(source)) {
    info_ = source_->info();
    info_.resampled_from = info_.fs;
    info_.fs = rate;
    parts_ = is_complex(info_.dtype) ? 2 : 1;
    info_.dtype = computed_type(info_.dtype);
    info_.scale = 1.0;
    ratio_ = rate / *info_.resampled_from;
    // libsoxr's own rule, with its very operations: the quotient may be a rounding below a half.
    const double input_per_output = *info_.resampled_from / rate;
    info_.samples = static_cast<std::int64_t>(
        static_cast<double>(source_->info().samples) / input_per_output + 0.5);
    if (info_.samples < 1) {
      throw UserError("[io] " + info_.path + " is too short for --resample " + base::to_text(rate) +
                      " (no sample is left); give a higher rate");
    }
    channels_ = info_.rows * parts_;
    input_.reserve(static_cast<std::size_t>(channels_ * kStep));
    step_capacity_ = static_cast<std::int64_t>(std::ceil(kStep * ratio_)) + 64;
    output_.reserve(static_cast<std::size_t>(channels_ * step_capacity_));
    restart();
  }

  std::int64_t read(std::int64_t max_samples, Block& out) override {
    const std::int64_t count = std::clamp<std::int64_t>(max_samples, 0, info_.samples - position_);
    while (queued_ < count) advance();
    out.view = take(count);
    out.start = position_;
    position_ += count;
    return count;
  }

  // Output samples hang together over the length of a filter, so every seek starts anew.
  void seek(std::int64_t sample) override {
    const std::int64_t target = std::clamp<std::int64_t>(sample, 0, info_.samples);
    if (target < position_) restart();
    Block skipped;
    while (position_ < target) read(std::min<std::int64_t>(kStep, target - position_), skipped);
  }

 private:
  void restart() {
    source_->seek(0);
    const soxr_datatype_t type = std::is_same_v<T, float> ? SOXR_FLOAT32_S : SOXR_FLOAT64_S;
    const soxr_io_spec_t io = soxr_io_spec(type, type);
    const soxr_quality_spec_t quality = soxr_quality_spec(SOXR_HQ, 0);
    soxr_error_t error = nullptr;
    engine_.reset(soxr_create(*info_.resampled_from, *info_.fs, static_cast<unsigned>(channels_),
                              &error, &io, &quality, nullptr));
    if (error != nullptr) {
      throw UserError("[io] " + info_.path + ": libsoxr cannot go from " +
                      base::to_text(*info_.resampled_from) + " to " + base::to_text(*info_.fs) +
                      " Hz (" + error + "); give another --resample");
    }
    queue_.assign(static_cast<std::size_t>(channels_), {});
    queued_ = 0;
    position_ = 0;
    ended_ = false;
  }

  // One step of input, and everything that comes out for it.
  void advance() {
    if (ended_) {
      throw InternalError("[io] libsoxr gave fewer samples than " + std::to_string(info_.samples));
    }
    Block block;
    const std::int64_t got = source_->read(kStep, block);
    ended_ = got < kStep;
    if (got > 0) {
      load(block.view);
      push(input_.data(), got);
    }
    if (ended_) push(nullptr, 0);
  }

  void push(const T* input, std::int64_t count) {
    std::vector<const T*> in(static_cast<std::size_t>(channels_), nullptr);
    std::vector<T*> out(static_cast<std::size_t>(channels_));
    std::int64_t used = 0;
    while (true) {
      for (std::int64_t c = 0; c < channels_; ++c) {
        if (input != nullptr) in[c] = input + c * kStep + used;
        out[c] = output_.data() + c * step_capacity_;
      }
      std::size_t consumed = 0;
      std::size_t produced = 0;
      const soxr_error_t error = soxr_process(
          engine_.get(), input == nullptr ? nullptr : static_cast<soxr_in_t>(in.data()),
          static_cast<std::size_t>(count - used), &consumed, static_cast<soxr_out_t>(out.data()),
          static_cast<std::size_t>(step_capacity_), &produced);
      if (error != nullptr) throw InternalError(std::string("[io] libsoxr: ") + error);
      for (std::int64_t c = 0; c < channels_; ++c) {
        queue_[c].insert(queue_[c].end(), out[c], out[c] + produced);
      }
      queued_ += static_cast<std::int64_t>(produced);
      used += static_cast<std::int64_t>(consumed);
      if (used >= count && static_cast<std::int64_t>(produced) < step_capacity_) return;
    }
  }

  // Scaled in double and rounded once.
  void load(const base::TensorView& view) {
    with_type(view.dtype, [&](auto type) {
      using From = decltype(type);
      for (std::int64_t row = 0; row < view.shape[0]; ++row) {
        T* to = input_.data() + row * parts_ * kStep;
        for (std::int64_t i = 0; i < view.shape[1]; ++i) {
          const std::complex<double> value = widen(element<From>(view, row, i));
          to[i] = static_cast<T>(value.real() * view.scale);
          if (parts_ == 2) to[kStep + i] = static_cast<T>(value.imag() * view.scale);
        }
      }
    });
  }

  base::TensorView take(std::int64_t count) {
    chunk_.reserve(static_cast<std::size_t>(channels_ * count));
    for (std::int64_t c = 0; c < channels_; ++c) {
      const std::int64_t row = c / parts_;
      T* to = chunk_.data() + row * parts_ * count + c % parts_;
      for (std::int64_t i = 0; i < count; ++i) to[i * parts_] = queue_[c][i];
      queue_[c].erase(queue_[c].begin(), queue_[c].begin() + count);
    }
    queued_ -= count;
    return base::dense(chunk_.data(), info_.dtype, {info_.rows, count});
  }

  ReaderPtr source_;
  std::unique_ptr<std::remove_pointer_t<soxr_t>, DeleteSoxr> engine_;
  int parts_ = 1;
  double ratio_ = 1.0;
  std::int64_t channels_ = 0;
  std::int64_t step_capacity_ = 0;
  std::int64_t queued_ = 0;
  std::int64_t position_ = 0;
  bool ended_ = false;
  base::Buffer<T> input_;
  base::Buffer<T> output_;
  base::Buffer<T> chunk_;
  std::vector<std::vector<T>> queue_;
};

}  // namespace

ReaderPtr resample(ReaderPtr source, double rate) {
  const SignalInfo& info = source->info();
  if (!std::isfinite(rate) || rate <= 0.0) {
    throw UserError("[io] --resample " + base::to_text(rate) +
                    " is no sample rate; give Hz above 0");
  }
  if (!info.fs) {
    throw UserError("[io] " + info.path +
                    " states no sample rate, which --resample needs; give --fs HZ");
  }
  if (rate == *info.fs) return source;
  if (rate > kMaxRatio * *info.fs || *info.fs > kMaxRatio * rate) {
    throw UserError("[io] --resample " + base::to_text(rate) +
                    " is more than 256 times away from " + base::to_text(*info.fs) + " Hz of " +
                    info.path + "; give a nearer rate");
  }
  if (info.dtype == DType::f64 || info.dtype == DType::c128) {
    return std::make_unique<Resampler<double>>(std::move(source), rate);
  }
  return std::make_unique<Resampler<float>>(std::move(source), rate);
}

}  // namespace papilio::io
