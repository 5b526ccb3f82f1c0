// Rows to double tensors, interpret, and back. Frames with bad samples are left out or flagged
// exactly as on the other devices.
#include "runtime/reference/reference_program.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>

#include "kernels/load.h"
#include "kernels/sample.h"
#include "papilio/error.h"
#include "reference/interpret.h"
#include "runtime/check.h"

namespace papilio::runtime {
namespace {

using reference::Tensor;

const std::byte* row_address(const base::TensorView& view, std::int64_t row) {
  return static_cast<const std::byte*>(view.data) + row * view.byte_strides[0];
}

/// Calls f(index, address) for the elements of a view, last axis first.
template <typename F>
void for_elements(const base::TensorView& view, F f) {
  std::array<std::int64_t, base::kMaxRank> index{};
  const std::int64_t count = view.count();
  for (std::int64_t i = 0; i < count; ++i) {
    auto* element = static_cast<std::byte*>(view.data);
    for (int axis = 0; axis < view.rank; ++axis) element += index[axis] * view.byte_strides[axis];
    f(i, element);
    for (int axis = view.rank - 1; axis >= 0 && ++index[axis] == view.shape[axis]; --axis) {
      index[axis] = 0;
    }
  }
}

Tensor to_tensor(const base::TensorView& view, bool complex) {
  const auto* extents = view.shape.data();
  Tensor tensor = reference::zeros({extents, extents + view.rank}, complex);
  const DType part = kernels::part_of(view.dtype);
  const std::size_t part_bytes = size_of(part);
  kernels::with_sample_type(part, [&]<typename Source>() {
    for_elements(view, [&](std::int64_t i, const std::byte* from) {
      const double re = kernels::read_sample<double, Source>(from) * view.scale;
      const double im = is_complex(view.dtype)
                            ? kernels::read_sample<double, Source>(from + part_bytes) * view.scale
                            : 0.0;
      tensor.set(i, {re, im});
    });
  });
  return tensor;
}

template <typename T>
void write_element(std::byte* to, const Tensor& tensor, std::int64_t index) {
  const auto value = tensor.at(index);
  const T parts[2] = {static_cast<T>(value.real()), static_cast<T>(value.imag())};
  std::memcpy(to, parts, (tensor.complex ? 2 : 1) * sizeof(T));
}

void write(const Tensor& tensor, const base::TensorView& out) {
  const bool single = out.dtype == DType::f32 || out.dtype == DType::c64;
  for_elements(out, [&](std::int64_t i, std::byte* to) {
    single ? write_element<float>(to, tensor, i) : write_element<double>(to, tensor, i);
  });
}

class ReferenceProgram final : public Program {
 public:
  explicit ReferenceProgram(const ir::Graph& graph)
      : Program(specs_of(graph), "reference"), graph_(graph) {
    for (const ir::Node& node : graph.nodes()) {
      if (ir::is_port(node.op)) ports_.push_back(node);
      if (node.op == ir::OpKind::Input) inputs_.push_back(node.as<ir::InputAttrs>());
      if (node.op == ir::OpKind::Frame) rule_ = node.as<ir::FrameAttrs>().rule;
    }
  }

  /// `values`: the rows of inputs and the values of params, in the order of their nodes.
  void run(std::span<const base::TensorView> values, std::span<const base::TensorView> results,
           const RunOptions& options, std::span<RowStatus> status, Workspace&) const override {
    if (options.bad == BadSamples::skip) {
      throw UserError("[reference] leaving out frames is not supported; use --nonfinite flag");
    }
    const std::vector<base::TensorView> inputs = rows_among(ports_, values, outputs().size());
    check_ports(inputs_, outputs(), rule_, inputs, results);
    std::vector<Tensor> tensors;
    for (std::size_t i = 0; i < values.size(); ++i) {
      tensors.push_back(to_tensor(values[i], ports_[i].type.complex()));
    }
    std::vector<RowStatus> own(static_cast<std::size_t>(inputs[0].shape[0]));
    const std::span<RowStatus> rows = status.empty() ? std::span<RowStatus>(own) : status;
    find_bad(inputs, rows);
    std::vector<Tensor> computed = reference::interpret(graph_, tensors);
    for (std::size_t i = 0; i < computed.size(); ++i) {
      Tensor& value = computed[i];
      note_overflow(value, i, rows);
      blank(value, i, rows);
      write(value, results[i]);
    }
  }

