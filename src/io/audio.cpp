// Audio files through libsndfile: integer formats keep their integers, so that nothing is rounded
// before the first kernel.
#include "io/audio.h"

#include <sndfile.h>

#include <algorithm>
#include <cstring>

#include "base/buffer.h"
#include "io/mapped_file.h"
#include "papilio/error.h"

namespace papilio::io {
namespace {

struct CloseFile {
  void operator()(SNDFILE* file) const { sf_close(file); }
};

// libsndfile tells its own bookkeeping ("Internal error : ...") where a header makes no sense.
std::string reason_of(const char* told) {
  const std::string text = told;
  return text.starts_with("Internal error") ? "its header makes no sense" : text;
}

std::string kind_of_format(int format) {
  switch (format & SF_FORMAT_TYPEMASK) {
    case SF_FORMAT_WAV:
    case SF_FORMAT_WAVEX:
    case SF_FORMAT_RF64:
      return "wav";
    case SF_FORMAT_FLAC:
      return "flac";
    case SF_FORMAT_OGG:
      return "ogg";
    case SF_FORMAT_MPEG:
      return "mp3";
    case SF_FORMAT_AIFF:
      return "aiff";
    default:
      return "";
  }
}

// Type of the chunks: the narrowest in which libsndfile delivers the stored values exactly.
DType dtype_of_format(int format) {
  switch (format & SF_FORMAT_SUBMASK) {
    case SF_FORMAT_PCM_S8:
    case SF_FORMAT_PCM_U8:
    case SF_FORMAT_PCM_16:
    case SF_FORMAT_ULAW:
    case SF_FORMAT_ALAW:
    case SF_FORMAT_IMA_ADPCM:
    case SF_FORMAT_MS_ADPCM:
    case SF_FORMAT_GSM610:
      return DType::i16;
    case SF_FORMAT_PCM_24:
    case SF_FORMAT_PCM_32:
      return DType::i32;
    case SF_FORMAT_DOUBLE:
      return DType::f64;
    default:
      return DType::f32;
  }
}

class AudioReader : public SignalReader {
 public:
  explicit AudioReader(const std::string& path) {
    {
      // Mapped only for the checks; libsndfile reads with its own buffers.
      const MappedFile mapped(path);
      check_audio_length(mapped.bytes(), path);
    }
    SF_INFO facts{};
    file_.reset(sf_open(path.c_str(), SFM_READ, &facts));
    const std::string kind = file_ ? kind_of_format(facts.format) : "";
    if (!file_) {
      throw UserError("[io] " + path + " is not a readable audio file (" +
                      reason_of(sf_strerror(nullptr)) +
                      "); give wav, flac, ogg, mp3, aiff, .npy or .csv");
    }
    if (kind.empty()) {
      throw UserError("[io] " + path +
                      ": this audio format is not read; convert it to wav or flac");
    }
    // FLAC from a pipe and mp3 only tell their length by being decoded.
    if (kind == "mp3" || facts.frames == SF_COUNT_MAX) facts.frames = count_frames(facts.channels);
    if (facts.channels < 1) throw UserError("[io] " + path + " has no channels; record it again");
    if (facts.frames < 1) {
      throw UserError("[io] " + path + " holds no samples; copy or record it again");
    }
    info_.path = path;
    info_.kind = kind;
    info_.rows = facts.channels;
    info_.samples = facts.frames;
    if (facts.samplerate > 0) info_.fs = facts.samplerate;
    info_.dtype = dtype_of_format(facts.format);
    info_.scale = info_.dtype == DType::i16   ? 1.0 / 32768.0
                  : info_.dtype == DType::i32 ? 1.0 / 2147483648.0
                                              : 1.0;
    info_.names = default_names(info_.rows);
    info_.leading_axes = {info_.rows};
  }

  std::int64_t read(std::int64_t max_samples, Block& out) override {
    const std::int64_t count = std::clamp<std::int64_t>(max_samples, 0, info_.samples - position_);
    const std::int64_t width = static_cast<std::int64_t>(size_of(info_.dtype));
    samples_.reserve(static_cast<std::size_t>(count * info_.rows * width));
    if (count > 0) {
      const std::int64_t got = deliver(count);
      if (got != count) fail_short(position_ + got);
    }
    out.view = base::TensorView();
    out.view.data = samples_.data();
    out.view.dtype = info_.dtype;
    out.view.rank = 2;
    out.view.shape = {info_.rows, count};
    out.view.byte_strides = {width, width * info_.rows};
    out.view.scale = info_.scale;
    out.start = position_;
    position_ += count;
    return count;
  }

  void seek(std::int64_t sample) override {
    position_ = std::clamp<std::int64_t>(sample, 0, info_.samples);
    if (position_ < info_.samples && sf_seek(file_.get(), position_, SEEK_SET) != position_) {
      throw UserError("[io] " + info_.path + ": cannot go to sample " + std::to_string(position_) +
                      " (" + sf_strerror(file_.get()) + "); convert it to wav or flac");
    }
  }

 private:
  std::int64_t count_frames(int channels) {
    constexpr std::int64_t step = 65536;
    base::Buffer<float> discarded(static_cast<std::size_t>(step * channels));
    std::int64_t total = 0;
    while (const std::int64_t got = sf_readf_float(file_.get(), discarded.data(), step)) {
      total += got;
    }
    sf_seek(file_.get(), 0, SEEK_SET);
    return total;
  }

  std::int64_t deliver(std::int64_t count) {
    void* to = samples_.data();
    switch (info_.dtype) {
      case DType::i16:
        return sf_readf_short(file_.get(), static_cast<short*>(to), count);
      case DType::i32:
        return sf_readf_int(file_.get(), static_cast<int*>(to), count);
      case DType::f64:
        return sf_readf_double(file_.get(), static_cast<double*>(to), count);
      default:
        return sf_readf_float(file_.get(), static_cast<float*>(to), count);
    }
  }

  [[noreturn]] void fail_short(std::int64_t decoded) const {
    throw UserError("[io] " + info_.path + " is truncated or damaged: its header says " +
                    std::to_string(info_.samples) + " samples, decoding stopped after sample " +
                    std::to_string(decoded) + "; copy or record it again");
  }

  std::unique_ptr<SNDFILE, CloseFile> file_;
  std::int64_t position_ = 0;
  base::Buffer<std::byte> samples_;
};

}  // namespace

ReaderPtr open_audio(const std::string& path) { return std::make_unique<AudioReader>(path); }

}  // namespace papilio::io
