// Distances from exact transforms and figures of stages, against closed forms.
#include "train/model_error.h"

#include <cmath>

#include "train/model_files.h"
#include "train/model_stats.h"

namespace papilio::train {
namespace {

using transform::Complex;

TEST(ModelError, OfExactModelsIsRounding) {
  for (const char* radices : {"2,2,2", "4,3,5", "16,16"}) {
    for (const auto input : {transform::Input::complex, transform::Input::real}) {
      for (const auto direction : {transform::Direction::forward, transform::Direction::inverse}) {
        NetworkSpec spec = spec_of(radices);
        spec.input = input;
        spec.direction = direction;
        spec.norm = transform::Norm::ortho;
        const ModelFile model = model_of(exact_dft(spec));
        const std::string name = default_exact(model);
        EXPECT_EQ(name, direction == transform::Direction::forward ? "dft" : "idft");
        const MatrixError error = matrix_error(model, exact_model(model, name));
        EXPECT_LE(error.relative, 1e-14) << radices;
        EXPECT_EQ(error.probes, 0);
      }
    }
  }
}

TEST(ModelError, OfAScaledModelIsItsScale) {
  ModelFile model = model_of(exact_dft(spec_of("2,2,2")));
  model.parts[0].network.scale = 1.25;
  EXPECT_NEAR(matrix_error(model, exact_model(model, "dft")).relative, 0.25, 1e-14);
}

TEST(ModelError, IsEstimatedWhereTheMatrixIsLarge) {
  ModelFile model = model_of(exact_dft(spec_of("16,16,16")));
  model.parts[0].network.scale = 1.25;
  const MatrixError error = matrix_error(model, exact_model(model, "dft"));
  EXPECT_NEAR(error.relative, 0.25, 1e-12);
  EXPECT_EQ(error.probes, 16);
  // One twiddle of the last stage turned by pi changes two rows: ||.||^2 = 2 (2 n/2) / n^2 ... of
  // which an estimate from 16 rows is right within some ten percent.
  model = model_of(exact_dft(spec_of("2,2,2,2,2,2,2,2,2,2,2,2")));
  model.parts[0].network.stages[11].parameters[5] *= -1.0;
  EXPECT_NEAR(matrix_error(model, exact_model(model, "dft")).relative, std::sqrt(4.0 / 4096), 0.01);
}

TEST(ModelError, KnowsTheOtherTransforms) {
  const NetworkSpec spec = spec_of("2,2,3");
  ModelFile dct = model_of(transform::dct2(spec));
  EXPECT_LE(matrix_error(dct, exact_model(dct, "dct2")).relative, 1e-14);
  EXPECT_GT(matrix_error(dct, exact_model(dct, "dct4")).relative, 0.1);
  dct.training["transform"] = "dct2";
  EXPECT_EQ(default_exact(dct), "dct2");
  const ModelFile pair = pair_of(ModelKind::encdec);
  EXPECT_EQ(default_exact(pair), "identity");
  const ModelFile exact = exact_model(pair, "identity");
  const transform::Matrix one = model_matrix(exact);
  for (std::int64_t i = 0; i < 8; ++i) {
    for (std::int64_t j = 0; j < 8; ++j) {
      EXPECT_LE(std::abs(one.at(i, j) - (i == j ? 1.0 : 0.0)), 1e-15);
    }
  }
}

TEST(ModelError, RefusesWhatHasNoExact) {
  const ModelFile model = model_of(exact_dft(spec_of("2,3")));
  io::expect_parts(io::message_of([&] { exact_model(model, "dtf"); }),
                   {"[model] there is no exact transform 'dtf'", "one of: dft"});
  io::expect_parts(io::message_of([&] { exact_model(model, "hadamard"); }), {"radix 3"});
  EXPECT_EQ(default_exact(pair_of(ModelKind::chain)), "");
  io::expect_parts(io::message_of([] {
                     exact_model(model_of(networks_of_all_kinds().at("real input")), "dct2");
                   }),
                   {"n/2 + 1 bins", "dft or idft"});
}

TEST(DataError, CountsRowsAndBinsApart) {
  ModelFile model = model_of(exact_dft(spec_of("2,2")));
  const ModelFile exact = model;
  model.parts[0].diagonal = {1.0, 1.5, 1.0, 1.0};
  DataError error(exact);
  const auto add = [&](const std::vector<Complex>& row) {
    error.add(row, apply_model(model, row));
  };
  add({1.0, {0.0, 1.0}, -1.0, {0.0, -1.0}});
  add({1.0, 1.0, 1.0, 1.0});
  add(std::vector<Complex>(4));
  EXPECT_NEAR(error.rows()[0], 0.5, 1e-15);
  EXPECT_NEAR(error.rows()[1], 0.0, 1e-15);
  EXPECT_TRUE(std::isnan(error.rows()[2]));
  EXPECT_NEAR(error.bins()[1], 0.5, 1e-15);
  EXPECT_NEAR(error.bins()[0], 0.0, 1e-15);
  std::vector<Complex> bad(4);
  bad[2] = std::nan("");
  io::expect_parts(io::message_of([&] { add(bad); }), {"row 3", "not finite"});
}

TEST(TestRows, RepeatForTheirSeed) {
  EXPECT_EQ(test_row(8, false, 1, 0), test_row(8, false, 1, 0));
  EXPECT_NE(test_row(8, false, 1, 0), test_row(8, false, 1, 1));
  EXPECT_NE(test_row(8, false, 1, 0), test_row(8, false, 2, 0));
  for (const Complex value : test_row(8, true, 1, 0)) EXPECT_EQ(value.imag(), 0.0);
}

TEST(ModelStats, OfPerturbedTwiddles) {
  Network network = exact_dft(spec_of("2,2,2"));
  network.stages[1].parameters[2] *= 3.0;
  const auto stats = stage_stats(network);
  ASSERT_EQ(stats.size(), 3U);
  EXPECT_EQ(stats[0].drift, 0.0);
  EXPECT_NEAR(stats[0].condition, 1.0, 1e-14);
  EXPECT_NEAR(*stats[1].drift, 1.0, 1e-14);  // |3 w - w| = 2 in one of four
  EXPECT_NEAR(stats[1].condition, 3.0, 1e-14);
  EXPECT_EQ(stats[1].worst_block, 2);
  EXPECT_NEAR(stats[1].modulus.min, 1.0, 1e-15);
  EXPECT_NEAR(stats[1].modulus.max, 3.0, 1e-14);
  EXPECT_NEAR(stats[1].modulus.mean, 1.5, 1e-14);
  EXPECT_NEAR(stats[1].modulus.std, std::sqrt(0.75), 1e-14);
  EXPECT_FALSE(stats[1].gate);
}

TEST(ModelStats, OfAnotherTransformAreBesideItsOwnNetwork) {
  const auto network_of = [](const transform::Chain& chain) {
    return model_of(chain).parts.front().network;
  };
  const Network dct = network_of(transform::dct2(spec_of("2,2,2")));
  EXPECT_FALSE(stage_stats(dct)[0].drift);  // its permutation is none of the DFT
  Network moved = dct;
  moved.stages[2].parameters[1] *= 3.0;
  const auto stats = stage_stats(moved, dct);
  EXPECT_EQ(stats[0].drift, 0.0);
  EXPECT_NEAR(*stats[2].drift, 1.0, 1e-14);
  EXPECT_FALSE(stage_stats(moved, network_of(transform::dct2(spec_of("4,2"))))[0].drift);
}

TEST(ModelStats, SayWhereNothingCanBeSaid) {
  const auto all = networks_of_all_kinds();
  EXPECT_FALSE(stage_stats(all.at("real field"))[0].drift);
  EXPECT_TRUE(stage_stats(all.at("gated"))[0].gate);
  Network turned = all.at("dit");
  std::swap(turned.permutation[0], turned.permutation[1]);
  EXPECT_FALSE(stage_stats(turned)[0].drift);
  Network singular = all.at("block");
  for (int i = 0; i < 16; ++i) singular.stages[0].parameters[static_cast<std::size_t>(i)] = 1.0;
  EXPECT_GT(stage_stats(singular)[0].condition, 1e15);
  EXPECT_TRUE(std::isnan(spread_of({}).mean));
}

}  // namespace
}  // namespace papilio::train
