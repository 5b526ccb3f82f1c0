/// Tests on the driver of fake_driver.cpp: two GPUs of compute capability 9.0 with 1 GiB each.
#pragma once

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "papilio/error.h"
#include "runtime/cuda/driver/device.h"
#include "runtime/cuda/fake_driver.h"

namespace papilio::test {

/// The library that tests load, made the process's driver at the first call.
inline FakeCuda& fake() {
  static FakeCuda& state = [&]() -> FakeCuda& {
    setenv("PAPILIO_CUDA_DRIVER", PAPILIO_FAKE_CUDA, 1);
    void* const library = dlopen(PAPILIO_FAKE_CUDA, RTLD_NOW);
    if (library == nullptr) throw InternalError(dlerror());
    return *reinterpret_cast<decltype(&fake_cuda)>(dlsym(library, "fake_cuda"))();
  }();
  return state;
}

/// Starts each test without counts and failures, and ends it without anything left behind.
class OnFakeCuda : public testing::Test {
 protected:
  void SetUp() override {
    fake() = FakeCuda{};
    fake().free_bytes = kFakeMemory;
    device = &runtime::cuda::Device::get(0);
  }
  void TearDown() override {
    EXPECT_EQ(fake().live_blocks, 0);
    EXPECT_EQ(fake().live_modules, 0);
    EXPECT_EQ(fake().live_streams, 0);
    EXPECT_EQ(fake().live_events, 0);
  }

  const runtime::cuda::Device* device = nullptr;
};

/// The message of the Error that `action` throws.
template <typename E, typename F>
std::string message_of(F action) {
  try {
    action();
  } catch (const E& error) {
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

inline void expect_words(const std::string& text, std::initializer_list<const char*> words) {
  for (const char* word : words) {
    EXPECT_NE(text.find(word), std::string::npos) << "no \"" << word << "\" in: " << text;
  }
}

}  // namespace papilio::test
