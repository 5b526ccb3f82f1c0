// Butterfly networks on the CPU: the plan of a butterfly op, with rows of any strides, and what
// stands around it.
#include "papilio/network.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>

#include "api/network_parts.h"
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

[[noreturn]] void fail(const std::string& what) { throw UserError("[network] " + what); }

transform::NetworkSpec spec_of(const NetworkOptions& options) {
  if (options.real && (options.n < 4 || options.n % 2 != 0)) {
    fail("real input needs an even n of 4 or more, n is " + std::to_string(options.n));
  }
  if (options.real && options.transposed) {
    fail("a network with real input has no transpose that takes real samples; leave one out");
  }
  const std::int64_t points = options.real ? options.n / 2 : options.n;
  transform::NetworkSpec spec;
  spec.layout = options.radices.empty() ? transform::default_layout(points)
                                        : transform::layout_of(options.radices);
  if (spec.layout.n != points) {
    fail("the radices " + transform::radices_text(spec.layout) + " make " +
         std::to_string(spec.layout.n) + " points, " + (options.real ? "n / 2 is " : "n is ") +
         std::to_string(points));
  }
  if (options.real) spec.input = transform::Input::real;
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
  attrs.block = options.blocks || options.gates;  // blocks with gates are written out
  attrs.inverse = options.inverse && !attrs.block;
  attrs.transposed = options.transposed;
  attrs.permutation =
      std::make_shared<const std::vector<std::int32_t>>(transform::digit_reversal(layout));
  return attrs;
}

template <typename R>
std::vector<std::complex<R>> exact(const NetworkOptions& options) {
  std::vector<std::complex<R>> values;
  const transform::Network network = transform::exact_dft(spec_of(options));
  for (const auto& stage : network.stages) {
    for (const auto& value : stage.parameters) values.emplace_back(value);
  }
  for (const auto& value : network.recombination) values.emplace_back(value);
  return values;
}

}  // namespace

template <typename R>
struct Network<R>::Impl {
  using Rows = kernels::PairRows<R>;

  explicit Impl(const NetworkOptions& options)
      : plan(attrs_of(options), runtime::default_isa()),
        real(options.real),
        parameters(exact<R>(options)),
        table(static_cast<std::size_t>(plan.table_size())) {
    if (options.gates) {
      gated.emplace(spec_of(options));
      gates.assign(static_cast<std::size_t>(gated->gates()), R(1));
    }
    pack();
  }

  runtime::ButterflyPlan<R> plan;  ///< of n/2 points for real input
  bool real = false;
  std::vector<Complex> parameters;
  std::vector<R> gates;
  std::optional<api::GatedBlocks<R>> gated;
  base::Buffer<R> table;

  std::int64_t n() const { return real ? 2 * plan.n() : plan.n(); }
  std::int64_t outputs() const { return real ? plan.n() + 1 : plan.n(); }
  /// The parameters behind those of the stages.
  std::size_t recombination() const {
    return parameters.size() - (real ? static_cast<std::size_t>(plan.n()) : 0);
  }
  std::span<const Complex> twiddles() const {
    return std::span<const Complex>(parameters).subspan(recombination());
  }

  void pack() {
    if (!gated) return plan.pack(parameters.data(), table.data());
    std::vector<Complex> blocks(static_cast<std::size_t>(gated->values()));
    gated->mix(parameters, gates, blocks.data());
    plan.pack(blocks.data(), table.data());
  }

  template <typename V>
  void check(const V& view, std::int64_t rows, std::int64_t length, const char* name) const {
    if (view.shape[0] == rows && view.shape[1] == length) return;
    fail(std::string(name) + " is [" + std::to_string(view.shape[0]) + ", " +
         std::to_string(view.shape[1]) + "], needed is [" + std::to_string(rows) + ", " +
         std::to_string(length) + "]");
  }

  template <typename Value>
  void check_input(const View<const Value>& x) const {
    if (real == std::is_same_v<Value, R>) return check(x, x.shape[0], n(), "x");
    fail(real ? "the network has real input, x is complex" : "the network is complex, x is real");
  }

  /// Rows that can be read and written where they lie.
  template <typename Value>
  static bool ready(const View<Value>& view) {
    return !std::is_same_v<std::remove_const_t<Value>, R> && view.strides[1] == 1 &&
           view.scale == 1.0;
  }

  /// Rows from `first` on where they lie; real ones are never ready().
  template <typename Value>
  static Rows rows_of(View<Value> view, std::int64_t first) {
    if constexpr (std::is_same_v<std::remove_const_t<Value>, R>) {
      return {};
    } else {  // plans only read their sources: one type of rows serves both
      return {const_cast<Complex*>(view.data) + first * view.strides[0], view.strides[0]};
    }
  }

