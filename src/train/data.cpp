// Rows of recordings and pairs; noise is in noise.cpp.
#include "train/data.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>

#include "papilio/error.h"

namespace papilio::train {
namespace {

// Of a channel, the part that no training sees.
constexpr std::int64_t kHeldOut = 10;

[[noreturn]] void fail(const std::string& what) { throw UserError("[train] " + what); }

/// Samples of a channel that a split may draw from: [begin, end).
struct Range {
  std::int64_t begin = 0, end = 0;
};

Range range_of(std::int64_t samples, Split split) {
  const std::int64_t cut = samples - samples / kHeldOut;
  return split == Split::training ? Range{0, cut} : Range{cut, samples};
}

/// One window, each place where one fits being as likely as any other.
void append_window(const Recordings& recordings, Split split, base::Rng& rng, std::int64_t n,
                   std::vector<Complex>& values) {
  const auto places = [&](const auto& channel) {
    const Range range = range_of(std::ssize(channel), split);
    return range.end - range.begin - n + 1;
  };
  std::int64_t all = 0;
  for (const auto& channel : recordings.channels) all += places(channel);
  auto place = static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(all)));
  for (const auto& channel : recordings.channels) {
    if (place >= places(channel)) {
      place -= places(channel);
      continue;
    }
    const auto from = channel.begin() + range_of(std::ssize(channel), split).begin + place;
    values.insert(values.end(), from, from + n);
    return;
  }
}

std::int64_t held_pairs(const Batch& pairs) {
  return std::max<std::int64_t>(1, pairs.rows / kHeldOut);
}

void append_pair(const Batch& pairs, std::int64_t row, std::int64_t n, Batch& batch) {
  const auto copy = [&](const std::vector<Complex>& source, std::vector<Complex>& out) {
    out.insert(out.end(), source.begin() + row * n, source.begin() + (row + 1) * n);
  };
  copy(pairs.inputs, batch.inputs);
  copy(pairs.targets, batch.targets);
  ++batch.rows;
}

Batch drawn_pairs(const Batch& pairs, Split split, base::Rng rng, std::int64_t rows,
                  std::int64_t n) {
  const std::int64_t known = training_pairs(pairs);
  Batch batch;
  if (split != Split::training) rows = std::min(rows, held_pairs(pairs));
  for (std::int64_t i = 0; i < rows; ++i) {
    const bool training = split == Split::training;
    const auto drawn = [&] { return rng.below(static_cast<std::uint64_t>(known)); };
    append_pair(pairs, training ? static_cast<std::int64_t>(drawn()) : known + i, n, batch);
  }
  return batch;
}

std::vector<Complex> times(const transform::Matrix& matrix, const Batch& batch) {
  using RowMajor = Eigen::Matrix<Complex, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  std::vector<Complex> targets(batch.inputs.size());
  const Eigen::Map<const RowMajor> a(matrix.values.data(), matrix.rows, matrix.columns);
  const Eigen::Map<const RowMajor> x(batch.inputs.data(), batch.rows, matrix.columns);
  Eigen::Map<RowMajor>(targets.data(), batch.rows, matrix.rows).noalias() = x * a.transpose();
  return targets;
}

void check_recordings(const Recordings& recordings, std::int64_t n, bool real) {
  if (recordings.channels.empty()) fail("there is no recording; give --data FILE");
  if (real && recordings.complex) {
    fail("the recordings are complex, and what is trained takes real signals; give real ones");
  }
  bool silent = true;
  for (const auto& channel : recordings.channels) {
    if (std::ssize(channel) / kHeldOut < n) {
      fail("a recording has " + std::to_string(channel.size()) + " samples a channel; windows of " +
           std::to_string(n) + " need " + std::to_string(kHeldOut * n) +
           ", since its last tenth is held out; give a longer one");
    }
    for (const std::complex<float> value : channel) {
      if (!std::isfinite(value.real()) || !std::isfinite(value.imag())) {
        fail("a recording holds a sample that is not finite; leave that part out");
      }
    }
    const auto held = channel.begin() + range_of(std::ssize(channel), Split::validation).begin;
    silent = silent && std::all_of(held, channel.end(), [](auto value) { return value == 0.0F; });
  }
  if (silent) fail("the last tenth of the recordings, which is held out, is silent; give others");
}

