// One pass that feeds up to three consumers: the PSD, the peaks and the segments' powers.
#include "page_pass.h"

#include <algorithm>
#include <memory>

#include "base/threads.h"
#include "page_parts.h"
#include "report/reduce.h"
#include "runtime/compile.h"
#include "runtime/cpu/sample_buffer.h"
#include "spectral/welch.h"

namespace papilio::app {
namespace {

constexpr std::int64_t kMarkedPeaks = 8;
// Powers of a batch of segments, all shown rows together.
constexpr std::int64_t kBatchValues = std::int64_t{1} << 22;

// Spectrogram of a stream: segments' powers, batch by batch, into bounded heatmaps.
class Spectrogram {
 public:
  Spectrogram(const api::FeatureSpec& spec, const WelchOptions& welch, const io::SignalInfo& info)
      : rows_(shown_rows(info)),
        fitted_(spectral::fit_welch(welch, info.samples)),
        rule_(spectral::segment_rule(fitted_)),
        frequencies_(spectral::frequencies(fitted_.options, spec.complex)),
        order_(ascending(frequencies_)),
        program_(runtime::compile(spectral::build_segment_powers(fitted_, spec.complex, DType::f32,
                                                                 "psd", spec.learned.get()),
                                  {spec.execution.device, std::nullopt})),
        pool_(spec.execution.threads) {
    const auto bins = static_cast<std::int64_t>(frequencies_.size());
    frames_ = rule_.frames(info.samples);
    batch_ = std::clamp<std::int64_t>(kBatchValues / (rows_ * bins), 1, frames_);
    powers_ = base::Buffer<float>(static_cast<std::size_t>(rows_ * batch_ * bins));
    sorted_.resize(frequencies_.size());
    for (std::int64_t row = 0; row < rows_; ++row) {
      reducers_.emplace_back(frequencies_.size(), static_cast<std::size_t>(frames_));
    }
  }

  void push(base::TensorView chunk) {
    chunk.shape[0] = rows_;
    held_.append(chunk, 0, chunk.shape[1]);
    if (rule_.fixed_samples > 0) return;
    while (held_.end() - held_.first() >= rule_.length + (batch_ - 1) * rule_.hop) {
      run(batch_, rule_.length + (batch_ - 1) * rule_.hop);
    }
  }

  std::vector<report::Heatmap> finish(double offset_s) {
    if (rule_.fixed_samples > 0) {
      batch_ = frames_;
      const auto bins = static_cast<std::int64_t>(frequencies_.size());
      powers_ = base::Buffer<float>(static_cast<std::size_t>(rows_ * batch_ * bins));
      run(frames_, held_.end() - held_.first());
    } else if (done_ < frames_) {
      run(frames_ - done_, rule_.length + (frames_ - done_ - 1) * rule_.hop);
    }
    std::vector<double> hz;
    for (const std::size_t bin : order_) hz.push_back(frequencies_[bin]);
    const double fs = fitted_.options.fs;
    const double first = offset_s + static_cast<double>(rule_.length) / 2.0 / fs;
    std::vector<report::Heatmap> maps;
    for (const report::HeatmapReducer& reducer : reducers_) {
      report::Heatmap map = reducer.finish(hz, first, static_cast<double>(rule_.hop) / fs);
      report::to_decibel(map);
      map.title = "Spectrogram";
      map.value_label = "power";
      map.value_unit = "dB";
      maps.push_back(std::move(map));
    }
    return maps;
  }

 private:
  // The next `count` segments, which lie in the first `samples` held samples.
  void run(std::int64_t count, std::int64_t samples) {
    base::TensorView view = held_.view();
    view.shape[1] = samples;
    const auto bins = static_cast<std::int64_t>(frequencies_.size());
    const base::TensorView out = base::dense(powers_.data(), DType::f32, {rows_, count, bins});
    program_->run({&view, 1}, {&out, 1}, {&pool_, runtime::BadSamples::flag}, {}, work_);
    for (std::int64_t row = 0; row < rows_; ++row) {
      for (std::int64_t frame = 0; frame < count; ++frame) {
        const float* powers = powers_.data() + (row * count + frame) * bins;
        for (std::size_t i = 0; i < order_.size(); ++i) sorted_[i] = powers[order_[i]];
        reducers_[static_cast<std::size_t>(row)].push(std::span<const float>(sorted_));
      }
    }
    done_ += count;
    held_.drop_before(std::min(held_.end(), done_ * rule_.hop));
  }

  std::int64_t rows_;
  spectral::FittedWelch fitted_;
  ir::FrameRule rule_;
  std::vector<double> frequencies_;
  std::vector<std::size_t> order_;
  std::shared_ptr<const runtime::Program> program_;
  base::ThreadPool pool_;
  runtime::Workspace work_;
  runtime::cpu::SampleBuffer held_;
  base::Buffer<float> powers_;
  std::vector<float> sorted_;
  std::vector<report::HeatmapReducer> reducers_;
  std::int64_t frames_ = 0;
  std::int64_t batch_ = 1;
  std::int64_t done_ = 0;
};

// The spectrum that the page of a definition shows.
WelchOptions shown_welch(const api::FeatureResult& result) {
  if (const auto* welch = std::get_if<WelchOptions>(&result.definition.options)) return *welch;
  if (const auto* peaks = std::get_if<PeaksOptions>(&result.definition.options))
    return peaks->welch;
  const auto& mel = std::get<MelOptions>(result.definition.options);
  WelchOptions welch{.fs = mel.fs, .nperseg = mel.n_fft, .short_rows = ShortRows::shrink};
  if (result.definition.model) welch.n_fft = mel.n_fft;  // a learned transform cannot shrink
  return welch;
}

api::FeatureSpec with_definition(api::FeatureSpec spec, const std::string& verb,
                                 decltype(Definition::options) options) {
  spec.definition = {verb, "", {}, std::move(options)};
  return spec;
}

}  // namespace

PageSpectra page_pass(const FeatureCommand& command, const FeatureOutcome& outcome,
                      io::SignalReader& reader) {
  const WelchOptions welch = shown_welch(outcome.result);
  const std::string& verb = outcome.result.definition.verb;
  std::optional<api::FeatureStream> psd;
  std::optional<api::FeatureStream> peaks;
  std::optional<Spectrogram> spectrogram;
  if (verb != "psd") psd.emplace(with_definition(outcome.spec, "psd", welch));
  if (verb != "peaks") {
    const std::int64_t bins = spectral::bins_of(welch, outcome.spec.complex);
    peaks.emplace(with_definition(
        outcome.spec, "peaks", PeaksOptions{.welch = welch, .top = std::min(kMarkedPeaks, bins)}));
  }
  if (verb != "mel") spectrogram.emplace(outcome.spec, welch, outcome.info);
  reader.seek(0);
  for_each_chunk(reader, command.common.quiet, "page " + outcome.spec.source,
                 [&](const io::Block& block) {
                   if (psd) psd->push(block.view);
                   if (peaks) peaks->push(block.view);
                   if (spectrogram) spectrogram->push(block.view);
                 });
  PageSpectra spectra;
  if (psd) spectra.psd = psd->finish();
  if (peaks) spectra.peaks = peaks->finish();
  const io::SignalInfo& info = outcome.info;
  const double offset =
      static_cast<double>(info.first_sample) / info.resampled_from.value_or(*info.fs);
  if (spectrogram) spectra.spectrograms = spectrogram->finish(offset);
  return spectra;
}

}  // namespace papilio::app
