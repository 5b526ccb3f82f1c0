/// Helpers of the recovery tests: one recovery in a line, grids, refusals.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

#include "papilio/error.h"
#include "train/recover.h"

namespace papilio::train {

/// Expects a UserError whose message starts with `tag` and holds every one of `parts`.
inline void expect_refusal(const std::function<void()>& body,
                           std::initializer_list<std::string> parts,
                           const std::string& tag = "[recover] ") {
  try {
    body();
    ADD_FAILURE() << "was accepted";
  } catch (const UserError& error) {
    const std::string what = error.what();
    EXPECT_EQ(what.find(tag), 0u) << what;
    for (const std::string& part : parts) {
      EXPECT_NE(what.find(part), std::string::npos) << "'" << part << "' is not in: " << what;
    }
  }
}

/// PAPILIO_LONG=1 asks for the full grids.
inline bool full_grids() { return std::getenv("PAPILIO_LONG") != nullptr; }

/// PAPILIO_SHORT=1: what a sanitizer build has time for.
inline bool short_grids() { return std::getenv("PAPILIO_SHORT") != nullptr; }

/// Every transform that is a butterfly network, without n and seed.
inline std::vector<RecoverOptions> butterflies() {
  std::vector<RecoverOptions> list;
  for (const char* name :
       {"dft", "idft", "hadamard", "random-butterfly", "random-butterfly", "random-butterfly"}) {
    list.emplace_back();
    list.back().transform = name;
  }
  list[4].tying = transform::Tying::tied;
  list[5].form = transform::Form::block;
  return list;
}

inline double tolerance(DType dtype) { return dtype == DType::f32 ? 1e-6 : 1e-12; }

/// `sizes` up to 64 where grids are short.
inline std::vector<std::int64_t> sizes_here(std::vector<std::int64_t> sizes) {
  if (short_grids()) std::erase_if(sizes, [](std::int64_t n) { return n > 64; });
  return sizes;
}

/// Recovers all butterflies() of these sizes in both precisions and expects the errors to be at
/// rounding.
inline void expect_recovered(const std::string& from, const std::string& method,
                             const std::vector<std::int64_t>& sizes, std::uint64_t seeds) {
  for (RecoverOptions options : butterflies()) {
    options.from = from;
    options.method = method;
    for (const DType dtype : {DType::f32, DType::f64}) {
      options.dtype = dtype;
      for (const std::int64_t n : sizes_here(sizes)) {
        options.n = n;
        for (options.seed = 0; options.seed < seeds; ++options.seed) {
          const RecoverRow row = recover(options).row;
          EXPECT_LE(row.relative_error, tolerance(dtype))
              << row.transform << " n " << n << " seed " << row.seed << " " << name_of(dtype);
          EXPECT_TRUE(row.recovered);
          EXPECT_EQ(row.regime, "permutation known");
        }
      }
    }
  }
}

/// The row of one recovery.
inline RecoverRow row_of(const std::string& transform, std::int64_t n, const std::string& from,
                         const std::string& method, std::uint64_t seed = 0) {
  RecoverOptions options;
  options.transform = transform;
  options.n = n;
  options.from = from;
  options.method = method;
  options.seed = seed;
  return recover(options).row;
}

}  // namespace papilio::train
