// Reading of matrices and windows.
#include "signal_rows.h"

#include "io/convert.h"
#include "io/open.h"
#include "papilio/error.h"

namespace papilio::app {
namespace {

// As complex numbers in double a gibibyte.
constexpr std::int64_t kMostNumbers = std::int64_t{1} << 26;
// As complex numbers in single a gibibyte.
constexpr std::int64_t kMostSamples = std::int64_t{1} << 27;
constexpr std::int64_t kChunk = std::int64_t{1} << 16;

std::vector<std::complex<double>> row_of(const io::Block& block, std::int64_t row) {
  std::vector<std::complex<double>> values;
  values.reserve(static_cast<std::size_t>(block.samples()));
  io::with_type(block.view.dtype, [&](auto type) {
    for (std::int64_t i = 0; i < block.samples(); ++i) {
      values.push_back(block.view.scale *
                       io::widen(io::element<decltype(type)>(block.view, row, i)));
    }
  });
  return values;
}

}  // namespace

transform::Matrix read_matrix(const std::string& verb, const std::string& path) {
  io::OpenOptions options;
  options.wide_integers = true;
  const io::ReaderPtr reader = io::open_signal(path, options);
  const std::int64_t rows = reader->info().rows;
  const std::int64_t columns = reader->info().samples;
  if (columns > 0 && rows > kMostNumbers / columns) {
    throw UserError("[" + verb + "] " + path + " has " + std::to_string(rows) + " x " +
                    std::to_string(columns) + " numbers, more than 2^26; give a smaller matrix");
  }
  transform::Matrix matrix(rows, columns);
  io::Block block;
  if (reader->read(columns, block) != columns) {
    throw UserError("[" + verb + "] " + path + " has no numbers; give a matrix");
  }
  auto at = matrix.values.begin();
  for (std::int64_t row = 0; row < rows; ++row) {
    for (const std::complex<double> value : row_of(block, row)) *at++ = value;
  }
  return matrix;
}

Windows read_windows(const std::string& verb, const std::string& path, std::int64_t n,
                     std::int64_t most) {
  const io::ReaderPtr reader = io::open_signal(path);
  if (reader->info().samples < n) {
    throw UserError("[" + verb + "] " + path + " has " + std::to_string(reader->info().samples) +
                    " samples a row, and the model takes " + std::to_string(n) +
                    "; give a longer recording");
  }
  Windows windows;
  windows.complex = is_complex(reader->info().dtype);
  io::Block block;
  while (static_cast<std::int64_t>(windows.rows.size()) < most && reader->read(n, block) == n) {
    for (std::int64_t row = 0; row < reader->info().rows; ++row) {
      if (static_cast<std::int64_t>(windows.rows.size()) == most) break;
      windows.rows.push_back(row_of(block, row));
    }
  }
  return windows;
}

train::Recordings read_recordings(const std::string& verb, const std::vector<std::string>& paths,
                                  std::int64_t n) {
  train::Recordings recordings;
  std::int64_t held = 0;
  for (const std::string& path : paths) {
    const io::ReaderPtr reader = io::open_signal(path);
    const io::SignalInfo& info = reader->info();
    if (info.samples / 10 < n) {
      throw UserError("[" + verb + "] " + path + " has " + std::to_string(info.samples) +
                      " samples a row; windows of " + std::to_string(n) + " need " +
                      std::to_string(10 * n) +
                      ", since its last tenth is held out; give a longer recording");
    }
    if (info.rows > (kMostSamples - held) / info.samples) {
      throw UserError("[" + verb + "] with " + path +
                      " the recordings have more than 2^27 samples; give fewer");
    }
    held += info.rows * info.samples;
    recordings.complex = recordings.complex || is_complex(info.dtype);
    const std::size_t first = recordings.channels.size();
    recordings.channels.resize(first + static_cast<std::size_t>(info.rows));
    io::Block block;
    while (reader->read(kChunk, block) > 0) {
      for (std::int64_t row = 0; row < info.rows; ++row) {
        auto& channel = recordings.channels[first + static_cast<std::size_t>(row)];
        for (const std::complex<double> value : row_of(block, row)) channel.emplace_back(value);
      }
    }
  }
  return recordings;
}

}  // namespace papilio::app
