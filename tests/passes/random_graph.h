/// Random valid graphs over a real input x and a complex input z: nodes are added to a pool, each
/// with operands of the pool that fit.
#pragma once

#include <random>

#include "passes/graphs.h"

namespace papilio::passes {

class RandomGraph {
 public:
  explicit RandomGraph(std::uint64_t seed) : random_(seed), builder_(DType::f64) {
    pool_ = {builder_.input("x"), builder_.input("z", true)};
  }

  /// About `steps` random ops and one to three named outputs.
  Graph make(int steps) {
    for (int i = 0; i < steps; ++i) step();
    const std::int64_t outputs = pick(1, 3);
    for (std::int64_t i = 0; i < outputs; ++i) {
      // Late nodes are the interesting ones.
      const auto back = static_cast<std::size_t>(pick(0, 5));
      builder_.output(std::string("y").append(std::to_string(i)),
                      pool_[pool_.size() - 1 - back % pool_.size()]);
    }
    return builder_.finish();
  }

 private:
  std::int64_t pick(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random_);
  }
  bool chance(double probability) { return std::bernoulli_distribution(probability)(random_); }

  NodeId any() { return pool_[static_cast<std::size_t>(pick(0, std::ssize(pool_) - 1))]; }

  void put(OpKind op, std::vector<NodeId> inputs, ir::Attrs attrs = ir::NoAttrs{}) {
    pool_.push_back(builder_.add(op, std::move(inputs), std::move(attrs)));
  }

  std::vector<double> values(std::int64_t count) {
    if (chance(0.2)) return std::vector<double>(static_cast<std::size_t>(count), 1.0);
    std::vector<double> result;
    for (std::int64_t i = 0; i < count; ++i)
      result.push_back(0.25 * static_cast<double>(pick(1, 9)));
    return result;
  }

  void step() {
    const NodeId x = any();
    const ir::Type type = builder_.node(x).type;
    if (type.last().extent != ir::Extent::fixed) {
      put(OpKind::Frame, {x}, frames_of(pick(4, 12), pick(1, 5)));
      return;
    }
    const std::int64_t n = type.last().size;
    if (chance(0.3)) return arrange(x, n);
    if (chance(0.3)) return combine(x, n);
    if (type.complex()) return transform_complex(x, n);
    if (chance(0.3)) return map(x);
    if (chance(0.5) && type.has_frames() && type.dims.size() == 3) return fold(x);
    put(OpKind::Rfft, {x}, ir::FftAttrs{n, chance(0.5) ? 1.0 : 0.5});
  }

  /// Slices, pads and joints, some of which do nothing.
  void arrange(NodeId x, std::int64_t n) {
    if (chance(0.7)) {
      const std::int64_t begin = pick(0, n - 1);
      put(OpKind::Slice, {x},
          chance(0.2) ? ir::SliceAttrs{0, n} : ir::SliceAttrs{begin, pick(begin + 1, n)});
    } else if (chance(0.3)) {
      put(OpKind::Concat, {x, builder_.add(OpKind::Slice, {x}, ir::SliceAttrs{pick(0, n - 1), n})});
    } else {
      const std::int64_t before = pick(0, 2);
      put(OpKind::Pad, {x},
          chance(0.3) ? ir::PadAttrs{0, n} : ir::PadAttrs{before, before + n + pick(0, 2)});
    }
  }

  /// Products and sums with constants, some of them computed, or with itself.
  void combine(NodeId x, std::int64_t n) {
    const OpKind op = chance(0.6) ? OpKind::Mul : OpKind::Add;
    NodeId other = x;
    if (chance(0.8)) other = builder_.constant(values(n));
    if (other != x && chance(0.3)) {
      other = builder_.add(OpKind::Affine, {other}, ir::AffineAttrs{2.0, chance(0.5) ? 0.0 : 1.0});
    }
    put(op, {x, other});
  }

  void transform_complex(NodeId z, std::int64_t n) {
    switch (pick(0, 3)) {
      case 0:
        return put(OpKind::Fft, {z}, ir::FftAttrs{n, 1.0});
      case 1:
        return put(OpKind::Irfft, {z}, ir::FftAttrs{2 * n - 1, 0.5});
      case 2:
        return put(OpKind::Power, {z});
      default:
        return put(OpKind::Magnitude, {z});
    }
  }

  void map(NodeId x) {
    switch (pick(0, 3)) {
      case 0:
        return put(OpKind::Log, {x}, ir::LogAttrs{ir::LogBase::e, 0.5});
      case 1:
        return put(OpKind::ClampRange, {x}, ir::ClampRangeAttrs{1.0, ir::RangeMax::clip, 0.0});
      case 2:
        return put(OpKind::Detrend, {x}, ir::DetrendAttrs{ir::Trend::linear});
      default:
        break;
    }
    const double mul = chance(0.3) ? 1.0 : 0.25 * static_cast<double>(pick(1, 8));
    put(OpKind::Affine, {x}, ir::AffineAttrs{mul, chance(0.5) ? 0.0 : 0.5});
  }

  /// Powers averaged over frames, with a slice in between now and then: what pairing looks for.
  void fold(NodeId x) {
    const std::int64_t n = builder_.node(x).type.last().size;
    if (chance(0.5)) {
      NodeId spectrum = builder_.add(OpKind::Rfft, {x}, ir::FftAttrs{n, 1.0});
      if (chance(0.5)) {
        spectrum = builder_.add(OpKind::Slice, {spectrum}, ir::SliceAttrs{0, pick(1, n / 2 + 1)});
      }
      x = builder_.add(OpKind::Power, {spectrum});
      if (chance(0.2)) pool_.push_back(x);
    }
    constexpr OpKind folds[] = {OpKind::MeanFrames, OpKind::MeanFrames, OpKind::MaxFrames,
                                OpKind::MedianFrames};
    put(folds[pick(0, 3)], {x});
  }

  std::mt19937_64 random_;
  GraphBuilder builder_;
  std::vector<NodeId> pool_;
};

}  // namespace papilio::passes
