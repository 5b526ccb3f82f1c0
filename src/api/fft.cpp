// Plain transforms: a one-op graph, compiled once.
#include "papilio/fft.h"

#include <string>

#include "api/check.h"
#include "api/memory.h"
#include "api/scratch.h"
#include "base/threads.h"
#include "papilio/error.h"
#include "runtime/compile.h"
#include "spectral/transform.h"

namespace papilio {
namespace {

constexpr const char* kTag = "[fft]";

}  // namespace

template <typename R>
struct Fft<R>::Impl {
  FftOptions options;
  std::shared_ptr<const runtime::Program> program;
  base::ThreadPool pool;

  template <typename In, typename Out>
  void run(View<const In> in, View<Out> out, Scratch::Impl& scratch) const {
    const bool wants_complex = spectral::takes_complex(options);
    const bool gives_complex = !(options.real && options.inverse);
    if (is_complex(dtype_of<In>()) != wants_complex ||
        is_complex(dtype_of<Out>()) != gives_complex) {
      throw UserError(std::string("[fft] this transform maps ") +
                      (wants_complex ? "complex" : "real") + " rows to " +
                      (gives_complex ? "complex" : "real") + " rows");
    }
    const base::TensorView from = api::tensor_of(in, kTag);
    const base::TensorView to = api::tensor_of(out, kTag);
    program->run({&from, 1}, {&to, 1}, {&pool, runtime::BadSamples::flag}, {}, scratch.work);
  }
};

template <typename R>
Fft<R>::Fft(std::int64_t length, const FftOptions& options, const Execution& execution) {
  const DType compute = dtype_of<R>();
  spectral::check_fft(options, length, spectral::takes_complex(options));
  api::check_execution(execution, kTag);
  api::check_transform(spectral::fft_length(options, length), compute, execution, kTag, "length");
  length_ = length;
  outputs_ = spectral::fft_outputs(options, length);
  const auto graph = spectral::build_fft(options, length, compute);
  impl_ =
      std::make_shared<const Impl>(Impl{options, runtime::compile(graph, {execution.device, {}}),
                                        base::ThreadPool(execution.threads)});
}

template <typename R>
void Fft<R>::run(View<const std::complex<R>> in, View<std::complex<R>> out,
                 Scratch& scratch) const {
  impl_->run(in, out, *scratch.impl_);
}

template <typename R>
void Fft<R>::run(View<const R> in, View<std::complex<R>> out, Scratch& scratch) const {
  impl_->run(in, out, *scratch.impl_);
}

template <typename R>
void Fft<R>::run(View<const std::complex<R>> in, View<R> out, Scratch& scratch) const {
  impl_->run(in, out, *scratch.impl_);
}

template <typename R>
void Fft<R>::run(View<const std::complex<R>> in, View<std::complex<R>> out) const {
  Scratch scratch;
  run(in, out, scratch);
}

template <typename R>
void Fft<R>::run(View<const R> in, View<std::complex<R>> out) const {
  Scratch scratch;
  run(in, out, scratch);
}

template <typename R>
void Fft<R>::run(View<const std::complex<R>> in, View<R> out) const {
  Scratch scratch;
  run(in, out, scratch);
}

template class PAPILIO_API Fft<float>;
template class PAPILIO_API Fft<double>;

}  // namespace papilio
