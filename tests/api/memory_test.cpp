// What grows with the length is counted before the work and refused with the numbers; what does not
// grow has no limit.
#include "base/memory.h"
#include "api/support.h"

namespace papilio::testing {
namespace {

const Execution kSmall{.max_memory = 100000};

TEST(Memory, AMedianBeyondTheLimitIsRefusedWithTheNumbers) {
  const auto row = signal<float>(1, 40000);
  const WelchOptions options{.nperseg = 64, .average = Average::median};
  // 1249 segments of 33 bins of 4 bytes, twice: 330 kB.
  expect_refusal([&] { welch(row, options, kSmall); },
                 {"[psd]", "1249 frames", "330 kB", "100 kB", "--average mean", "--max-memory"});
  expect_refusal([&] { peaks(row, {.welch = options, .top = 3}, kSmall); },
                 {"[peaks]", "1249 frames", "330 kB", "100 kB"});
  EXPECT_NO_THROW(welch(row, options, {.max_memory = 400000}));
  EXPECT_NO_THROW(welch(row, options));
}

TEST(Memory, MelBeyondTheLimitIsRefusedWithTheNumbers) {
  const auto row = signal<float>(1, 40000);
  expect_refusal([&] { log_mel(row, mel_profile("whisper"), kSmall); },
                 {"[mel]", "250 frames", "160 kB", "100 kB"});
}

TEST(Memory, MeanAndMaxHaveNoLimit) {
  const auto row = signal<float>(1, 40000);
  for (const Average average : {Average::mean, Average::max}) {
    const WelchOptions options{.nperseg = 64, .average = average};
    EXPECT_NO_THROW(welch(row, options, {.max_memory = 1}));
    EXPECT_NO_THROW(peaks(row, {.welch = options, .top = 3}, {.max_memory = 1}));
  }
}

TEST(Memory, ATransformThatCannotFitIsRefused) {
  if (base::available_memory() > 250'000'000'000) GTEST_SKIP() << "this machine might hold it";
  const auto row = signal<float>(1, 1000);
  const std::int64_t absurd = std::int64_t{1} << 31;
  expect_refusal([&] { welch(row, {.n_fft = absurd}); }, {"[psd]", "2147483648", "--n-fft"});
  expect_refusal([&] { Fft<float>{absurd}; }, {"[fft]", "2147483648"});
}

}  // namespace
}  // namespace papilio::testing