void check_numbers(const std::vector<Complex>& values, const std::string& what, bool real) {
  for (const Complex value : values) {
    if (!std::isfinite(value.real()) || !std::isfinite(value.imag())) {
      fail(what + " hold a number that is not finite; leave it out");
    }
    if (real && value.imag() != 0.0) {
      fail(what + " are complex, and what is trained is real; give real ones");
    }
  }
}

void check_pairs(const Batch& pairs, std::int64_t n, bool real) {
  if (pairs.rows < 2) fail("training on pairs needs two of them at least");
  const auto count = static_cast<std::size_t>(pairs.rows * n);
  if (pairs.inputs.size() != count || pairs.targets.size() != count) {
    fail(std::to_string(pairs.rows) + " pairs of " + std::to_string(n) + " points need " +
         std::to_string(n) +
         " inputs and as many outputs a row; give --n-fft as the pairs have it");
  }
  check_numbers(pairs.inputs, "the inputs", real);
  check_numbers(pairs.targets, "the outputs", real);
}

}  // namespace

const Data::Pairs* Data::pairs() const {
  const auto* held = std::get_if<std::shared_ptr<const Pairs>>(&source);
  return held == nullptr ? nullptr : held->get();
}

const Recordings* Data::recordings() const {
  const auto* held = std::get_if<std::shared_ptr<const Recordings>>(&source);
  return held == nullptr ? nullptr : held->get();
}

std::int64_t training_pairs(const Data::Pairs& pairs) { return pairs.rows - held_pairs(pairs); }

Data pair_data(Batch pairs) { return {std::make_shared<const Batch>(std::move(pairs)), {}}; }

void validate(const Data& data, std::int64_t n, bool real) {
  if (data.recordings() != nullptr) check_recordings(*data.recordings(), n, real);
  if (data.pairs() != nullptr) check_pairs(*data.pairs(), n, real);
  if (data.matrix == nullptr) return;
  if (data.matrix->rows != n || data.matrix->columns != n) {
    fail("the matrix is " + std::to_string(data.matrix->rows) + " x " +
         std::to_string(data.matrix->columns) + "; networks of " + std::to_string(n) +
         " points need " + std::to_string(n) + " x " + std::to_string(n));
  }
  check_numbers(data.matrix->values, "the matrix's numbers", real);
  const auto zero = [](Complex value) { return value == 0.0; };
  if (std::all_of(data.matrix->values.begin(), data.matrix->values.end(), zero)) {
    fail("the matrix is zero, so that there is nothing to learn; give another");
  }
}

Batch draw(const Data& data, Split split, std::uint64_t seed, std::uint64_t number,
           std::int64_t rows, std::int64_t n, bool real) {
  Batch batch;
  if (data.pairs() != nullptr) {
    return drawn_pairs(*data.pairs(), split, stream_of(split, seed, number), rows, n);
  }
  if (data.recordings() != nullptr) {
    base::Rng rng = stream_of(split, seed, number);
    batch.rows = rows;
    batch.inputs.reserve(static_cast<std::size_t>(rows * n));
    for (std::int64_t i = 0; i < rows; ++i) {
      append_window(*data.recordings(), split, rng, n, batch.inputs);
    }
  } else {
    batch = noise_batch(std::get<Noise>(data.source), split, seed, number, rows, n, real);
  }
  if (data.matrix != nullptr) batch.targets = times(*data.matrix, batch);
  return batch;
}

std::uint64_t hash_of(const void* bytes, std::size_t count, std::uint64_t hash) {
  const auto* at = static_cast<const unsigned char*>(bytes);
  for (std::size_t i = 0; i < count; ++i) hash = (hash ^ at[i]) * 0x0000'0100'0000'01b3U;
  return hash;
}

std::string fingerprint(const Data& data) {
  std::uint64_t hash = hash_of(nullptr, 0);
  const auto add = [&](const auto& values) {
    hash = hash_of(values.data(), values.size() * sizeof(values[0]), hash);
  };
  std::string text;
  if (data.recordings() != nullptr) {
    text = "recordings ";
    for (const auto& channel : data.recordings()->channels) add(channel);
  } else if (data.pairs() != nullptr) {
    text = "pairs ";
    add(data.pairs()->inputs);
    add(data.pairs()->targets);
  } else {
    text = noise_names()[static_cast<std::size_t>(std::get<Noise>(data.source))] + " ";
  }
  if (data.matrix != nullptr) add(data.matrix->values);
  return text + std::to_string(hash);
}

}  // namespace papilio::train
