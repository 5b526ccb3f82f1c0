// Stages of butterfly networks on tiles against plain loops in double: every radix, form, reading
// and width.
#include "kernels/tile_blocks.h"

#include <complex>
#include <numbers>
#include <numeric>

#include "kernels/fft_support.h"

namespace papilio::kernels {
namespace {

using Complex = std::complex<double>;

class TileBlocks : public EveryIsa {};

/// A stage, its table as doubles, and the matrices that the table stands for.
struct PlainStage {
  TileStageShape shape;
  bool twiddles = false, transposed = false;
  std::vector<double> table;

  PlainStage(int radix, std::int64_t stride, std::int64_t groups, bool of_twiddles, bool transpose)
      : shape{radix, stride, groups},
        twiddles(of_twiddles),
        transposed(transpose),
        table(random_values(2 * blocks() * per_block(), 1)) {}
  std::int64_t blocks() const { return shape.stride * shape.groups; }
  std::int64_t per_block() const { return twiddles ? shape.radix - 1 : shape.radix * shape.radix; }
  std::int64_t n() const { return blocks() * shape.radix; }
  std::int64_t element(std::int64_t block, std::int64_t j) const {
    const std::int64_t m = shape.stride;
    return shape.radix * m * (block / m) + m * j + block % m;
  }
  Complex held(std::int64_t block, std::int64_t i) const {
    const auto at = static_cast<std::size_t>(2 * (block * per_block() + i));
    return {table[at], table[at + 1]};
  }
  /// dM_qj by the number that it is a multiple of.
  Complex factor(std::int64_t q, std::int64_t j) const {
    const double turn = double(q * j % shape.radix) / shape.radix;
    return twiddles ? std::polar(1.0, -2 * std::numbers::pi * turn) : 1.0;
  }
  Complex entry(std::int64_t block, std::int64_t q, std::int64_t j) const {
    if (!twiddles) return held(block, q * shape.radix + j);
    return j == 0 ? 1.0 : factor(q, j) * held(block, j - 1);
  }
  /// Calls body(block, q, j, element of the result, element of the input).
  template <class Body>
  void for_entries(Body&& body) const {
    for (std::int64_t block = 0; block < blocks(); ++block) {
      for (std::int64_t q = 0; q < shape.radix; ++q) {
        for (std::int64_t j = 0; j < shape.radix; ++j) {
          const std::int64_t row = element(block, q), column = element(block, j);
          body(block, q, j, transposed ? column : row, transposed ? row : column);
        }
      }
    }
  }
};

/// [element][lane], complex; lanes from `rows` on are zero.
struct Tile {
  Tile(std::int64_t elements, std::int64_t width, std::int64_t rows, unsigned seed)
      : lanes(width), values(static_cast<std::size_t>(elements * width)) {
    const std::vector<double> numbers = random_values(2 * elements * rows, seed);
    for (std::int64_t e = 0, i = 0; e < elements; ++e) {
      for (std::int64_t lane = 0; lane < rows; ++lane, i += 2) {
        at(e, lane) = {numbers[static_cast<std::size_t>(i)],
                       numbers[static_cast<std::size_t>(i + 1)]};
      }
    }
  }
  Complex& at(std::int64_t e, std::int64_t lane) {
    return values[static_cast<std::size_t>(e * lanes + lane)];
  }
  std::int64_t lanes;
  std::vector<Complex> values;
};

/// A tile as kernels take it.
template <typename T>
struct Planes {
  explicit Planes(const std::vector<Complex>& values) {
    for (const Complex& value : values) {
      re.push_back(static_cast<T>(value.real()));
      im.push_back(static_cast<T>(value.imag()));
    }
  }
  Target<T> target() { return {re.data(), im.data()}; }
  std::vector<double> pairs() const {
    std::vector<double> both;
    for (std::size_t i = 0; i < re.size(); ++i) {
      both.push_back(static_cast<double>(re[i]));
      both.push_back(static_cast<double>(im[i]));
    }
    return both;
  }
  std::vector<T> re, im;
};

std::vector<double> as_pairs(const std::vector<Complex>& values) {
  std::vector<double> pairs;
  for (const Complex& value : values) {
    pairs.push_back(value.real());
    pairs.push_back(value.imag());
  }
  return pairs;
}

/// Relative error as a whole; NaN is a large one.
double error_of(const std::vector<double>& got, const std::vector<double>& want) {
  const double error = row_error(got.data(), want.data(), static_cast<std::int64_t>(want.size()));
  return std::isnan(error) ? HUGE_VAL : error;
}

template <typename T>
void expect_stage(const PlainStage& stage, const TileBlockKernels<T>& kernels, std::int64_t rows) {
  const double limit = sizeof(T) == 4 ? 5e-7 : 1e-15;
  const std::int64_t lanes = kernels.lanes;
  const auto& own = stage.twiddles ? kernels.of_twiddles(stage.shape.radix, stage.transposed)
                                   : kernels.of_blocks(stage.shape.radix, stage.transposed);
  Tile x(stage.n(), lanes, rows, 2), g(stage.n(), lanes, rows, 3);
  Tile y(stage.n(), lanes, 0, 0), dx(stage.n(), lanes, 0, 0);
  std::vector<Complex> gradient(static_cast<std::size_t>(stage.blocks() * stage.per_block()));
  stage.for_entries(
      [&](std::int64_t block, std::int64_t q, std::int64_t j, std::int64_t out, std::int64_t in) {
        const Complex entry = stage.entry(block, q, j);
        for (std::int64_t lane = 0; lane < lanes; ++lane) {
          y.at(out, lane) += entry * x.at(in, lane);
          dx.at(in, lane) += std::conj(entry) * g.at(out, lane);
          if (stage.twiddles && j == 0) continue;
          const std::int64_t i = stage.twiddles ? j - 1 : q * stage.shape.radix + j;
          gradient[static_cast<std::size_t>(block * stage.per_block() + i)] +=
              std::conj(stage.factor(q, j)) * g.at(out, lane) * std::conj(x.at(in, lane));
        }
      });
  const std::vector<T> table = as<T>(stage.table);
  Planes<T> from(x.values), to(std::vector<Complex>(x.values.size(), 7.0)), back(g.values);
  std::vector<T> sums(table.size(), T(1));
  own.run(stage.shape, table.data(), as_source(from.target()), to.target());
  EXPECT_LE(error_of(to.pairs(), as_pairs(y.values)), limit);
  own.gradient(stage.shape, table.data(), as_source(from.target()), back.target(), sums.data());
  EXPECT_LE(error_of(back.pairs(), as_pairs(dx.values)), limit);
  std::vector<double> added(sums.begin(), sums.end());
  for (double& sum : added) sum -= 1;  // it is added to what was there
  EXPECT_LE(error_of(added, as_pairs(gradient)), 2 * limit);
  own.run(stage.shape, table.data(), as_source(from.target()), from.target());
  EXPECT_EQ(from.re, to.re);
  EXPECT_EQ(from.im, to.im);
}

template <typename T>
void expect_every_stage(Isa isa) {
  for (const TileBlockKernels<T>& kernels : tile_block_kernels<T>(isa)) {
    for (int radix = 2; radix <= 32; ++radix) {
      for (const bool twiddles : {false, true}) {
        if (twiddles && !TileBlockKernels<T>::has_twiddles(radix)) continue;
        for (const bool transposed : {false, true}) {
          for (const std::int64_t stride : {1, 3}) {
            SCOPED_TRACE("radix " + std::to_string(radix) + (twiddles ? " twiddles" : "") +
                         (transposed ? " transposed" : "") + ", lanes " +
                         std::to_string(kernels.lanes));
            const PlainStage stage(radix, stride, 5 - stride, twiddles, transposed);
            for (const std::int64_t rows : {std::int64_t{1}, kernels.lanes}) {
              expect_stage<T>(stage, kernels, rows);
            }
          }
        }
      }
    }
  }
}

TEST_P(TileBlocks, stages_and_their_gradients_f32) { expect_every_stage<float>(GetParam()); }

TEST_P(TileBlocks, stages_and_their_gradients_f64) { expect_every_stage<double>(GetParam()); }

template <typename T>
void expect_rows_in_and_out(Isa isa) {
  for (const TileBlockKernels<T>& kernels : tile_block_kernels<T>(isa)) {
    const std::int64_t lanes = kernels.lanes;
    for (const std::int64_t count : {1, 2, 3, 7, 16, 17, 40}) {
      std::vector<std::int32_t> place(static_cast<std::size_t>(count));
      std::iota(place.begin(), place.end(), 0);
      std::shuffle(place.begin(), place.end(), std::mt19937(1));
      for (std::int64_t rows = 1; rows <= lanes; ++rows) {
        const std::int64_t step = 2 * count + 3;
        const std::vector<T> memory = as<T>(random_values(rows * step, 1));
        Planes<T> tile(std::vector<Complex>(static_cast<std::size_t>(count * lanes), 7.0));
        kernels.load_pairs(memory.data(), step, rows, count, place.data(), tile.target());
        for (std::int64_t e = 0; e < count; ++e) {
          for (std::int64_t lane = 0; lane < lanes; ++lane) {
            const auto at = static_cast<std::size_t>(place[std::size_t(e)] * lanes + lane);
            const auto from = static_cast<std::size_t>(lane * step + 2 * e);
            ASSERT_EQ(tile.re[at], lane < rows ? memory[from] : T(0));
            ASSERT_EQ(tile.im[at], lane < rows ? memory[from + 1] : T(0));
          }
        }
        std::vector<T> back(memory.size(), T(9)), want = back;
        for (std::int64_t row = 0; row < rows; ++row) {
          std::copy_n(memory.begin() + row * step, 2 * count, want.begin() + row * step);
        }
        kernels.store_pairs(as_source(tile.target()), place.data(), rows, count, back.data(), step);
        EXPECT_EQ(back, want);
      }
    }
  }
}

TEST_P(TileBlocks, rows_come_and_go_by_their_places) {
  expect_rows_in_and_out<float>(GetParam());
  expect_rows_in_and_out<double>(GetParam());
}

PAPILIO_EVERY_ISA(TileBlocks);

}  // namespace
}  // namespace papilio::kernels