  /// As if every node's values were there at once; most are given back earlier.
  MemoryNeed run_memory(const Load& load, const RunOptions&) const override {
    MemoryNeed need;
    for (const ir::Node& node : graph_.nodes()) {
      double values = node.type.complex() ? 2.0 : 1.0;
      for (const std::int64_t extent : node.type.resolve(load.rows, load.samples)) {
        values *= static_cast<double>(extent);
      }
      (node.type.has_frames() ? need.frames : need.work) += values * sizeof(double);
    }
    return need;
  }
  MemoryNeed stream_memory(const Load& load, const RunOptions& options) const override {
    return run_memory(load, options);
  }

  std::unique_ptr<Stream> stream(std::int64_t rows, const RunOptions& options) const override;

 private:
  /// Only samples that some frame covers count, judged in the graph's own precision.
  void find_bad(std::span<const base::TensorView> inputs, std::span<RowStatus> status) const {
    for (std::size_t row = 0; row < status.size(); ++row) {
      status[row] = {};
      for (std::size_t i = 0; i < inputs.size(); ++i) {
        const std::int64_t bad = first_bad(inputs[i], static_cast<std::int64_t>(row));
        const bool earlier = status[row].first_bad < 0 || bad < status[row].first_bad;
        if (bad >= 0 && earlier) status[row].first_bad = bad;
      }
    }
  }

  std::int64_t first_bad(const base::TensorView& view, std::int64_t row) const {
    if (!rule_) return bad_between(view, row, 0, view.shape[1]);
    const std::int64_t samples = std::min(view.shape[1], rule_->effective_samples(view.shape[1]));
    for (std::int64_t f = 0; f < rule_->frames(view.shape[1]); ++f) {
      const std::int64_t start = f * rule_->hop - rule_->pad_left;
      const std::int64_t begin = std::clamp<std::int64_t>(start, 0, samples);
      const std::int64_t end = std::clamp<std::int64_t>(start + rule_->length, 0, samples);
      const std::int64_t bad = bad_between(view, row, begin, end);
      if (bad >= 0) return bad;
    }
    return -1;
  }

  std::int64_t bad_between(const base::TensorView& view, std::int64_t row, std::int64_t begin,
                           std::int64_t end) const {
    const std::byte* first = row_address(view, row) + begin * view.byte_strides[1];
    const std::int64_t stride = view.byte_strides[1];
    const std::int64_t bad =
        graph_.compute() == DType::f32
            ? kernels::first_nonfinite<float>(first, view.dtype, stride, end - begin, view.scale)
            : kernels::first_nonfinite<double>(first, view.dtype, stride, end - begin, view.scale);
    return bad < 0 ? bad : begin + bad;
  }

  bool is_top(std::size_t output) const {
    const ir::OpKind op = graph_.node(graph_.outputs()[output].node).op;
    return op == ir::OpKind::TopBins || op == ir::OpKind::Peaks;
  }

  /// True for a result that rows share, as a loss or the gradient of a param.
  bool is_shared(std::size_t output) const {
    const ir::Type& type = graph_.node(graph_.outputs()[output].node).type;
    return type.dims[0].extent != ir::Extent::rows;
  }

  /// Results that the graph's own precision does not hold; unused slots of a top-k are not meant.
  void note_overflow(const Tensor& value, std::size_t output, std::span<RowStatus> status) const {
    const bool single = graph_.compute() == DType::f32;
    const auto beyond = [single](double x) {
      return !std::isfinite(single ? static_cast<double>(static_cast<float>(x)) : x);
    };
    const std::int64_t per_row = value.count() / std::max<std::int64_t>(1, value.shape[0]);
    for (std::int64_t i = 0; i < value.count(); ++i) {
      if (is_top(output) && value.at(i - i % 4).real() < 0) continue;
      const std::complex<double> x = value.at(i);
      if (!beyond(x.real()) && !beyond(x.imag())) continue;
      if (is_shared(output)) {
        for (RowStatus& row : status) row.overflow = true;
        return;
      }
      status[static_cast<std::size_t>(i / per_row)].overflow = true;
    }
  }

