/// Where the rows of a training come from: noise, windows of recordings, or the user's pairs; and,
/// where the user gives a matrix, what they should become. A batch depends on what it is for, its
/// seed and its number alone.
#pragma once

#include <complex>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "train/batch.h"
#include "train/noise.h"
#include "transform/matrix.h"

namespace papilio::train {

/// Channels of files, one after the other. Windows of training lie in the first nine tenths of each
/// and those of validation in its last tenth, so that they never share a sample.
struct Recordings {
  std::vector<std::vector<std::complex<float>>> channels;
  bool complex = false;  ///< whether some file holds complex samples
};

/// A value: copies share what they hold.
struct Data {
  using Pairs = Batch;  ///< rows and their targets; the last tenth (one at least) is held out
  std::variant<Noise, std::shared_ptr<const Recordings>, std::shared_ptr<const Pairs>> source =
      Noise::white;
  std::shared_ptr<const transform::Matrix> matrix = {};  ///< n x n: targets are matrix x

  /// Whether batches hold their targets.
  bool brings_targets() const { return matrix != nullptr || pairs() != nullptr; }
  const Pairs* pairs() const;
  const Recordings* recordings() const;
};

/// Data of pairs in memory.
Data pair_data(Batch pairs);

/// Those that are not held out.
std::int64_t training_pairs(const Data::Pairs& pairs);

/// Throws UserError for what cannot serve rows of n values (`real`: real ones): recordings shorter
/// than 10 n samples, silent or complex ones, a matrix or pairs of another size.
void validate(const Data& data, std::int64_t n, bool real);

/// `rows` rows of n values (held-out pairs: as many as there are), from stack `number` of `seed`.
/// Noise has streams of its own for each split; recordings and pairs serve validation and test from
/// the same held-out part. `data` must be valid.
Batch draw(const Data& data, Split split, std::uint64_t seed, std::uint64_t number,
           std::int64_t rows, std::int64_t n, bool real);

/// What tells data apart: their kind, and a hash of what they hold.
std::string fingerprint(const Data& data);

/// Of these bytes (FNV-1a, Fowler, Noll and Vo), going on from `hash`.
std::uint64_t hash_of(const void* bytes, std::size_t count,
                      std::uint64_t hash = 0xcbf2'9ce4'8422'2325U);

}  // namespace papilio::train
