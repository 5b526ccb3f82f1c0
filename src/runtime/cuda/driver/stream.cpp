// Streams and events: each call makes its device's context current for itself.
#include "runtime/cuda/driver/stream.h"

#include <utility>

#include "runtime/cuda/driver/driver.h"

namespace papilio::runtime::cuda {

void StreamHandle::synchronize() const {
  const UseContext use(*device);
  check(driver().cuStreamSynchronize(raw), "cuStreamSynchronize", device->facts().name);
}

bool StreamHandle::capturing() const {
  const UseContext use(*device);
  CUstreamCaptureStatus status{};
  check(driver().cuStreamIsCapturing(raw, &status), "cuStreamIsCapturing", device->facts().name);
  return status != CU_STREAM_CAPTURE_STATUS_NONE;
}

Stream::Stream(const Device& device) {
  const UseContext use(device);
  check(driver().cuStreamCreate(&handle_.raw, CU_STREAM_NON_BLOCKING), "cuStreamCreate",
        device.facts().name);
  handle_.device = &device;
}

Stream::~Stream() {
  if (handle_.device == nullptr) return;
  const UseContext use(*handle_.device);
  driver().cuStreamDestroy(handle_.raw);
}

Stream::Stream(Stream&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}

Stream& Stream::operator=(Stream&& other) noexcept {
  std::swap(handle_, other.handle_);
  return *this;
}

Event::Event(const Device& device, Use use) {
  const UseContext context(device);
  const unsigned flags = use == Use::timing ? CU_EVENT_DEFAULT : CU_EVENT_DISABLE_TIMING;
  check(driver().cuEventCreate(&raw_, flags), "cuEventCreate", device.facts().name);
  device_ = &device;
}

Event::~Event() {
  if (device_ == nullptr) return;
  const UseContext use(*device_);
  driver().cuEventDestroy(raw_);
}

Event::Event(Event&& other) noexcept
    : device_(std::exchange(other.device_, nullptr)), raw_(std::exchange(other.raw_, nullptr)) {}

Event& Event::operator=(Event&& other) noexcept {
  std::swap(device_, other.device_);
  std::swap(raw_, other.raw_);
  return *this;
}

void Event::record(StreamHandle stream) const {
  const UseContext use(*device_);
  check(driver().cuEventRecord(raw_, stream.raw), "cuEventRecord", device_->facts().name);
}

void Event::hold(StreamHandle stream) const {
  const UseContext use(*stream.device);
  check(driver().cuStreamWaitEvent(stream.raw, raw_, 0), "cuStreamWaitEvent",
        stream.device->facts().name);
}

bool Event::done() const {
  const UseContext use(*device_);
  const CUresult result = driver().cuEventQuery(raw_);
  if (result == CUDA_ERROR_NOT_READY) return false;
  check(result, "cuEventQuery", device_->facts().name);
  return true;
}

void Event::synchronize() const {
  const UseContext use(*device_);
  check(driver().cuEventSynchronize(raw_), "cuEventSynchronize", device_->facts().name);
}

double Event::seconds(const Event& begin, const Event& end) {
  const UseContext use(*begin.device_);
  float milliseconds = 0.0F;
  check(driver().cuEventElapsedTime(&milliseconds, begin.raw_, end.raw_), "cuEventElapsedTime",
        begin.device_->facts().name);
  return 1e-3 * static_cast<double>(milliseconds);
}

}  // namespace papilio::runtime::cuda