  /// What rows share is as bad as the worst of them.
  void blank(Tensor& value, std::size_t output, std::span<const RowStatus> status) const {
    const std::int64_t per_row = value.count() / std::max<std::int64_t>(1, value.shape[0]);
    const double nan = std::numeric_limits<double>::quiet_NaN();
    if (is_shared(output)) {
      const bool bad = std::any_of(status.begin(), status.end(),
                                   [](const RowStatus& row) { return row.first_bad >= 0; });
      for (std::int64_t i = 0; bad && i < value.count(); ++i) value.set(i, {nan, nan});
      return;
    }
    for (std::size_t row = 0; row < status.size(); ++row) {
      if (status[row].first_bad < 0) continue;
      for (std::int64_t i = 0; i < per_row; ++i) {
        const bool bin = is_top(output) && i % 4 == 0;
        value.set(static_cast<std::int64_t>(row) * per_row + i,
                  bin ? std::complex<double>(-1, 0) : std::complex<double>(nan, nan));
      }
    }
  }

  ir::Graph graph_;
  std::vector<ir::Node> ports_;
  std::vector<ir::InputAttrs> inputs_;
  std::optional<ir::FrameRule> rule_;
};

/// Keeps every sample: the reference device is for checking, not for long recordings.
class ReferenceStream final : public Stream {
 public:
  ReferenceStream(const ReferenceProgram& program, std::int64_t rows, const RunOptions& options)
      : program_(program), options_(options), status_(static_cast<std::size_t>(rows)) {}

  void push(const base::TensorView& chunk) override {
    const Tensor piece = to_tensor(chunk, is_complex(chunk.dtype));
    complex_ = piece.complex;
    const auto rows = static_cast<std::int64_t>(status_.size());
    Tensor joined = reference::zeros({rows, samples_ + chunk.shape[1]}, complex_);
    for (std::int64_t row = 0; row < rows; ++row) {
      const std::int64_t to = row * joined.shape[1];
      for (std::int64_t i = 0; i < samples_; ++i) joined.set(to + i, held_.at(row * samples_ + i));
      for (std::int64_t i = 0; i < chunk.shape[1]; ++i) {
        joined.set(to + samples_ + i, piece.at(row * chunk.shape[1] + i));
      }
    }
    held_ = std::move(joined);
    samples_ += chunk.shape[1];
  }

  void finish() override {}
  std::int64_t samples() const override { return samples_; }

  void fetch(std::span<const base::TensorView> results) override {
    std::vector<std::complex<double>> pairs;
    const auto rows = static_cast<std::int64_t>(status_.size());
    base::TensorView view = base::dense(held_.re.data(), DType::f64, {rows, samples_});
    if (complex_) {
      for (std::int64_t i = 0; i < held_.count(); ++i) pairs.push_back(held_.at(i));
      view = base::dense(pairs.data(), DType::c128, {rows, samples_});
    }
    Workspace work;
    program_.run({&view, 1}, results, options_, status_, work);
  }

  std::span<const RowStatus> status() const override { return status_; }

 private:
  const ReferenceProgram& program_;
  RunOptions options_;
  std::vector<RowStatus> status_;
  Tensor held_;
  std::int64_t samples_ = 0;
  bool complex_ = false;
};

std::unique_ptr<Stream> ReferenceProgram::stream(std::int64_t rows,
                                                 const RunOptions& options) const {
  return std::make_unique<ReferenceStream>(*this, rows, options);
}

}  // namespace

std::unique_ptr<Program> make_reference_program(const ir::Graph& graph) {
  return std::make_unique<ReferenceProgram>(graph);
}

}  // namespace papilio::runtime