  /// Rows [first, first + rows), copied to `to` unless they lie ready; real samples as pairs.
  template <typename Value>
  Rows read(View<const Value> view, std::int64_t first, std::int64_t rows, Complex* to) const {
    if (ready(view)) return rows_of(view, first);
    const auto scale = static_cast<R>(view.scale);
    const std::int64_t step = std::is_same_v<Value, R> ? view.shape[1] / 2 : view.shape[1];
    for (std::int64_t row = 0; row < rows; ++row) {
      const Value* from = view.data + (first + row) * view.strides[0];
      auto* values = reinterpret_cast<Value*>(to + row * step);
      for (std::int64_t i = 0; i < view.shape[1]; ++i) {
        values[i] = scale * from[i * view.strides[1]];
      }
    }
    return {to, step};
  }

  /// One row of values to where it belongs.
  template <typename Value>
  static void write(const Value* from, View<Value> view, std::int64_t row) {
    Value* to = view.data + row * view.strides[0];
    for (std::int64_t i = 0; i < view.shape[1]; ++i) to[i * view.strides[1]] = from[i];
  }

  template <typename Value>
  static void write_rows(Rows from, View<Value> view, std::int64_t first, std::int64_t rows) {
    for (std::int64_t row = 0; row < rows; ++row) {
      write(reinterpret_cast<const Value*>(from.from(row).values), view, first + row);
    }
  }

  /// Rows of a call: all of them where nothing has to be moved.
  template <typename... Views>
  static std::int64_t group(std::int64_t rows, const Views&... views) {
    return (ready(views) && ...) ? std::max<std::int64_t>(1, rows) : kMovedRows;
  }

  /// Room for as many rows as are moved at a time.
  Complex* stage(runtime::Workspace& work, std::size_t index) const {
    return work.get<Complex>(index, static_cast<std::size_t>(kMovedRows * (plan.n() + 1)));
  }
  Rows staged(runtime::Workspace& work, std::size_t index) const {
    return {stage(work, index), plan.n()};
  }

  template <typename Value>
  void forward(View<const Value> x, View<Complex> y, runtime::Workspace& work) const {
    const std::int64_t rows = x.shape[0];
    check_input(x);
    check(y, rows, outputs(), "y");
    R* own = work.get<R>(0, static_cast<std::size_t>(plan.work_size()));
    const std::int64_t step = group(rows, x, y);
    const bool direct = ready(y) && !real;
    for (std::int64_t row = 0; row < rows; row += step) {
      const std::int64_t count = std::min(step, rows - row);
      const Rows from = read(x, row, count, stage(work, 1));
      const Rows to = direct ? Rows{y.data + row * y.strides[0], y.strides[0]} : staged(work, 2);
      plan.forward(table.data(), from, to, count, own);
      if (real) {
        recombine_rows(to, y, row, count, stage(work, 3));
      } else if (!direct) {
        write_rows(to, y, row, count);
      }
    }
  }

  void recombine_rows(Rows u, View<Complex> y, std::int64_t first, std::int64_t rows,
                      Complex* bins) const {
    for (std::int64_t row = 0; row < rows; ++row) {
      api::recombine<R>(twiddles(), u.from(row).values, bins);
      write(bins, y, first + row);
    }
  }

  template <typename Value>
  void check_backward(const View<const Value>& x, const View<const Complex>& dy,
                      const View<Value>& dx, std::span<const Complex> gradient,
                      std::span<const R> of_gates) const {
    check_input(x);
    check(dy, x.shape[0], outputs(), "dy");
    if (dx.data != nullptr) check(dx, x.shape[0], n(), "dx");
    if (gradient.size() != parameters.size()) {
      fail("the gradient has " + std::to_string(gradient.size()) + " values, the network " +
           std::to_string(parameters.size()));
    }
    if (!of_gates.empty() && of_gates.size() != gates.size()) {
      fail("the gradient of the gates has " + std::to_string(of_gates.size()) +
           " values, the network " + std::to_string(gates.size()) + " gates");
    }
  }

  template <typename Value>
  void backward(View<const Value> x, View<const Complex> dy, View<Value> dx,
                std::span<Complex> gradient, std::span<R> of_gates,
                runtime::Workspace& work) const {
    check_backward(x, dy, dx, gradient, of_gates);
    const std::int64_t rows = x.shape[0];
    const std::int64_t own_size = std::max(plan.work_size(), plan.backward_work_size());
    R* own = work.get<R>(0, static_cast<std::size_t>(own_size));
    const auto size = static_cast<std::size_t>(plan.table_size());
    R* sums = work.get<R>(4, size);
    std::fill_n(sums, size, R(0));
    std::fill(gradient.begin(), gradient.end(), Complex());
    const std::int64_t step = group(rows, x, dy, dx);
    const bool direct = ready(dx);
    for (std::int64_t row = 0; row < rows; row += step) {
      const std::int64_t count = std::min(step, rows - row);
      const Rows from = read(x, row, count, stage(work, 1));
      Rows back = read(dy, row, count, stage(work, 2));
      if (real) back = undo_recombination(from, back, count, gradient, own, work);
      Rows to;
      if (dx.data != nullptr) to = direct ? rows_of(dx, row) : staged(work, 3);
      plan.backward(table.data(), from, back, to, count, sums, own);
      if (dx.data != nullptr && !direct) write_rows(to, dx, row, count);
    }
    hand_out(sums, gradient, of_gates, work);
  }

