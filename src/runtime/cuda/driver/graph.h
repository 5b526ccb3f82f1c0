/// Work captured once and launched as often as is wanted, by one call.
#pragma once

#include <functional>

#include "runtime/cuda/driver/stream.h"

namespace papilio::runtime::cuda {

class CapturedWork {
 public:
  /// Nothing captured yet.
  CapturedWork() = default;
  /// What `queue` queues in the stream, which does not run now. It must neither wait nor allocate,
  /// nor must, in the global mode, any other thread.
  CapturedWork(StreamHandle stream, const std::function<void()>& queue,
               CUstreamCaptureMode mode = CU_STREAM_CAPTURE_MODE_THREAD_LOCAL);
  ~CapturedWork();
  CapturedWork(CapturedWork&& other) noexcept;
  CapturedWork& operator=(CapturedWork&& other) noexcept;

  explicit operator bool() const { return exec_ != nullptr; }
  void launch(StreamHandle stream) const;

 private:
  const Device* device_ = nullptr;
  CUgraphExec exec_ = nullptr;
};

}  // namespace papilio::runtime::cuda
