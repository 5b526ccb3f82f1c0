/// Compile your own graph: the ops that Papilio's features are made of, one compiler, one runtime.
///
///   papilio::GraphBuilder b;
///   auto x = b.input("x");                                  // [rows, samples]
///   auto frames = b.window(b.frame(x, 512, 256), hann);     // [rows, frames, 512]
///   b.output("power", b.power(b.rfft(frames)));             // [rows, frames, 257]
///   papilio::Plan plan(b.finish());
///   plan.run({input}, {output});                            // any number of rows, any length
///
/// What no output needs is not computed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "papilio/definition.h"
#include "papilio/execution.h"
#include "papilio/export.h"
#include "papilio/view.h"

namespace papilio {

/// A value inside a GraphBuilder.
struct Node {
  std::int32_t id = -1;
};

/// A finished graph: immutable, cheap to copy.
class PAPILIO_API Graph {
 public:
  /// Its nodes as text, one a line.
  std::string text() const;

 private:
  friend class GraphBuilder;
  friend class Plan;
  struct Impl;
  std::shared_ptr<const Impl> impl_;
};

/// Makes graphs. Each call throws UserError when the operands do not fit the op. Transforms are
/// unscaled unless `scale` says otherwise: X[k] = scale * sum_t x[t] exp(-+2 pi i k t / n).
class PAPILIO_API GraphBuilder {
 public:
  /// Computes in float, or in double.
  explicit GraphBuilder(DType compute = DType::f32);
  ~GraphBuilder();
  GraphBuilder(GraphBuilder&&) noexcept;

  /// Rows [rows, samples]; `samples` > 0 fixes their length, which ops on whole rows need.
  Node input(const std::string& name, bool complex = false, std::int64_t samples = 0);
  /// [rows, samples] -> [rows, (samples - length) / hop + 1, length].
  Node frame(Node rows, std::int64_t length, std::int64_t hop);
  Node detrend(Node x, Detrend kind);
  /// x times one real value per element of the last axis.
  Node window(Node x, std::span<const double> values);
  Node multiply(Node x, Node y);
  Node add(Node x, Node y);
  /// mul * x + add.
  Node affine(Node x, double mul, double add);
  /// Zeros after the last axis, to `size` elements.
  Node pad(Node x, std::int64_t size);
  /// Elements [begin, end) of the last axis.
  Node slice(Node x, std::int64_t begin, std::int64_t end);
  /// The elements of y after those of x, along the last axis.
  Node concat(Node x, Node y);
  Node rfft(Node x, double scale = 1.0);
  /// `n` real elements from n / 2 + 1 bins.
  Node irfft(Node x, std::int64_t n, double scale = 1.0);
  Node fft(Node x, double scale = 1.0);
  Node ifft(Node x, double scale = 1.0);
  /// |x|^2 and |x|.
  Node power(Node x);
  Node magnitude(Node x);
  /// Over the frames of each row: [rows, frames, m] -> [rows, m].
  Node mean_frames(Node x);
  Node max_frames(Node x);
  /// With scipy's bias correction for powers.
  Node median_frames(Node x);
  /// ln or log10 of max(x, floor).
  Node ln(Node x, double floor);
  Node log10(Node x, double floor);

  void output(const std::string& name, Node x);
  /// Throws UserError if nothing is named as an output.
  Graph finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Where the elements of a view lie. `cuda` is memory of the GPU that a plan was compiled for, as
/// PyTorch, CuPy or cudaMalloc give it.
enum class Memory : std::uint8_t { host, cuda };

/// Memory outside a plan: [rows, elements] or [rows, frames, elements], any strides.
struct AnyView {
  void* data = nullptr;
  DType dtype = DType::f32;
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t> byte_strides;
  double scale = 1.0;  ///< inputs only
  Memory memory = Memory::host;

  AnyView() = default;
  template <typename T>
  AnyView(View<T> view)  // NOLINT: implicit on purpose
      : data(const_cast<std::remove_const_t<T>*>(view.data)),
        dtype(dtype_of<T>()),
        shape{view.shape[0], view.shape[1]},
        byte_strides{view.strides[0] * static_cast<std::int64_t>(sizeof(T)),
                     view.strides[1] * static_cast<std::int64_t>(sizeof(T))},
        scale(view.scale) {}
  /// Dense, row-major.
  template <typename T>
  AnyView(T* first, std::vector<std::int64_t> extents)
      : data(const_cast<std::remove_const_t<T>*>(first)),
        dtype(dtype_of<T>()),
        shape(std::move(extents)),
        byte_strides(shape.size()) {
    std::int64_t stride = sizeof(T);
    for (std::size_t axis = shape.size(); axis-- > 0; stride *= shape[axis]) {
      byte_strides[axis] = stride;
    }
  }
};

/// How a run on views of GPU memory is queued. It neither waits nor allocates, once a run of these
/// shapes and types has been made or work_bytes() asked for, and can be captured in a CUDA graph:
/// with `work` of the caller's, unless work_bytes() is 0.
struct GpuRun {
  void* stream = nullptr;      ///< cudaStream_t; nullptr: CUDA's default stream
  void* work = nullptr;        ///< GPU memory at a multiple of 16 bytes; nullptr: the plan's own,
                               ///< one block for each stream (not for cudaStreamPerThread)
  std::size_t work_bytes = 0;  ///< of `work`: at least Plan::work_bytes()
};

template <typename R>
class Fft;
template <typename R>
class Network;

/// Memory that runs reuse: one per calling thread. Grows when a run needs more.
class PAPILIO_API Scratch {
 public:
  Scratch();
  ~Scratch();
  Scratch(Scratch&&) noexcept;

 private:
  friend class Plan;
  template <typename R>
  friend class Fft;
  template <typename R>
  friend class Network;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// A compiled graph: immutable, thread-safe, for any number of rows and any length.
class PAPILIO_API Plan {
 public:
  explicit Plan(const Graph& graph, const Execution& execution = {});

  /// Shape of output `index` for these rows.
  std::vector<std::int64_t> shape(std::size_t index, std::int64_t rows, std::int64_t samples) const;
  std::vector<std::string> output_names() const;
  /// "cpu avx512", ...
  std::string strategy() const;

  /// inputs in the order of GraphBuilder::input, outputs in the order of GraphBuilder::output, none
  /// overlapping. Throws UserError when their number, shapes, types or strides do not fit. A row
  /// that holds a NaN or infinite sample where the plan loads it becomes NaN in every output; a
  /// plan of one plain transform lets it through as IEEE arithmetic does.
  void run(std::span<const AnyView> inputs, std::span<const AnyView> outputs) const;
  /// Allocates nothing once `scratch` has grown.
  void run(std::span<const AnyView> inputs, std::span<const AnyView> outputs,
           Scratch& scratch) const;
  /// On views of GPU memory alone, of a plan compiled for `cuda`. Bad rows become NaN as above. A
  /// CUDA graph that has captured the run needs the plan, or a copy of it, for as long as it lives.
  void run(std::span<const AnyView> inputs, std::span<const AnyView> outputs,
           const GpuRun& gpu) const;
  /// Bytes of GPU memory that such a run works in.
  std::size_t work_bytes(std::span<const AnyView> inputs, std::span<const AnyView> outputs) const;
  void run(std::initializer_list<AnyView> inputs, std::initializer_list<AnyView> outputs) const {
    run(std::span(inputs.begin(), inputs.size()), std::span(outputs.begin(), outputs.size()));
  }

 private:
  struct Impl;
  std::shared_ptr<const Impl> impl_;
};

}  // namespace papilio
