// Threads change nothing: neither those inside a call nor callers that share a plan.
#include <thread>

#include "api/support.h"

namespace papilio::testing {
namespace {

/// Calls body(i) from eight threads at once.
template <typename Body>
void from_eight_threads(Body&& body) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) threads.emplace_back([&body, i] { body(i); });
  for (std::thread& thread : threads) thread.join();
}

const std::vector<float> kData = signal<float>(23, 2000);
const View<const float> kRows(kData.data(), 23, 2000);
const WelchOptions kWelch{.nperseg = 128};

TEST(Threads, AnyNumberGivesTheSameBits) {
  for (const Average average : {Average::mean, Average::max, Average::median}) {
    WelchOptions options = kWelch;
    options.average = average;
    const auto want = welch(kRows, options, {.threads = 1});
    const auto top = peaks(kRows, {.welch = options, .top = 5}, {.threads = 1});
    for (int threads = 2; threads <= 8; ++threads) {
      EXPECT_TRUE(same_bits(welch(kRows, options, {.threads = threads}).data, want.data));
      EXPECT_TRUE(same_bits(peaks(kRows, {.welch = options, .top = 5}, {.threads = threads}).data,
                            top.data));
    }
  }
  for (const std::string name : {"whisper", "kaldi"}) {
    const auto want = log_mel(kRows, mel_profile(name), {.threads = 1});
    for (int threads = 2; threads <= 8; ++threads) {
      EXPECT_TRUE(
          same_bits(log_mel(kRows, mel_profile(name), {.threads = threads}).data, want.data));
    }
  }
}

TEST(Threads, OneLongRowGivesTheSameBits) {
  const auto row = signal<float>(1, 200000);
  const auto want = welch(row, kWelch, {.threads = 1});
  for (int threads = 2; threads <= 8; ++threads) {
    EXPECT_TRUE(same_bits(welch(row, kWelch, {.threads = threads}).data, want.data)) << threads;
  }
}

TEST(Threads, FeaturesFromEightAtOnce) {
  const auto psd = welch(kRows, kWelch);
  const auto top = peaks(kRows, {.welch = kWelch, .top = 5});
  const auto mel = log_mel(kRows, mel_profile("torchaudio"));
  from_eight_threads([&](int i) {
    const Execution execution{.threads = 1 + i % 3};
    EXPECT_TRUE(same_bits(welch(kRows, kWelch, execution).data, psd.data));
    EXPECT_TRUE(same_bits(peaks(kRows, {.welch = kWelch, .top = 5}, execution).data, top.data));
    EXPECT_TRUE(same_bits(log_mel(kRows, mel_profile("torchaudio"), execution).data, mel.data));
  });
}

// Definitions that nobody has compiled yet, more of them than are kept.
TEST(Threads, NewDefinitionsFromEightAtOnce) {
  const auto options = [](int i) {
    WelchOptions welch = kWelch;
    welch.nperseg = 40 + i;
    return welch;
  };
  std::vector<std::vector<float>> got(8 * 12);
  from_eight_threads([&](int thread) {
    for (int i = 0; i < 12; ++i) {
      got[static_cast<std::size_t>(12 * thread + i)] =
          welch(kRows, options((i + thread) % 12), {.threads = 1}).data;
    }
  });
  for (int thread = 0; thread < 8; ++thread) {
    for (int i = 0; i < 12; ++i) {
      const auto want = welch(kRows, options((i + thread) % 12), {.threads = 1}).data;
      EXPECT_TRUE(same_bits(got[static_cast<std::size_t>(12 * thread + i)], want));
    }
  }
}

TEST(Threads, OnePlanSharedByEight) {
  GraphBuilder b;
  const Node power = b.power(b.rfft(b.frame(b.input("x"), 128, 64)));
  b.output("mean", b.mean_frames(power));
  b.output("median", b.median_frames(power));
  const Graph graph = b.finish();
  for (const int inside : {1, 3}) {
    const Plan plan(graph, {.threads = inside});
    const auto run = [&plan] {
      std::vector<float> out(2 * 23 * 65);
      plan.run({kRows},
               {View<float>(out.data(), 23, 65), View<float>(out.data() + 23 * 65, 23, 65)});
      return out;
    };
    const auto want = run();
    from_eight_threads([&](int) {
      for (int round = 0; round < 3; ++round) EXPECT_TRUE(same_bits(run(), want));
    });
  }
}

TEST(Threads, OneFftSharedByEight) {
  using C = std::complex<double>;
  for (const std::int64_t n : {256, 400, 101}) {
    const auto x = signal<C>(50, n);
    const View<const C> in(x.data(), 50, n);
    std::vector<C> want(x.size());
    Fft<double>(n, {}, {.threads = 1}).run(in, View<C>(want.data(), 50, n));
    for (const int inside : {1, 4}) {
      const Fft<double> fft(n, {}, {.threads = inside});
      from_eight_threads([&](int) {
        Scratch scratch;
        for (int round = 0; round < 3; ++round) {
          std::vector<C> y(x.size());
          fft.run(in, View<C>(y.data(), 50, n), scratch);
          EXPECT_TRUE(same_bits(y, want));
        }
      });
    }
  }
}

}  // namespace
}  // namespace papilio::testing
