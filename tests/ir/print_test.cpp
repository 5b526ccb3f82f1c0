// The text of attributes holds every field, because it is also the key of hash-consing. The
// structured bindings below name all fields: a new one does not compile until it is mutated here
// too.
#include "ir/print.h"

#include <gtest/gtest.h>

#include <limits>

#include "ir/op_samples.h"

namespace papilio::ir {
namespace {

using Variants = std::vector<Attrs>;

/// `base` with each field changed in turn by `change(copy)`.
template <typename A, typename... Changes>
Variants mutate(const A& base, Changes... changes) {
  Variants variants{base};
  const auto add = [&](auto change) {
    A copy = base;
    change(copy);
    variants.emplace_back(copy);
  };
  (add(changes), ...);
  return variants;
}

Variants variants_of(const NoAttrs& a) { return {a}; }

Variants variants_of(const InputAttrs& base) {
  [[maybe_unused]] const auto& [name, complex, samples] = base;
  return mutate(
      base, [](InputAttrs& a) { a.name = "other"; }, [](InputAttrs& a) { a.complex = true; },
      [](InputAttrs& a) { a.samples = 4; });
}

Variants variants_of(const ConstAttrs&) {
  ConstAttrs base{std::make_shared<const std::vector<double>>(std::vector<double>{1.0, 2.0}),
                  false};
  [[maybe_unused]] const auto& [values, complex] = base;
  const auto with = [](std::vector<double> numbers) {
    return [numbers](ConstAttrs& a) {
      a.values = std::make_shared<const std::vector<double>>(numbers);
    };
  };
  return mutate(
      base, [](ConstAttrs& a) { a.complex = true; }, with({2.0, 1.0}),
      with({1.0, std::nextafter(2.0, 3.0)}), with({1.0, 2.0, 0.0}), with({-0.0, 2.0}),
      with({0.0, 2.0}));
}

Variants variants_of(const ParamAttrs&) {
  const ParamAttrs base{"p", {2, 3}, false};
  [[maybe_unused]] const auto& [name, shape, complex] = base;
  return mutate(
      base, [](ParamAttrs& a) { a.name = "q"; }, [](ParamAttrs& a) { a.shape = {23}; },
      [](ParamAttrs& a) {
        a.shape = {3, 2};
      },
      [](ParamAttrs& a) { a.complex = true; });
}

Variants variants_of(const FrameAttrs&) {
  FrameAttrs base;
  [[maybe_unused]] const auto& [rule, pad] = base;
  [[maybe_unused]] const auto& [length, hop, left, right, count, fixed_samples] = base.rule;
  return mutate(
      base, [](FrameAttrs& a) { a.rule.length = 4; }, [](FrameAttrs& a) { a.rule.hop = 4; },
      [](FrameAttrs& a) { a.rule.pad_left = 4; }, [](FrameAttrs& a) { a.rule.pad_right = 4; },
      [](FrameAttrs& a) { a.rule.count = FrameCount::drop_last; },
      [](FrameAttrs& a) { a.rule.count = FrameCount::rounded; },
      [](FrameAttrs& a) { a.rule.fixed_samples = 4; },
      [](FrameAttrs& a) { a.pad = PadMode::zeros; },
      [](FrameAttrs& a) { a.pad = PadMode::reflect; },
      [](FrameAttrs& a) { a.pad = PadMode::mirror; });
}

Variants variants_of(const DetrendAttrs& base) {
  [[maybe_unused]] const auto& [trend] = base;
  return mutate(base, [](DetrendAttrs& a) { a.trend = Trend::linear; });
}

Variants variants_of(const PreemphasisAttrs& base) {
  [[maybe_unused]] const auto& [coefficient] = base;
  return mutate(base, [](PreemphasisAttrs& a) { a.coefficient = std::nextafter(0.97, 1.0); });
}

Variants variants_of(const AffineAttrs& base) {
  [[maybe_unused]] const auto& [mul, add] = base;
  return mutate(
      base, [](AffineAttrs& a) { a.mul = 2.0; }, [](AffineAttrs& a) { a.add = 1.0; });
}

Variants variants_of(const PadAttrs& base) {
  [[maybe_unused]] const auto& [before, size] = base;
  return mutate(
      base, [](PadAttrs& a) { a.before = 1; }, [](PadAttrs& a) { a.size = 1; });
}

Variants variants_of(const SliceAttrs& base) {
  [[maybe_unused]] const auto& [begin, end] = base;
  return mutate(
      base, [](SliceAttrs& a) { a.begin = 1; }, [](SliceAttrs& a) { a.end = 1; });
}

Variants variants_of(const FftAttrs& base) {
  [[maybe_unused]] const auto& [n, scale] = base;
  return mutate(
      base, [](FftAttrs& a) { a.n = 8; }, [](FftAttrs& a) { a.scale = 0.5; });
}

Variants variants_of(const FilterbankAttrs&) {
  const FilterbankAttrs base = samples::small_bank();
  [[maybe_unused]] const auto& [matrix] = base;
  [[maybe_unused]] const auto& [bins, bands, weights] = *matrix;
  [[maybe_unused]] const auto& [first_bin, count, offset] = bands[0];
  const auto with = [](auto change) {
    return [change](FilterbankAttrs& a) {
      auto copy = std::make_shared<BandedMatrix>(*a.matrix);
      change(*copy);
      a.matrix = std::move(copy);
    };
  };
  return mutate(base, with([](BandedMatrix& m) { m.bins = 6; }),
                with([](BandedMatrix& m) { m.bands.pop_back(); }),
                with([](BandedMatrix& m) { m.bands[1].first_bin = 2; }),
                with([](BandedMatrix& m) { m.bands[1].count = 2; }),
                with([](BandedMatrix& m) { m.bands[1].offset = 1; }),
                with([](BandedMatrix& m) { m.weights[3] = std::nextafter(1.0, 2.0); }),
                with([](BandedMatrix& m) { m.weights.push_back(0.0); }));
}

Variants variants_of(const LogAttrs& base) {
  [[maybe_unused]] const auto& [log_base, floor] = base;
  return mutate(
      base, [](LogAttrs& a) { a.base = LogBase::ten; }, [](LogAttrs& a) { a.floor = 1e-10; });
}

Variants variants_of(const ClampRangeAttrs& base) {
  [[maybe_unused]] const auto& [range, over, maximum] = base;
  return mutate(
      base, [](ClampRangeAttrs& a) { a.range = 8.0; },
      [](ClampRangeAttrs& a) { a.over = RangeMax::frame; },
      [](ClampRangeAttrs& a) { a.over = RangeMax::fixed; },
      [](ClampRangeAttrs& a) { a.maximum = 1.0; });
}

Variants variants_of(const StepAttrs& base) {
  [[maybe_unused]] const auto& [threshold] = base;
  return mutate(base, [](StepAttrs& a) { a.threshold = 1e-10; });
}

Variants variants_of(const SumAttrs& base) {
  [[maybe_unused]] const auto& [mean] = base;
  return mutate(base, [](SumAttrs& a) { a.mean = true; });
}

Variants variants_of(const FoldAttrs& base) {
  [[maybe_unused]] const auto& [fold] = base;
  return mutate(
      base, [](FoldAttrs& a) { a.fold = FrameFold::max; },
      [](FoldAttrs& a) { a.fold = FrameFold::median; });
}

Variants variants_of(const GatherAttrs&) {
  const GatherAttrs base = samples::choice({2, 1, 0}, 3);
  [[maybe_unused]] const auto& [index, size] = base;
  const auto with = [](std::vector<std::int32_t> list) {
    return [list](GatherAttrs& a) { a.index = samples::choice(list, 0).index; };
  };
  return mutate(
      base, [](GatherAttrs& a) { a.size = 4; }, [](GatherAttrs& a) { a.index = nullptr; },
      with({2, 0, 1}), with({2, 1}), with({2, 1, 0, 0}));
}

Variants variants_of(const ButterflyAttrs&) {
  const ButterflyAttrs base = samples::small_butterfly();
  [[maybe_unused]] const auto& [radices, first, last, block, inverse, transposed, linear,
                                permutation] = base;
  const auto with = [](std::vector<std::int32_t> list) {
    return [list](ButterflyAttrs& a) { a.permutation = samples::choice(list, 0).index; };
  };
  return mutate(
      base, [](ButterflyAttrs& a) { a.radices = {23}; },
      [](ButterflyAttrs& a) {
        a.radices = {3, 2};
      },
      [](ButterflyAttrs& a) { a.first = 1; }, [](ButterflyAttrs& a) { a.last = 1; },
      [](ButterflyAttrs& a) { a.block = true; }, [](ButterflyAttrs& a) { a.inverse = true; },
      [](ButterflyAttrs& a) { a.transposed = true; }, [](ButterflyAttrs& a) { a.linear = true; },
      [](ButterflyAttrs& a) { a.permutation = nullptr; }, with({0, 1, 2, 3, 4, 5}), with({0}));
}

Variants variants_of(const TopAttrs& base) {
  [[maybe_unused]] const auto& [k, n_fft, bin_hz, one_sided, doubled, distance, height, threshold,
                                prominence, fmin_hz, fmax_hz] = base;
  return mutate(
      base, [](TopAttrs& a) { a.k = 3; }, [](TopAttrs& a) { a.n_fft = 8; },
      [](TopAttrs& a) { a.bin_hz = 2.0; }, [](TopAttrs& a) { a.one_sided = false; },
      [](TopAttrs& a) { a.doubled = false; }, [](TopAttrs& a) { a.distance = 2; },
      [](TopAttrs& a) { a.height = std::numeric_limits<double>::quiet_NaN(); },
      [](TopAttrs& a) { a.threshold = 1.0; }, [](TopAttrs& a) { a.prominence = 1.0; },
      [](TopAttrs& a) { a.fmin_hz = 1.0; }, [](TopAttrs& a) { a.fmax_hz = 1.0; });
}

template <std::size_t... I>
std::vector<Variants> all_variants(std::index_sequence<I...>) {
  return {variants_of(std::variant_alternative_t<I, Attrs>{})...};
}

TEST(Print, ChangingAnyAttributeChangesTheText) {
  for (const Variants& variants :
       all_variants(std::make_index_sequence<std::variant_size_v<Attrs>>())) {
    for (std::size_t i = 0; i < variants.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) EXPECT_NE(to_text(variants[i]), to_text(variants[j]));
    }
  }
}

TEST(Print, GraphIsOneLineANodeThenTheOutputs) {
  GraphBuilder b(DType::f32);
  const NodeId x = b.input("x");
  const NodeId y = b.add(OpKind::Affine, {x}, AffineAttrs{0.1, -2.0});
  b.output("scaled", y);
  EXPECT_EQ(to_text(b.finish()),
            "%0 = input(){name=x complex=no samples=0} : f32[rows, samples]\n"
            "%1 = affine(%0){mul=0.1 add=-2} : f32[rows, samples]\n"
            "output scaled = %1\n");
}

TEST(Print, RegionsFollowTheType) {
  GraphBuilder b(DType::f64);
  b.output("x", b.input("x", true));
  EXPECT_EQ(to_text(b.finish().with_regions({2}), 0),
            "%0 = input(){name=x complex=yes samples=0} : c128[rows, samples]  @2");
}

}  // namespace
}  // namespace papilio::ir
