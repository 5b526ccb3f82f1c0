// Capture, instantiation, launch.
#include "runtime/cuda/driver/graph.h"

#include <utility>

#include "runtime/cuda/driver/driver.h"

namespace papilio::runtime::cuda {

CapturedWork::CapturedWork(StreamHandle stream, const std::function<void()>& queue,
                           CUstreamCaptureMode mode)
    : device_(stream.device) {
  const UseContext use(*device_);
  const std::string& name = device_->facts().name;
  CUgraph graph = nullptr;
  check(driver().cuStreamBeginCapture(stream.raw, mode), "cuStreamBeginCapture", name);
  try {
    queue();
  } catch (...) {
    driver().cuStreamEndCapture(stream.raw, &graph);
    if (graph != nullptr) driver().cuGraphDestroy(graph);
    throw;
  }
  check(driver().cuStreamEndCapture(stream.raw, &graph), "cuStreamEndCapture", name);
  const CUresult made = driver().cuGraphInstantiate(&exec_, graph, 0);
  driver().cuGraphDestroy(graph);
  check(made, "cuGraphInstantiate", name);
}

CapturedWork::~CapturedWork() {
  if (exec_ == nullptr) return;
  const UseContext use(*device_);
  driver().cuGraphExecDestroy(exec_);
}

CapturedWork::CapturedWork(CapturedWork&& other) noexcept
    : device_(std::exchange(other.device_, nullptr)), exec_(std::exchange(other.exec_, nullptr)) {}

CapturedWork& CapturedWork::operator=(CapturedWork&& other) noexcept {
  std::swap(device_, other.device_);
  std::swap(exec_, other.exec_);
  return *this;
}

void CapturedWork::launch(StreamHandle stream) const {
  const UseContext use(*device_);
  check(driver().cuGraphLaunch(exec_, stream.raw), "cuGraphLaunch", device_->facts().name);
}

}  // namespace papilio::runtime::cuda
