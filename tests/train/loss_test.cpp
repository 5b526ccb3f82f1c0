// Terms of the loss: their words, their values, their gradients; encoder and decoder together.
#include "train/loss.h"

#include <gtest/gtest.h>

#include <cmath>

#include "train/noise.h"
#include "train/starts.h"
#include "train/support.h"
#include "train/train_support.h"
#include "transform/structures.h"

namespace papilio::train {
namespace {

TEST(Loss, IsReadFromWords) {
  EXPECT_EQ(parse_loss("spectrum").spectrum, 1.0);
  EXPECT_EQ(parse_loss("spectrum").reconstruction, 0.0);
  EXPECT_EQ(parse_loss("reconstruction:0.5,spectrum:2").spectrum, 2.0);
  EXPECT_EQ(parse_loss("reconstruction:0.5,spectrum:2").reconstruction, 0.5);
  for (const char* text : {"", "spectrm", "spectrum:", "spectrum:x", "spectrum:-1", "spectrum:0",
                           "spectrum,", "spectrum:nan"}) {
    expect_refusal([&] { parse_loss(text); }, {"--loss", "spectrum:1,reconstruction:0.5"},
                   "[train] ");
  }
}

TEST(Loss, TermsAreRelativeErrorsOfTheirOwn) {
  Task task = perturbed_pair(16);
  const Batch rows = noise_batch(Noise::white, Split::test, 4, 0, 64, 16, false);
  double squares[2] = {0.0, 0.0}, powers[2] = {0.0, 0.0};
  for (std::size_t row = 0; row < 64; ++row) {
    const auto x = std::span(rows.inputs).subspan(16 * row, 16);
    const auto y = transform::apply_chain(task.model, x);
    const auto t = transform::apply_chain(*task.target, x);
    const auto back = transform::apply_chain(*task.decoder, y);
    for (std::size_t k = 0; k < 16; ++k) {
      squares[0] += std::norm(y[k] - t[k]);
      powers[0] += std::norm(t[k]);
      squares[1] += std::norm(back[k] - x[k]);
      powers[1] += std::norm(x[k]);
    }
  }
  const double elements = 64.0 * 16.0;
  ObjectiveOptions options;
  options.dtype = DType::f64;
  Objective objective(task, {powers[1] / elements, powers[0] / elements}, options);
  const std::vector<double> numbers = flatten(objective.tensors());
  const Terms terms = objective.errors(numbers, rows);
  EXPECT_NEAR(terms.spectrum, std::sqrt(squares[0] / powers[0]), 1e-12);
  EXPECT_NEAR(terms.reconstruction, std::sqrt(squares[1] / powers[1]), 1e-12);
  std::vector<double> gradient(numbers.size());
  EXPECT_NEAR(objective.evaluate(numbers, rows, gradient),
              squares[0] / powers[0] + squares[1] / powers[1], 1e-11);
}

TEST(Loss, GradientsAreThoseOfCentralDifferences) {
  for (const Trains trains : {Trains::all, Trains::encoder, Trains::decoder}) {
    Task task = perturbed_pair(8);
    task.trains = trains;
    task.loss = {0.7, 1.3};
    const Batch rows = noise_batch(Noise::tones, Split::test, 4, 0, 6, 8, false);
    ObjectiveOptions options;
    options.dtype = DType::f64;
    Objective objective(task, {1.0, 8.0}, options);
    std::vector<double> numbers = flatten(objective.tensors());
    std::vector<double> gradient(numbers.size()), unused(numbers.size());
    objective.evaluate(numbers, rows, gradient);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      constexpr double kStep = 1e-6;
      const double at = numbers[i];
      numbers[i] = at + kStep;
      const double above = objective.evaluate(numbers, rows, unused);
      numbers[i] = at - kStep;
      const double below = objective.evaluate(numbers, rows, unused);
      numbers[i] = at;
      const double slope = (above - below) / (2.0 * kStep);
      EXPECT_NEAR(gradient[i], slope, 1e-7 * (1.0 + std::abs(slope)))
          << objective.tensor_of(i) << " " << i;
    }
  }
}

TEST(EncoderDecoder, LearnTogether) {
  const Task task = perturbed_pair(16);
  const Trained still = train(task, options_of(0));
  EXPECT_GT(still.best.spectrum, 0.2);
  EXPECT_GT(still.best.reconstruction, 0.2);
  const Trained done = train(task, options_of(2000));
  EXPECT_LT(done.best.spectrum, 1e-4);
  EXPECT_LT(done.best.reconstruction, 1e-4);
  ASSERT_TRUE(done.decoder);
}

TEST(EncoderDecoder, LearnFromRandomNumbersOnTones) {
  Task task = perturbed_pair(8);
  task.model = started(task.model, parse_start("random"), 3);
  task.decoder = started(*task.decoder, parse_start("random"), 4);
  task.data.source = Noise::tones;
  const Trained done = train(task, options_of(2500));
  EXPECT_GT(done.first_error, 0.8);
  EXPECT_LT(done.best_error, 1e-3);
}

TEST(EncoderDecoder, AScaleOfOneOverNLearnsAsFast) {
  // A step in units of 1 would throw the decoder's scale, 1/256, far off.
  Task task = perturbed_pair(256, 0.05);
  TrainOptions options = options_of(30);
  options.valid_every = 30;
  const Trained done = train(task, options);
  EXPECT_LT(done.log.front().terms.reconstruction, 2.0 * done.first.reconstruction);
}

TEST(Tasks, ThatMakeNoSenseAreRefused) {
  Task task = perturbed_dft(8);
  task.loss = {1.0, 1.0};
  expect_refusal([&] { validate(task); }, {"needs a decoder"}, "[train] ");
  task = perturbed_pair(8);
  task.loss = {1.0, 0.0};
  expect_refusal([&] { validate(task); }, {"reconstruction"}, "[train] ");
  task = perturbed_pair(8);
  task.decoder = chain_of(transform::exact_dft(spec_of(16)));
  expect_refusal([&] { validate(task); }, {"decoder is of 16 points"}, "[train] ");
  task = perturbed_dft(8);
  task.target.reset();
  expect_refusal([&] { validate(task); }, {"what is to be learned?"}, "[train] ");
}

TEST(Fields, RealBlocksLearnHadamardFromRealRows) {
  transform::NetworkSpec spec = spec_of(16);
  spec.form = transform::Form::block;
  spec.field = transform::Field::real;
  Task task;
  task.target = chain_of(transform::hadamard(spec));
  task.model = started(*task.target, parse_start("random"), 2);
  EXPECT_TRUE(task.real());
  const Trained done = train(task, options_of(2000));
  EXPECT_GT(done.first_error, 0.8);
  EXPECT_LT(done.best_error, 1e-4);
  for (const auto& stage : std::get<transform::Network>(done.model.factors[0]).stages) {
    for (const Complex value : stage.parameters) EXPECT_EQ(value.imag(), 0.0);
  }
}

TEST(ExactInverses, UndoTheirTransforms) {
  for (const char* name : {"dft", "idft", "hadamard"}) {
    const transform::Chain there = exact_transform(name, spec_of(8));
    const transform::Chain back = exact_inverse(name, spec_of(8));
    const Batch rows = noise_batch(Noise::white, Split::test, 4, 0, 1, 8, false);
    const auto again = transform::apply_chain(back, transform::apply_chain(there, rows.inputs));
    for (std::size_t i = 0; i < 8; ++i) EXPECT_NEAR(std::abs(again[i] - rows.inputs[i]), 0, 1e-13);
  }
  expect_refusal([] { exact_inverse("dct2", spec_of(8)); }, {"dct2", "hadamard"}, "[train] ");
}

}  // namespace
}  // namespace papilio::train
