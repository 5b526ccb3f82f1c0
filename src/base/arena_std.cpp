// Threads of the standard library, started for each run.
#include <algorithm>
#include <exception>
#include <thread>
#include <vector>

#include "base/arena.h"

namespace papilio::base {

struct Arena::Impl {};

Arena::Arena(int) {}
Arena::~Arena() = default;

int Arena::hardware_threads() {
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

void Arena::run(int parts, FunctionRef<void(int)> part) const {
  std::vector<std::exception_ptr> errors(static_cast<std::size_t>(parts));
  std::vector<std::thread> threads;
  for (int number = 0; number < parts; ++number) {
    threads.emplace_back([&, number] {
      try {
        part(number);
      } catch (...) {
        errors[static_cast<std::size_t>(number)] = std::current_exception();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::exception_ptr& error : errors) {
    if (error) std::rethrow_exception(error);
  }
}

}  // namespace papilio::base
