/// cuFFT, NVIDIA's library of Fourier transforms, loaded when it is first asked for: a peer for the
/// benches, and long transforms.
#pragma once

#include <string>

#include "runtime/cuda/driver/api.h"
#include "runtime/cuda/driver/device.h"
#include "runtime/cuda/driver/stream.h"

namespace papilio::runtime::cuda {

/// Values of cufftType; Z and D are double.
enum class FftKind : int {
  r2c = 0x2a,
  c2r = 0x2c,
  c2c = 0x29,
  d2z = 0x6a,
  z2d = 0x6c,
  z2z = 0x69,
};

enum class FftDirection : int { forward = -1, inverse = 1 };

/// Rows of transforms, dense inside a row.
struct CufftShape {
  FftKind kind = FftKind::c2c;
  int n = 0;  ///< points
  int rows = 1;
  int in_distance = 0;  ///< elements from row to row; 0: dense
  int out_distance = 0;
};

/// A plan of cuFFT with its own work memory. Unscaled in both directions. One thread at a time.
class CufftPlan {
 public:
  /// A DeviceError without cuFFT, or where cuFFT refuses.
  CufftPlan(const Device& device, const CufftShape& shape);
  ~CufftPlan();
  CufftPlan(const CufftPlan&) = delete;
  CufftPlan& operator=(const CufftPlan&) = delete;

  /// Queues one run; real kinds have one direction.
  void run(CUdeviceptr in, CUdeviceptr out, StreamHandle stream,
           FftDirection direction = FftDirection::forward) const;

 private:
  const Device* device_;
  CufftShape shape_;
  int plan_ = 0;
};

/// "12.0.0"; a DeviceError without cuFFT.
std::string cufft_version();

/// Whether cuFFT can be loaded; else `why` gets the message of the DeviceError.
bool cufft_available(std::string* why = nullptr);

}  // namespace papilio::runtime::cuda
