/// What a device makes of a graph: an immutable program that runs on whole rows in memory, or as a
/// stream fed chunk by chunk. Both give the same bits.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/buffer.h"
#include "base/tensor.h"
#include "base/threads.h"
#include "ir/type.h"

namespace papilio::runtime {

/// What to do with segments that hold NaN or infinite samples.
enum class BadSamples : std::uint8_t {
  flag,  ///< the row's results become NaN (top-k: empty)
  skip,  ///< mean and max over frames leave such frames out
};

struct RunOptions {
  const base::ThreadPool* pool = nullptr;  ///< nullptr: the calling thread alone
  BadSamples bad = BadSamples::flag;
  bool finite = false;  ///< the caller has seen that all samples are: a run may leave out its look
  // Of the cuda device, for views of device memory only:
  void* stream = nullptr;      ///< CUstream or cudaStream_t to queue the run in
  void* work = nullptr;        ///< device memory for the run; nullptr: the program's own
  std::size_t work_bytes = 0;  ///< of `work`
};

/// What happened to one row.
struct RowStatus {
  std::int64_t first_bad = -1;  ///< index of the first non-finite sample that was used, or -1
  std::int64_t skipped = 0;     ///< frames left out (BadSamples::skip)
  bool overflow = false;        ///< a result, or what it was chosen from, beyond the compute type
};

/// The rows of a run or a stream, as far as their memory depends on them.
struct Load {
  std::int64_t rows = 0;
  std::int64_t samples = 0;  ///< per row; of a stream: in the end, or so far
  DType dtype = DType::f32;  ///< of the samples
};

/// Bytes that a run or a stream takes besides inputs, outputs and the program's own tables. In
/// double: what is absurd must not overflow.
struct MemoryNeed {
  double work = 0.0;    ///< of all threads: tiles, sums, samples in waiting
  double frames = 0.0;  ///< values of every frame
};

/// A named result of a program.
struct OutputSpec {
  std::string name;
  ir::Type type;
};

/// What a kernel of a program takes of a GPU.
struct KernelUse {
  std::string name;
  int threads = 0;         ///< of a block
  int registers = 0;       ///< of a thread
  int spilled = 0;         ///< bytes of a thread that lie in device memory
  double occupancy = 0.0;  ///< threads that a multiprocessor holds at a time, of those it could
};

/// Scratch memory of a run: grows when a run needs more and is reused by the next. One per thread
/// that calls run(); plans themselves are immutable.
class Workspace {
 public:
  /// At least `count` elements of block `index`; contents are undefined.
  template <typename T>
  T* get(std::size_t index, std::size_t count) {
    if (index >= blocks_.size()) blocks_.resize(index + 1);
    blocks_[index].reserve(count * sizeof(T));
    return reinterpret_cast<T*>(blocks_[index].data());
  }

 private:
  std::vector<base::Buffer<std::byte>> blocks_;
};

/// One stack of rows, arriving in chunks along time.
class Stream {
 public:
  virtual ~Stream() = default;
  /// Appends [rows, samples]; the memory is not needed after the call.
  virtual void push(const base::TensorView& chunk) = 0;
  /// No more samples will come. Afterwards shapes, results and statuses can be asked for.
  virtual void finish() = 0;
  /// Samples pushed so far.
  virtual std::int64_t samples() const = 0;
  /// Writes every output into the caller's memory, of the shapes that the types resolve to.
  virtual void fetch(std::span<const base::TensorView> outputs) = 0;
  virtual std::span<const RowStatus> status() const = 0;
};

class Program {
 public:
  virtual ~Program() = default;

  /// Runs on whole rows: inputs[i] is [rows, samples] of any dtype and strides, outputs[i] has the
  /// shape of outputs()[i].type for these rows and samples, in its dtype, any strides. `status` is
  /// empty or one per row. Thread-safe; allocates nothing once `work` has grown.
  virtual void run(std::span<const base::TensorView> inputs,
                   std::span<const base::TensorView> outputs, const RunOptions& options,
                   std::span<RowStatus> status, Workspace& work) const = 0;

  /// Starts a stream of `rows` rows. The program must outlive it.
  virtual std::unique_ptr<Stream> stream(std::int64_t rows, const RunOptions& options) const = 0;

  /// What run() takes, and what a stream takes until it has been fetched.
  virtual MemoryNeed run_memory(const Load& load, const RunOptions& options) const = 0;
  virtual MemoryNeed stream_memory(const Load& load, const RunOptions& options) const = 0;

  /// Bytes of device memory that a run on these views of device memory works in; 0 on the cpu.
  virtual std::size_t gpu_work(std::span<const base::TensorView>, std::span<const base::TensorView>,
                               const RunOptions&) const {
    return 0;
  }

  /// Of the kernels that were made last, in the order of their launches; none on the cpu.
  virtual std::vector<KernelUse> kernel_use() const { return {}; }

  std::span<const OutputSpec> outputs() const { return outputs_; }
  /// "cpu avx512", "reference", ...
  const std::string& strategy() const { return strategy_; }

 protected:
  Program(std::vector<OutputSpec> outputs, std::string strategy)
      : outputs_(std::move(outputs)), strategy_(std::move(strategy)) {}

 private:
  std::vector<OutputSpec> outputs_;
  std::string strategy_;
};

}  // namespace papilio::runtime
