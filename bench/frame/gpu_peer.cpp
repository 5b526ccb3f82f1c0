// cuFFT, opened at run time, between kernels compiled by NVRTC.
#include "gpu_peer.h"

#include <cmath>
#include <memory>
#include <numbers>
#include <optional>
#include <string>
#include <vector>

#include "runtime/cuda/driver/cufft.h"
#include "runtime/cuda/driver/memory.h"
#include "runtime/cuda/driver/module.h"
#include "runtime/cuda/driver/nvrtc.h"

namespace papilio::bench {
namespace {

using namespace runtime::cuda;  // NOLINT: this file speaks to the device

constexpr std::int64_t kMostBins = 257;  // 9 in each thread of a warp
constexpr std::int64_t kMostChosen = 32;
constexpr int kThreads = 256;

/// Rows are N samples of S segments apart by HOP; BINS of a spectrum, DISTANCE apart; K chosen.
constexpr const char* kKernels = R"(
extern "C" __global__ void __launch_bounds__(256) frames(float4* to, const float* rows,
                                                         const float* window, int count) {
  const int at = blockIdx.x * 256 + threadIdx.x;
  if (at >= count) return;
  const int frame = at / (N / 4), i = at % (N / 4) * 4;
  const float* const from = rows + (long long)(frame / S) * SAMPLES + frame % S * HOP + i;
  const float4 w = *reinterpret_cast<const float4*>(window + i);
  float4 x;
  if (SAMPLES % 4 == 0 && HOP % 4 == 0) {
    x = *reinterpret_cast<const float4*>(from);
  } else {
    x = {from[0], from[1], from[2], from[3]};
  }
  to[at] = {x.x * w.x, x.y * w.y, x.z * w.z, x.w * w.w};
}

extern "C" __global__ void __launch_bounds__(256) powers(float* psd, const float2* spectra,
                                                         int count) {
  const int at = blockIdx.x * 256 + threadIdx.x;
  if (at >= count) return;
  const int row = at / BINS, bin = at % BINS;
  const float2* const from = spectra + (long long)row * S * DISTANCE + bin;
  float sum = 0;
#pragma unroll 8
  for (int s = 0; s < S; ++s) {
    const float2 z = from[s * DISTANCE];
    sum += z.x * z.x + z.y * z.y;
  }
  psd[at] = bin == 0 || bin == BINS - 1 ? 0.5f * sum : sum;
}

#if K > 0
// A warp a row: each thread sorts its bins, then the largest head of all lists is taken K times.
// Powers are not negative, so their bits are in their order.
extern "C" __global__ void __launch_bounds__(256) choose(float4* chosen, const float* psd,
                                                         int rows) {
  constexpr int kOwn = (BINS + 31) / 32;
  const int row = blockIdx.x * 8 + threadIdx.x / 32, lane = threadIdx.x % 32;
  if (row >= rows) return;
  unsigned key[kOwn];
  int bin[kOwn];
#pragma unroll
  for (int i = 0; i < kOwn; ++i) {
    bin[i] = lane + 32 * i;
    key[i] = bin[i] < BINS ? __float_as_uint(psd[(long long)row * BINS + bin[i]]) : 0;
  }
#pragma unroll
  for (int turn = 0; turn < kOwn; ++turn) {
#pragma unroll
    for (int i = turn % 2; i + 1 < kOwn; i += 2) {
      const bool swap = key[i] < key[i + 1];
      const unsigned k = key[i];
      const int b = bin[i];
      key[i] = swap ? key[i + 1] : k, key[i + 1] = swap ? k : key[i + 1];
      bin[i] = swap ? bin[i + 1] : b, bin[i + 1] = swap ? b : bin[i + 1];
    }
  }
  float4 mine = {};
  for (int k = 0; k < K; ++k) {
    const unsigned most = __reduce_max_sync(~0u, key[0]);
    const int owner = __ffs(__ballot_sync(~0u, key[0] == most)) - 1;
    const int at = __shfl_sync(~0u, bin[0], owner);
    const float power = __uint_as_float(most);
    if (lane == k) mine = {float(at), power, float(at) * STEP, power};
    if (lane == owner) {
#pragma unroll
      for (int i = 0; i + 1 < kOwn; ++i) key[i] = key[i + 1], bin[i] = bin[i + 1];
      key[kOwn - 1] = 0;
    }
  }
  if (lane < K) chosen[(long long)row * K + lane] = mine;
}
#endif
)";

std::int64_t hop_of(const WelchOptions& welch) { return welch.nperseg - welch.nperseg / 2; }

/// Hann's window with the scaling of the mean of so many densities.
std::vector<float> window_of(const WelchOptions& welch, std::int64_t segments) {
  const std::int64_t n = welch.nperseg;
  std::vector<double> window;
  double power = 0.0;
  for (std::int64_t i = 0; i < n; ++i) {
    const double angle = 2.0 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(n);
    window.push_back(0.5 - 0.5 * std::cos(angle));
    power += window.back() * window.back();
  }
  const double factor = std::sqrt(2.0 / (welch.fs * power * static_cast<double>(segments)));
  std::vector<float> scaled;
  for (const double w : window) scaled.push_back(static_cast<float>(w * factor));
  return scaled;
}

KernelText kernels(const SeparateKernels& work, std::int64_t segments, std::int64_t distance) {
  const std::int64_t n = work.welch.nperseg;
  std::string text;
  const auto define = [&](const char* name, const std::string& value) {
    text += std::string("#define ") + name + " " + value + "\n";
  };
  define("N", std::to_string(n));
  define("S", std::to_string(segments));
  define("HOP", std::to_string(hop_of(work.welch)));
  define("SAMPLES", std::to_string(work.samples));
  define("BINS", std::to_string(n / 2 + 1));
  define("DISTANCE", std::to_string(distance));
  define("K", std::to_string(work.k));
  define("STEP", "float(" + std::to_string(work.welch.fs) + " / N)");
  return {"separate.cu", text + kKernels, {}, {}};
}

class Pipeline {
 public:
  Pipeline(const Device& device, const SeparateKernels& work)
      : rows_(work.rows),
        n_(work.welch.nperseg),
        segments_((work.samples - n_) / hop_of(work.welch) + 1),
        bins_(n_ / 2 + 1),
        distance_((bins_ + 1) / 2 * 2),
        selects_(work.k > 0),
        module_(device, compile_cubin(kernels(work, segments_, distance_),
                                      device.facts().compute_capability)),
        frames_kernel_(module_.kernel("frames")),
        powers_kernel_(module_.kernel("powers")),
        plan_(device, {FftKind::r2c, static_cast<int>(n_), static_cast<int>(rows_ * segments_), 0,
                       static_cast<int>(distance_)}),
        window_(device, static_cast<std::size_t>(n_) * sizeof(float)),
        frames_(device, static_cast<std::size_t>(rows_ * segments_ * n_) * sizeof(float)),
        spectra_(device,
                 static_cast<std::size_t>(rows_ * segments_ * distance_) * size_of(DType::c64)),
        psd_(device, selects_ ? static_cast<std::size_t>(rows_ * bins_) * sizeof(float) : 0) {
    if (selects_) choose_kernel_.emplace(module_.kernel("choose"));
    const std::vector<float> window = window_of(work.welch, segments_);
    const Stream stream(device);
    copy_to_device(window_.data(), window.data(), window_.size(), stream);
    stream.synchronize();
  }