  /// The gradients of the spectra of pairs; that of the recombination is added to `gradient`.
  Rows undo_recombination(Rows x, Rows dy, std::int64_t rows, std::span<Complex> gradient, R* own,
                          runtime::Workspace& work) const {
    const Rows u = staged(work, 3), du = staged(work, 5);
    plan.forward(table.data(), x, u, rows, own);
    for (std::int64_t row = 0; row < rows; ++row) {
      api::recombine_backward<R>(twiddles(), u.from(row).values, dy.from(row).values,
                                 du.from(row).values, gradient.data() + recombination());
    }
    return du;
  }

  /// From the plan's sums to the gradients of stages and gates.
  void hand_out(const R* sums, std::span<Complex> gradient, std::span<R> of_gates,
                runtime::Workspace& work) const {
    if (!gated) return plan.unpack_add(sums, gradient.data());
    const auto count = static_cast<std::size_t>(gated->values());
    Complex* blocks = work.get<Complex>(6, count);
    std::fill_n(blocks, count, Complex());
    plan.unpack_add(sums, blocks);
    std::fill(of_gates.begin(), of_gates.end(), R(0));
    gated->unmix_add(parameters, gates, blocks, gradient, of_gates);
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
  return impl_->n();
}

template <typename R>
std::int64_t Network<R>::outputs() const {
  return impl_->outputs();
}

template <typename R>
std::span<const std::complex<R>> Network<R>::parameters() const {
  return impl_->parameters;
}

template <typename R>
void Network<R>::set_parameters(std::span<const Complex> values) {
  if (values.size() != impl_->parameters.size()) {
    fail(std::to_string(values.size()) + " parameters, the network has " +
         std::to_string(impl_->parameters.size()));
  }
  std::copy(values.begin(), values.end(), impl_->parameters.begin());
  impl_->pack();
}

template <typename R>
std::span<const R> Network<R>::gates() const {
  return impl_->gates;
}

template <typename R>
void Network<R>::set_gates(std::span<const R> values) {
  if (values.size() != impl_->gates.size()) {
    fail(std::to_string(values.size()) + " gates, the network has " +
         std::to_string(impl_->gates.size()));
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] >= R(0) && values[i] <= R(1)) continue;  // false for NaN
    fail("gate " + std::to_string(i) + " is " + std::to_string(values[i]) +
         ", not from 0 to 1; clip it");
  }
  std::copy(values.begin(), values.end(), impl_->gates.begin());
  impl_->pack();
}

template <typename R>
void Network<R>::forward(View<const Complex> x, View<Complex> y, Scratch& scratch) const {
  impl_->forward(x, y, scratch.impl_->work);
}

template <typename R>
void Network<R>::forward(View<const R> x, View<Complex> y, Scratch& scratch) const {
  impl_->forward(x, y, scratch.impl_->work);
}

template <typename R>
void Network<R>::forward(View<const Complex> x, View<Complex> y) const {
  Scratch scratch;
  forward(x, y, scratch);
}

template <typename R>
void Network<R>::forward(View<const R> x, View<Complex> y) const {
  Scratch scratch;
  forward(x, y, scratch);
}

template <typename R>
void Network<R>::backward(View<const Complex> x, View<const Complex> dy, View<Complex> dx,
                          std::span<Complex> gradient, std::span<R> gates, Scratch& scratch) const {
  impl_->backward(x, dy, dx, gradient, gates, scratch.impl_->work);
}

template <typename R>
void Network<R>::backward(View<const R> x, View<const Complex> dy, View<R> dx,
                          std::span<Complex> gradient, std::span<R> gates, Scratch& scratch) const {
  impl_->backward(x, dy, dx, gradient, gates, scratch.impl_->work);
}

template <typename R>
void Network<R>::backward(View<const Complex> x, View<const Complex> dy, View<Complex> dx,
                          std::span<Complex> gradient, Scratch& scratch) const {
  backward(x, dy, dx, gradient, {}, scratch);
}

template <typename R>
void Network<R>::backward(View<const Complex> x, View<const Complex> dy, View<Complex> dx,
                          std::span<Complex> gradient, std::span<R> gates) const {
  Scratch scratch;
  backward(x, dy, dx, gradient, gates, scratch);
}

template <typename R>
void Network<R>::backward(View<const R> x, View<const Complex> dy, View<R> dx,
                          std::span<Complex> gradient, std::span<R> gates) const {
  Scratch scratch;
  backward(x, dy, dx, gradient, gates, scratch);
}

template class PAPILIO_API Network<float>;
template class PAPILIO_API Network<double>;

}  // namespace papilio
