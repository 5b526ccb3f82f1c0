// Butterfly networks on the CPU: the plan of a butterfly op, with rows of any strides.
#include "papilio/network.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "api/scratch.h"
#include "base/buffer.h"
#include "papilio/error.h"
#include "runtime/compile.h"
#include "runtime/cpu/butterfly_plan.h"
#include "transform/inits.h"
#include "transform/network.h"

namespace papilio {
namespace {

/// Rows that are moved at a time where they do not lie ready.
constexpr std::int64_t kMovedRows = 16;

transform::NetworkSpec spec_of(const NetworkOptions& options) {
  transform::NetworkSpec spec;
  spec.layout = options.radices.empty() ? transform::default_layout(options.n)
                                        : transform::layout_of(options.radices);
  if (spec.layout.n != options.n) {
    throw UserError("[network] the radices " + transform::radices_text(spec.layout) + " make " +
                    std::to_string(spec.layout.n) + " points, n is " + std::to_string(options.n));
  }
  spec.form = options.blocks ? transform::Form::block : transform::Form::twiddle;
  spec.norm = transform::Norm::none;
  if (options.inverse) spec.direction = transform::Direction::inverse;
  return spec;
}

ir::ButterflyAttrs attrs_of(const NetworkOptions& options) {
  ir::ButterflyAttrs attrs;
  const transform::Layout layout = spec_of(options).layout;
  attrs.radices = layout.radices;
  attrs.last = layout.stages();
  attrs.block = options.blocks;
  attrs.inverse = options.inverse && !options.blocks;
  attrs.transposed = options.transposed;
  attrs.permutation =
      std::make_shared<const std::vector<std::int32_t>>(transform::digit_reversal(layout));
  return attrs;
}

template <typename R>
std::vector<std::complex<R>> exact(const NetworkOptions& options) {
  std::vector<std::complex<R>> values;
  for (const auto& stage : transform::exact_dft(spec_of(options)).stages) {
    for (const auto& value : stage.parameters) values.emplace_back(value);
  }
  return values;
}

}  // namespace

template <typename R>
struct Network<R>::Impl {
  using Rows = kernels::PairRows<R>;

  explicit Impl(const NetworkOptions& options)
      : plan(attrs_of(options), runtime::default_isa()),
        parameters(exact<R>(options)),
        table(static_cast<std::size_t>(plan.table_size())) {
    plan.pack(parameters.data(), table.data());
  }

  runtime::ButterflyPlan<R> plan;
  std::vector<Complex> parameters;
  base::Buffer<R> table;

  template <typename V>
  void check(const V& view, std::int64_t rows, const char* name) const {
    if (view.shape[0] == rows && view.shape[1] == plan.n()) return;
    throw UserError(std::string("[network] ") + name + " is [" + std::to_string(view.shape[0]) +
                    ", " + std::to_string(view.shape[1]) + "], needed is [" + std::to_string(rows) +
                    ", " + std::to_string(plan.n()) + "]");
  }

  /// Rows that can be read and written where they lie.
  template <typename V>
  static bool ready(const V& view) {
    return view.strides[1] == 1 && view.scale == 1.0;
  }

  static Rows rows_of(View<const Complex> view, std::int64_t first) {
    // Plans only read their sources; one type of rows serves both.
    return {const_cast<Complex*>(view.data) + first * view.strides[0], view.strides[0]};
  }

  /// Rows [first, first + rows), copied to `to` unless they lie ready.
  Rows read(View<const Complex> view, std::int64_t first, std::int64_t rows, Complex* to) const {
    if (ready(view)) return rows_of(view, first);
    const auto scale = static_cast<R>(view.scale);
    for (std::int64_t row = 0; row < rows; ++row) {
      const Complex* from = view.data + (first + row) * view.strides[0];
      for (std::int64_t i = 0; i < plan.n(); ++i) {
        to[row * plan.n() + i] = scale * from[i * view.strides[1]];
      }
    }
    return {to, plan.n()};
  }

  void write(const Complex* from, View<Complex> view, std::int64_t first, std::int64_t rows) const {
    for (std::int64_t row = 0; row < rows; ++row) {
      Complex* to = view.data + (first + row) * view.strides[0];
      for (std::int64_t i = 0; i < plan.n(); ++i)
        to[i * view.strides[1]] = from[row * plan.n() + i];
    }
  }

  /// Rows of a call: all of them where nothing has to be moved.
  template <typename... Views>
  static std::int64_t group(std::int64_t rows, const Views&... views) {
    return (ready(views) && ...) ? std::max<std::int64_t>(1, rows) : kMovedRows;
  }

