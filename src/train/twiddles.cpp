// Diagonal freedoms are carried from stage to stage until only twiddles are left.
#include "train/twiddles.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>
#include <vector>

#include "papilio/error.h"
#include "transform/roots.h"

namespace papilio::train {
namespace {

using transform::Complex;
using transform::Network;
using transform::StageShape;

std::string off_by(const std::string& where, double error) {
  char number[32];
  std::snprintf(number, sizeof number, "%.2g", error);
  return where + " is off by " + number;
}

/// The block, its columns multiplied by `carry`.
std::vector<Complex> carried_block(const std::vector<Complex>& parameters, const StageShape& shape,
                                   std::int64_t b, const std::vector<Complex>& carry) {
  const std::int64_t r = shape.radix;
  std::vector<Complex> block(parameters.begin() + b * r * r, parameters.begin() + (b + 1) * r * r);
  for (std::int64_t q = 0; q < r; ++q) {
    for (std::int64_t j = 0; j < r; ++j) {
      block[static_cast<std::size_t>(q * r + j)] *=
          carry[static_cast<std::size_t>(shape.position(b, j))];
    }
  }
  return block;
}

/// Twiddles of diag(a) DFT diag(1, w) ~ block, and the largest error relative to a; infinity if an
/// a is zero.
struct BlockFit {
  std::vector<Complex> twiddles;
  double error = 0.0;
};

BlockFit fit_block(const std::vector<Complex>& block, std::int64_t r, std::int64_t sign) {
  BlockFit fit;
  const auto ratio = [&](std::int64_t q, std::int64_t j) {
    const Complex quotient =
        block[static_cast<std::size_t>(q * r + j)] / block[static_cast<std::size_t>(q * r)];
    return quotient * transform::unit_root(-sign * q * j, r);
  };
  for (std::int64_t q = 0; q < r; ++q) {
    if (block[static_cast<std::size_t>(q * r)] == 0.0) return {{}, HUGE_VAL};
  }
  for (std::int64_t j = 1; j < r; ++j) {
    Complex mean = 0.0;
    for (std::int64_t q = 0; q < r; ++q) mean += ratio(q, j) / static_cast<double>(r);
    for (std::int64_t q = 0; q < r; ++q) {
      fit.error = std::max(fit.error, std::abs(ratio(q, j) - mean));
    }
    fit.twiddles.push_back(mean);
  }
  return fit;
}

/// Stage s of `network` from the blocks, whose inputs are scaled by `carry`; then carry is that of
/// its outputs. What stands in the way, or "".
std::string convert_stage(const Network& blocks, int s, double tolerance, Network& network,
                          std::vector<Complex>& carry) {
  const StageShape shape = blocks.spec.layout.stage(s);
  const auto& from = blocks.stages[static_cast<std::size_t>(s)].parameters;
  auto& to = network.stages[static_cast<std::size_t>(s)].parameters;
  const std::int64_t sign = network.spec.direction == transform::Direction::inverse ? -1 : 1;
  for (std::int64_t b = 0; b < shape.blocks(); ++b) {
    const std::vector<Complex> block = carried_block(from, shape, b, carry);
    const BlockFit fit = fit_block(block, shape.radix, sign);
    if (!(fit.error <= tolerance)) {
      return off_by("stage " + std::to_string(s) + ", block " + std::to_string(b), fit.error);
    }
    to.insert(to.end(), fit.twiddles.begin(), fit.twiddles.end());
    for (std::int64_t q = 0; q < shape.radix; ++q) {
      carry[static_cast<std::size_t>(shape.position(b, q))] =
          block[static_cast<std::size_t>(q * shape.radix)];
    }
  }
  return {};
}

/// Replaces twiddles that should be equal by their mean. What stands in the way, or "".
std::string tie(Network& network, int s, double tolerance) {
  network.spec.tying = transform::Tying::tied;
  auto& values = network.stages[static_cast<std::size_t>(s)].parameters;
  const std::size_t free = static_cast<std::size_t>(free_parameters(network.spec, s));
  std::vector<Complex> means(free);
  const double copies = static_cast<double>(values.size() / free);
  for (std::size_t i = 0; i < values.size(); ++i) means[i % free] += values[i] / copies;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double error = std::abs(values[i] - means[i % free]);
    if (!(error <= tolerance)) {
      return off_by("stage " + std::to_string(s) + ": a tied twiddle", error);
    }
  }
  set_free(network, s, means);
  return {};
}

/// The one factor that is left for every output, as the scale. What stands in the way, or "".
std::string set_scale(const std::vector<Complex>& carry, double tolerance, Network& network) {
  Complex mean = 0.0;
  for (const Complex value : carry) mean += value / static_cast<double>(carry.size());
  if (mean == 0.0) return "the outputs have different scales";
  double error = std::abs(mean.imag());
  for (const Complex value : carry) error = std::max(error, std::abs(value - mean));
  error /= std::abs(mean);
  if (!(error <= tolerance)) return off_by("one real scale for all outputs", error);
  network.scale = mean.real();
  return {};
}

}  // namespace

TwiddleForm to_twiddles(const Network& blocks, transform::Direction direction,
                        transform::Tying tying, double tolerance) {
  validate(blocks);
  const bool gated = std::any_of(blocks.stages.begin(), blocks.stages.end(),
                                 [](const auto& stage) { return !stage.gates.empty(); });
  if (blocks.spec.form != transform::Form::block || gated ||
      blocks.spec.order == transform::Order::dif || blocks.spec.input == transform::Input::real) {
    throw UserError(
        "[recover] twiddles are made from networks of block form, order dit or stockham, complex "
        "input and no gates; give such a one");
  }
  Network network = blocks;
  network.spec.form = transform::Form::twiddle;
  network.spec.field = transform::Field::complex;
  network.spec.direction = direction;
  for (auto& stage : network.stages) stage.parameters.clear();
  std::vector<Complex> carry(static_cast<std::size_t>(blocks.spec.layout.n), blocks.scale);
  for (int s = 0; s < blocks.spec.layout.stages(); ++s) {
    std::string obstacle = convert_stage(blocks, s, tolerance, network, carry);
    if (obstacle.empty() && tying == transform::Tying::tied) {
      obstacle = tie(network, s, tolerance);
    }
    if (!obstacle.empty()) return {std::nullopt, std::move(obstacle)};
  }
  std::string obstacle = set_scale(carry, tolerance, network);
  if (!obstacle.empty()) return {std::nullopt, std::move(obstacle)};
  return {std::move(network), {}};
}

}  // namespace papilio::train