  void run(CUdeviceptr in, CUdeviceptr out, StreamHandle stream) const {
    const CUdeviceptr frames = frames_.data();
    const CUdeviceptr window = window_.data();
    const CUdeviceptr spectra = spectra_.data();
    const CUdeviceptr psd = selects_ ? psd_.data() : out;
    const auto quads = static_cast<int>(rows_ * segments_ * n_ / 4);
    const auto values = static_cast<int>(rows_ * bins_);
    const auto rows = static_cast<int>(rows_);
    frames_kernel_.launch(blocks(quads), {kThreads}, 0, stream,
                          arguments(frames, in, window, quads));
    plan_.run(frames, spectra, stream);
    powers_kernel_.launch(blocks(values), {kThreads}, 0, stream, arguments(psd, spectra, values));
    if (!selects_) return;
    const int warps = kThreads / 32;
    choose_kernel_->launch({static_cast<unsigned>((rows + warps - 1) / warps)}, {kThreads}, 0,
                           stream, arguments(out, psd, rows));
  }

 private:
  static Dim3 blocks(int count) {
    return {static_cast<unsigned>((count + kThreads - 1) / kThreads)};
  }

  std::int64_t rows_;
  std::int64_t n_;
  std::int64_t segments_;
  std::int64_t bins_;
  std::int64_t distance_;
  bool selects_;
  Module module_;
  Kernel frames_kernel_;
  Kernel powers_kernel_;
  std::optional<Kernel> choose_kernel_;
  CufftPlan plan_;
  DeviceBuffer window_;
  DeviceBuffer frames_;
  DeviceBuffer spectra_;
  DeviceBuffer psd_;
};

}  // namespace

bool can_separate(const SeparateKernels& work) {
  const std::int64_t bins = work.welch.nperseg / 2 + 1;
  // Elements are counted in 32 bits.
  const bool small = work.rows * work.samples < (std::int64_t{1} << 30);
  return work.welch.nperseg % 4 == 0 && work.welch.detrend == Detrend::none && small &&
         (work.k == 0 || (bins <= kMostBins && work.k <= kMostChosen && work.k <= bins));
}

GpuLaunch separate_kernels(const Device& device, const SeparateKernels& work) {
  const auto pipeline = std::make_shared<const Pipeline>(device, work);
  return [pipeline](CUdeviceptr in, CUdeviceptr out, StreamHandle stream) {
    pipeline->run(in, out, stream);
  };
}

GpuLaunch cufft_rows(const Device& device, const FftOptions& options, std::int64_t n,
                     std::int64_t rows) {
  const FftKind kind = options.real ? FftKind::r2c : FftKind::c2c;
  const auto plan = std::make_shared<const CufftPlan>(
      device, CufftShape{kind, static_cast<int>(n), static_cast<int>(rows)});
  const FftDirection direction = options.inverse ? FftDirection::inverse : FftDirection::forward;
  return [plan, direction](CUdeviceptr in, CUdeviceptr out, StreamHandle stream) {
    plan->run(in, out, stream, direction);
  };
}

}  // namespace papilio::bench
