// Whether an audio file is as long as its header says. Only headers are touched.
#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string_view>

#include "io/audio.h"
#include "papilio/error.h"

namespace papilio::io {
namespace {

using Bytes = std::span<const std::byte>;

std::string_view text_at(Bytes file, std::size_t at, std::size_t count) {
  if (at > file.size() || count > file.size() - at) return {};
  return {reinterpret_cast<const char*>(file.data()) + at, count};
}

std::uint64_t number_at(Bytes file, std::size_t at, std::size_t count, bool big) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t from = big ? at + i : at + count - 1 - i;
    value = value << 8 | std::to_integer<std::uint64_t>(file[from]);
  }
  return value;
}

[[noreturn]] void fail_short(const std::string& name, std::uint64_t said, std::uint64_t present) {
  throw UserError("[io] " + name + " is truncated: its header says " + std::to_string(said) +
                  " bytes of samples, the file holds " + std::to_string(present) +
                  "; copy or record it again");
}

// Sizes that recorders leave behind when they cannot go back to the header: all ones (ffmpeg,
// libsndfile), 0x7FFFF000 (sox and arecord to a pipe).
bool is_unknown(std::uint64_t size) {
  return size == 0xFFFFFFFFU || size == 0x7FFFFFFFU || size == 0x7FFFF000U || size == 0x80000000U;
}

// RIFF, RIFX, RF64, BW64 ("data") and AIFF ("SSND"): chunks of {id, size, bytes, padding to even}.
void check_chunks(Bytes file, const std::string& name, bool big, std::string_view wanted) {
  const std::string_view form = text_at(file, 0, 4);
  const bool wide = form == "RF64" || form == "BW64";
  const std::uint64_t total = file.size() < 8 ? 0 : number_at(file, 4, 4, big);
  std::optional<std::uint64_t> wide_size;
  std::uint64_t at = 12;
  while (at + 8 <= file.size()) {
    const std::string_view id = text_at(file, at, 4);
    const std::uint64_t size = number_at(file, at + 4, 4, big);
    const std::uint64_t present = file.size() - (at + 8);
    if (id == "ds64" && size >= 16 && present >= 16) wide_size = number_at(file, at + 16, 8, false);
    if (id == wanted) {
      if (wide && size == 0xFFFFFFFFU && wide_size) {
        if (*wide_size > present) fail_short(name, *wide_size, present);
      } else if (!is_unknown(size) && size > present) {
        fail_short(name, size, present);
      }
      return;
    }
    if (size > present) break;
    at += 8 + size + size % 2;
  }
  if (is_unknown(total)) return;
  throw UserError("[io] " + name + " is truncated: it ends before its samples begin; copy or " +
                  "record it again");
}

// The last Ogg page must be whole: header, table of segments, segments.
void check_ogg(Bytes file, const std::string& name) {
  const std::string_view text = text_at(file, 0, file.size());
  const std::size_t page = text.rfind("OggS");
  constexpr std::size_t fixed = 27;
  const std::size_t present = file.size() - page;
  std::uint64_t needed = fixed;
  if (present >= fixed) {
    const std::size_t segments = std::to_integer<std::size_t>(file[page + 26]);
    needed += segments;
    for (std::size_t i = 0; i < segments && fixed + i < present; ++i) {
      needed += std::to_integer<std::uint64_t>(file[page + fixed + i]);
    }
  }
  if (needed > present) {
    throw UserError("[io] " + name + " is truncated: its last Ogg page lacks " +
                    std::to_string(needed - present) + " bytes; copy or record it again");
  }
}

}  // namespace

void check_audio_length(Bytes file, const std::string& name) {
  const std::string_view form = text_at(file, 0, 4);
  const std::string_view type = text_at(file, 8, 4);
  if ((form == "RIFF" || form == "RF64" || form == "BW64") && type == "WAVE") {
    check_chunks(file, name, false, "data");
  } else if (form == "RIFX" && type == "WAVE") {
    check_chunks(file, name, true, "data");
  } else if (form == "FORM" && (type == "AIFF" || type == "AIFC")) {
    check_chunks(file, name, true, "SSND");
  } else if (form == "OggS") {
    check_ogg(file, name);
  } else if (form == "fLaC" && file.size() < 42) {
    throw UserError("[io] " + name + " is truncated: it ends inside its FLAC header; copy or " +
                    "record it again");
  }
}

}  // namespace papilio::io
