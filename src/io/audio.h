/// wav, flac, ogg, mp3 and aiff by libsndfile, with checks for files cut short.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "io/signal.h"

namespace papilio::io {

/// Integer formats keep their integers (scale 1/32768 or 1/2^31), float formats their floats.
ReaderPtr open_audio(const std::string& path);

/// Throws UserError when a RIFF, RIFX, RF64, BW64 or AIFF file is shorter than its header says, or
/// an Ogg or FLAC file ends inside a page or its header. libsndfile reads such files silently.
/// A header that was never finished (sizes 0 or 0xFFFFFFFF of a recorder that was stopped or wrote
/// to a pipe) says nothing about the length: the samples then run to the end of the file.
void check_audio_length(std::span<const std::byte> file, const std::string& name);

}  // namespace papilio::io
