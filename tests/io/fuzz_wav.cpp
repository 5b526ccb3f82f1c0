// Fuzz target: the length check of audio files (the decoding itself is libsndfile's).
#include "io/audio.h"
#include "io/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace papilio::io;
  return expect_answer([&] { check_audio_length(fuzz_bytes(data, size), "fuzz"); });
}
