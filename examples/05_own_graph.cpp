// A feature that Papilio has no name for: how much each bin's power changes from frame to frame,
// as the logarithm of the largest over the mean. Written as a graph, compiled, run on any length.
#include <papilio/papilio.h>

#include <cmath>
#include <cstdio>
#include <numbers>
#include <vector>

papilio::Graph burstiness() {
  papilio::GraphBuilder b;
  const std::vector<double> window(256, 1.0);
  const papilio::Node x = b.input("x");  // [rows, samples]
  const papilio::Node frames = b.detrend(b.frame(x, 256, 256), papilio::Detrend::constant);
  const papilio::Node power = b.power(b.rfft(b.window(frames, window)));  // [rows, frames, 129]
  const papilio::Node mean = b.log10(b.mean_frames(power), 1e-12);        // [rows, 129]
  const papilio::Node most = b.log10(b.max_frames(power), 1e-12);
  b.output("mean", mean);
  b.output("burstiness", b.add(most, b.affine(mean, -1.0, 0.0)));
  return b.finish();
}

int main() {
  const papilio::Plan plan(burstiness(), {.threads = 1});

  // A steady tone in bin 16, and one in bin 48 that sounds for one frame of 40 only.
  std::vector<float> x;
  for (int i = 0; i < 40 * 256; ++i) {
    const double phase = 2.0 * std::numbers::pi * i / 256.0;
    const double burst = i / 256 == 7 ? std::sin(48.0 * phase) : 0.0;
    x.push_back(static_cast<float>(std::sin(16.0 * phase) + burst));
  }

  const auto shape = plan.shape(0, 1, static_cast<std::int64_t>(x.size()));  // {1, 129}
  std::vector<float> mean(129), bursts(129);
  plan.run({papilio::View<const float>(x)},
           {papilio::AnyView(mean.data(), shape), papilio::AnyView(bursts.data(), shape)});

  std::printf("%s\n%s", plan.strategy().c_str(), burstiness().text().c_str());
  std::printf("bin 16: burstiness %.3f; bin 48: %.3f\n", bursts[16], bursts[48]);
  const bool good = std::abs(bursts[16]) < 1e-3F && std::abs(bursts[48] - 1.602F) < 1e-3F;
  return good ? 0 : 1;
}
