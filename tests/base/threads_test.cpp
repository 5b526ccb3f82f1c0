// The thread pool: every index once, static edges, errors rethrown, nesting, nothing for nothing.
#include "base/threads.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <vector>

namespace papilio::base {
namespace {

TEST(ThreadPool, VisitsEveryIndexOnceWhateverTheThreads) {
  for (const int threads : {1, 2, 3, 8}) {
    const ThreadPool pool(threads);
    for (const std::int64_t count : {1, 2, 7, 64, 1000}) {
      for (const std::int64_t grain : {1, 4, 16}) {
        std::vector<int> visits(static_cast<std::size_t>(count), 0);
        pool.split(count, grain, [&](int, std::int64_t begin, std::int64_t end) {
          EXPECT_EQ(begin % grain, 0);
          for (std::int64_t i = begin; i < end; ++i) ++visits[static_cast<std::size_t>(i)];
        });
        EXPECT_TRUE(std::all_of(visits.begin(), visits.end(), [](int n) { return n == 1; }));
      }
    }
  }
}

TEST(ThreadPool, HasNoMorePartsThanThreadsOrGrains) {
  const ThreadPool pool(8);
  std::atomic<int> parts{0};
  std::atomic<int> largest{-1};
  pool.split(20, 10, [&](int part, std::int64_t, std::int64_t) {
    ++parts;
    int seen = largest.load();
    while (part > seen && !largest.compare_exchange_weak(seen, part)) {
    }
  });
  EXPECT_EQ(parts, 2);
  EXPECT_EQ(largest, 1);
}

TEST(ThreadPool, DoesNothingForAnEmptyRange) {
  const ThreadPool pool(4);
  pool.split(0, 1, [](int, std::int64_t, std::int64_t) { FAIL(); });
}

TEST(ThreadPool, RethrowsWhatAWorkerThrows) {
  for (const int threads : {1, 4}) {
    const ThreadPool pool(threads);
    EXPECT_THROW(pool.split(100, 1,
                            [](int, std::int64_t begin, std::int64_t end) {
                              if (begin <= 50 && 50 < end) throw std::runtime_error("50");
                            }),
                 std::runtime_error);
    std::atomic<int> sum{0};
    pool.split(10, 1, [&](int, std::int64_t begin, std::int64_t end) {
      sum += static_cast<int>(end - begin);
    });
    EXPECT_EQ(sum, 10);  // still of use
  }
}

TEST(ThreadPool, SplitsMayNest) {
  const ThreadPool pool(3);
  std::atomic<int> sum{0};
  pool.split(6, 1, [&](int, std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      pool.split(5, 1, [&](int, std::int64_t first, std::int64_t last) {
        sum += static_cast<int>(last - first);
      });
    }
  });
  EXPECT_EQ(sum, 30);
}

}  // namespace
}  // namespace papilio::base
