// The public readers of papilio/io.h on top of open_input.
#include <algorithm>
#include <type_traits>

#include "io/convert.h"
#include "io/open.h"
#include "papilio/error.h"
#include "papilio/io.h"

namespace papilio::io {
namespace {

/// Samples per row that are read at a time.
constexpr std::int64_t kChunk = 1 << 14;

InputOptions input_options(const ReadOptions& options) {
  InputOptions input;
  input.open.time_axis = options.time_axis;
  input.fs = options.fs;
  input.force_fs = options.force_fs;
  input.needs_fs = false;
  input.channels = options.channels;
  input.mono = options.mono;
  input.start = options.start;
  input.duration = options.duration;
  input.scale = options.scale;
  input.resample = options.resample;
  return input;
}

/// Converts to R, then multiplies by the block's scale in R, as every load in Papilio does.
template <typename R>
void copy_scaled(const base::TensorView& block, const View<R>& out) {
  const auto scale = static_cast<R>(block.scale);
  with_type(block.dtype, [&]<typename T>(T) {
    if constexpr (std::is_arithmetic_v<T>) {
      for (std::int64_t row = 0; row < block.shape[0]; ++row) {
        for (std::int64_t i = 0; i < block.shape[1]; ++i) {
          out.data[row * out.strides[0] + i * out.strides[1]] =
              static_cast<R>(element<T>(block, row, i)) * scale;
        }
      }
    }
  });
}

}  // namespace

template <typename R>
struct SignalFile<R>::Impl {
  ReaderPtr reader;
  SignalFacts facts;
};

template <typename R>
SignalFile<R>::SignalFile(const std::string& path, const ReadOptions& options)
    : impl_(std::make_unique<Impl>()) {
  impl_->reader = open_input(path, input_options(options));
  const SignalInfo& info = impl_->reader->info();
  if (is_complex(info.dtype)) {
    throw UserError("[io] " + path + " holds complex samples; SignalFile reads real ones");
  }
  impl_->facts = {info.rows, info.samples, info.fs, info.dtype, info.names};
}

template <typename R>
SignalFile<R>::~SignalFile() = default;
template <typename R>
SignalFile<R>::SignalFile(SignalFile&&) noexcept = default;

template <typename R>
const SignalFacts& SignalFile<R>::facts() const {
  return impl_->facts;
}

template <typename R>
std::int64_t SignalFile<R>::read(View<R> out) {
  if (out.rows() != impl_->facts.rows) {
    throw UserError("[io] the file has " + std::to_string(impl_->facts.rows) +
                    " rows, the memory given has " + std::to_string(out.rows()));
  }
  Block block;
  const std::int64_t count = impl_->reader->read(out.samples(), block);
  if (count > 0) copy_scaled(block.view, out);
  return count;
}

/// Reads the file straight into its place.
template <typename R>
void read_all(SignalFile<R>& file, Signal<R>& signal) {
  const std::int64_t rows = signal.facts.rows;
  const std::int64_t samples = signal.facts.samples;
  signal.data.resize(static_cast<std::size_t>(rows * samples));
  std::int64_t at = 0;
  while (at < samples) {
    const std::int64_t step = std::min<std::int64_t>(kChunk, samples - at);
    const std::int64_t got =
        file.read(View<R>(signal.data.data() + at, {rows, step}, {samples, 1}));
    if (got == 0) throw UserError("[io] the file ended before its stated length");
    at += got;
  }
}

template <typename R>
Signal<R> load(const std::string& path, const ReadOptions& options) {
  SignalFile<R> file(path, options);
  Signal<R> signal;
  signal.facts = file.facts();
  read_all(file, signal);
  signal.shape = {signal.facts.rows, signal.facts.samples};
  return signal;
}

template class PAPILIO_API SignalFile<float>;
template class PAPILIO_API SignalFile<double>;
template PAPILIO_API Signal<float> load(const std::string&, const ReadOptions&);
template PAPILIO_API Signal<double> load(const std::string&, const ReadOptions&);

}  // namespace papilio::io
