/// Queues of work on a device, and marks in them.
#pragma once

#include "runtime/cuda/driver/api.h"
#include "runtime/cuda/driver/device.h"

namespace papilio::runtime::cuda {

/// A stream that somebody else owns: a Stream, PyTorch or CuPy. The raw nullptr is CUDA's default
/// stream of that device.
struct StreamHandle {
  const Device* device = nullptr;
  CUstream raw = nullptr;

  /// Waits until everything queued so far is done; errors of kernels show up here.
  void synchronize() const;
  /// Whether work that is queued now becomes part of a graph.
  bool capturing() const;
};

/// An owned stream, which does not wait for the default stream.
class Stream {
 public:
  explicit Stream(const Device& device);
  ~Stream();
  Stream(Stream&& other) noexcept;
  Stream& operator=(Stream&& other) noexcept;

  StreamHandle handle() const { return handle_; }
  operator StreamHandle() const { return handle_; }  // NOLINT: a Stream is used as its handle
  void synchronize() const { handle_.synchronize(); }

 private:
  StreamHandle handle_;
};

/// A mark in a stream.
class Event {
 public:
  enum class Use { order, timing };

  explicit Event(const Device& device, Use use = Use::order);
  ~Event();
  Event(Event&& other) noexcept;
  Event& operator=(Event&& other) noexcept;

  void record(StreamHandle stream) const;
  /// What is queued in `stream` from now on waits for the mark, on the device.
  void hold(StreamHandle stream) const;
  bool done() const;
  void synchronize() const;

  /// Seconds from `begin` to `end`, both of Use::timing and done.
  static double seconds(const Event& begin, const Event& end);

 private:
  const Device* device_ = nullptr;
  CUevent raw_ = nullptr;
};

}  // namespace papilio::runtime::cuda
