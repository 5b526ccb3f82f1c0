// Two parts of the thread pool add to one plain counter: ThreadSanitizer must report it. The test
// passes only if the report appears (tests/CMakeLists.txt), so that a clean run of the other
// threaded tests means something.
#include <cstdint>
#include <iostream>

#include "base/threads.h"

int main() {
  std::int64_t shared = 0;
  const papilio::base::ThreadPool pool(2);
  pool.split(2000, 1, [&](int, std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) shared += i;
  });
  std::cout << "sum " << shared << '\n';
}
