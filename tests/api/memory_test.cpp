// Memory is counted before the work and refused with the numbers; mean and max need the same for
// any length.
#include "api/support.h"

namespace papilio::testing {
namespace {

Execution limited(std::int64_t bytes) { return {.threads = 1, .max_memory = bytes}; }

/// The least limit that is enough, found by halving.
std::int64_t least_limit(const std::function<void(const Execution&)>& body) {
  std::int64_t refused = 0, enough = std::int64_t{1} << 32;
  while (enough - refused > 1) {
    const std::int64_t middle = refused + (enough - refused) / 2;
    try {
      body(limited(middle));
      enough = middle;
    } catch (const UserError&) {
      refused = middle;
    }
  }
  return enough;
}

TEST(Memory, AMedianBeyondTheLimitIsRefusedWithTheNumbers) {
  const auto row = signal<float>(1, 40000);
  const WelchOptions options{.nperseg = 64, .average = Average::median};
  // 1249 segments of 33 bins of 4 bytes: 165 kB.
  expect_refusal(
      [&] { welch(row, options, limited(100000)); },
      {"[psd]", "1249 frames", "165 kB", "100 kB", "1 thread", "--average mean", "--max-memory"});
  expect_refusal([&] { peaks(row, {.welch = options, .top = 3}, limited(100000)); },
                 {"[peaks]", "1249 frames", "165 kB", "100 kB"});
  EXPECT_NO_THROW(welch(row, options, limited(400000)));
  EXPECT_NO_THROW(welch(row, options));
}

TEST(Memory, MelBeyondTheLimitIsRefusedWithTheNumbers) {
  const auto row = signal<float>(1, 40000);
  expect_refusal([&] { log_mel(row, mel_profile("whisper"), limited(100000)); },
                 {"[mel]", "250 frames", "result 80.0 kB", "100 kB", "--duration"});
}

TEST(Memory, OfMeanAndMaxDoesNotGrowWithTheLength) {
  const auto row = signal<float>(1, 1 << 20);
  for (const Average average : {Average::mean, Average::max}) {
    const auto need = [&](std::int64_t samples) {
      const View<const float> rows(row.data(), 1, samples);
      return least_limit([&](const Execution& execution) {
        peaks(rows, {.welch = {.nperseg = 1 << 15, .average = average}, .top = 3}, execution);
      });
    };
    const std::int64_t half = need(1 << 19);
    EXPECT_LT(need(1 << 20), half + half / 20);
  }
}

TEST(Memory, OfALongTransformIsCountedWithItsThreads) {
  const auto rows = signal<float>(100, 2000);
  const WelchOptions options{.n_fft = 1 << 18};
  const View<const float> view(rows.data(), 100, 2000);
  // The tile of one thread: lanes (scalar: 1) times some 7 values of 4 bytes per element.
  expect_refusal([&] { welch(view, options, {.threads = 2, .max_memory = 5000000}); },
                 {"[psd]", "262144", "work of 2 threads", "5.0 MB", "--threads", "--n-fft"});
}

TEST(Memory, OfAResultIsCounted) {
  const auto data = signal<float>(1, 100);
  const View<const float> many(data.data(), {100000, 64}, {0, 1});
  expect_refusal([&] { welch(many, {.nperseg = 64}, limited(10000000)); },
                 {"[psd]", "100000 rows", "result 13.2 MB", "10.0 MB", "--channels"});
  expect_refusal([&] { peaks(many, {.welch = {.nperseg = 64}, .top = 8}, limited(10000000)); },
                 {"[peaks]", "result 12.8 MB"});
}

TEST(Memory, ATransformThatCannotFitIsRefusedBeforeItsTablesAreMade) {
  const auto row = signal<float>(1, 1000);
  const std::int64_t absurd = std::int64_t{1} << 31;
  const Execution small = limited(1000000000);
  expect_refusal([&] { welch(row, {.n_fft = absurd}, small); },
                 {"[psd]", "2147483648", "34.4 GB", "1.0 GB", "--n-fft"});
  expect_refusal([&] { welch(row, {.n_fft = absurd - 1}, small); },
                 {"[psd]", "515 GB", "2, 3 and 5"});
  expect_refusal([&] { Fft<float>(absurd, {}, small); }, {"[fft]", "2147483648"});
}

}  // namespace
}  // namespace papilio::testing