  Complex* stage(runtime::Workspace& work, std::size_t index) const {
    return work.get<Complex>(index, static_cast<std::size_t>(kMovedRows * plan.n()));
  }

  void forward(View<const Complex> x, View<Complex> y, runtime::Workspace& work) const {
    const std::int64_t rows = x.shape[0];
    check(x, rows, "x");
    check(y, rows, "y");
    R* own = work.get<R>(0, static_cast<std::size_t>(plan.work_size()));
    const std::int64_t step = group(rows, x, y);
    for (std::int64_t row = 0; row < rows; row += step) {
      const std::int64_t count = std::min(step, rows - row);
      const Rows from = read(x, row, count, stage(work, 1));
      const bool direct = ready(y);
      const Rows to =
          direct ? Rows{y.data + row * y.strides[0], y.strides[0]} : Rows{stage(work, 2), plan.n()};
      plan.forward(table.data(), from, to, count, own);
      if (!direct) write(to.values, y, row, count);
    }
  }

  void backward(View<const Complex> x, View<const Complex> dy, View<Complex> dx,
                std::span<Complex> gradient, runtime::Workspace& work) const {
    const std::int64_t rows = x.shape[0];
    check(x, rows, "x");
    check(dy, rows, "dy");
    if (dx.data != nullptr) check(dx, rows, "dx");
    if (gradient.size() != parameters.size()) {
      throw UserError("[network] the gradient has " + std::to_string(gradient.size()) +
                      " values, the network " + std::to_string(parameters.size()));
    }
    R* own = work.get<R>(0, static_cast<std::size_t>(plan.backward_work_size()));
    const auto size = static_cast<std::size_t>(plan.table_size());
    R* sums = work.get<R>(4, size);
    std::fill_n(sums, size, R(0));
    const std::int64_t step = group(rows, x, dy, dx);
    for (std::int64_t row = 0; row < rows; row += step) {
      const std::int64_t count = std::min(step, rows - row);
      const Rows from = read(x, row, count, stage(work, 1));
      const Rows back = read(dy, row, count, stage(work, 2));
      const bool direct = ready(dx);
      Rows to;
      if (dx.data != nullptr) {
        to = direct ? Rows{dx.data + row * dx.strides[0], dx.strides[0]}
                    : Rows{stage(work, 3), plan.n()};
      }
      plan.backward(table.data(), from, back, to, count, sums, own);
      if (dx.data != nullptr && !direct) write(to.values, dx, row, count);
    }
    std::fill(gradient.begin(), gradient.end(), Complex());
    plan.unpack_add(sums, gradient.data());
  }
};

template <typename R>
Network<R>::Network(const NetworkOptions& options) : impl_(std::make_unique<Impl>(options)) {}
template <typename R>
Network<R>::~Network() = default;
template <typename R>
Network<R>::Network(Network&&) noexcept = default;
template <typename R>
Network<R>& Network<R>::operator=(Network&&) noexcept = default;

template <typename R>
std::int64_t Network<R>::n() const {
  return impl_->plan.n();
}

template <typename R>
std::span<const std::complex<R>> Network<R>::parameters() const {
  return impl_->parameters;
}

template <typename R>
void Network<R>::set_parameters(std::span<const Complex> values) {
  if (values.size() != impl_->parameters.size()) {
    throw UserError("[network] " + std::to_string(values.size()) + " parameters, the network has " +
                    std::to_string(impl_->parameters.size()));
  }
  std::copy(values.begin(), values.end(), impl_->parameters.begin());
  impl_->plan.pack(impl_->parameters.data(), impl_->table.data());
}

template <typename R>
void Network<R>::forward(View<const Complex> x, View<Complex> y, Scratch& scratch) const {
  impl_->forward(x, y, scratch.impl_->work);
}

template <typename R>
void Network<R>::forward(View<const Complex> x, View<Complex> y) const {
  Scratch scratch;
  forward(x, y, scratch);
}

template <typename R>
void Network<R>::backward(View<const Complex> x, View<const Complex> dy, View<Complex> dx,
                          std::span<Complex> gradient, Scratch& scratch) const {
  impl_->backward(x, dy, dx, gradient, scratch.impl_->work);
}

template <typename R>
void Network<R>::backward(View<const Complex> x, View<const Complex> dy, View<Complex> dx,
                          std::span<Complex> gradient) const {
  Scratch scratch;
  backward(x, dy, dx, gradient, scratch);
}

template class PAPILIO_API Network<float>;
template class PAPILIO_API Network<double>;

}  // namespace papilio
