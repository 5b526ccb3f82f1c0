// What makes a network invalid: each diagnostic names the place and says what to do.
#include "transform/inits.h"
#include "transform/support.h"

namespace papilio::transform {
namespace {

/// Expects validate to refuse the exact DFT of radices 2,3 after `change`.
void expect_invalid(const std::function<void(Network&)>& change,
                    std::initializer_list<std::string> parts) {
  Network network = exact_dft(spec_of("2,3"));
  change(network);
  expect_refusal([&] { validate(network); }, parts);
}

TEST(NetworkErrors, ListsOfOtherLengths) {
  expect_invalid([](Network& n) { n.stages.pop_back(); }, {"1 stages", "2 radices"});
  expect_invalid([](Network& n) { n.stages[1].parameters.pop_back(); },
                 {"stage 1", "3 numbers", "needs 4"});
  expect_invalid([](Network& n) { n.stages[0].gates = {1.0}; }, {"stage 0's list of gates"});
  expect_invalid([](Network& n) { n.permutation.pop_back(); }, {"permutation has 5 numbers"});
  expect_invalid([](Network& n) { n.recombination = {1.0}; }, {"recombination", "needs 0"});
  expect_invalid([](Network& n) { n.spec.input = Input::real; }, {"recombination", "needs 6"});
  expect_invalid([](Network& n) { n.spec.layout.n = 7; }, {"product 6", "n = 7"});
}

TEST(NetworkErrors, PermutationsThatAreNone) {
  expect_invalid([](Network& n) { n.permutation[1] = 0; }, {"twice or out of range", "0 .. 5"});
  expect_invalid([](Network& n) { n.permutation[1] = 6; }, {"twice or out of range"});
  expect_invalid([](Network& n) { n.permutation[1] = -1; }, {"twice or out of range"});
}

TEST(NetworkErrors, NumbersThatAreNotFinite) {
  const double nan = std::nan("");
  expect_invalid(
      [&](Network& n) {
        n.stages[1].parameters[3] = {0.0, nan};
      },
      {"stage 1, block 1", "not finite"});
  expect_invalid(
      [&](Network& n) {
        n.stages[0].gates = {1.0, nan, 1.0};
      },
      {"stage 0, block 1", "gate nan"});
  expect_invalid([&](Network& n) { n.scale = nan; }, {"scale is nan"});
  Network network = exact_dft([] {
    NetworkSpec spec = spec_of("2,2");
    spec.input = Input::real;
    return spec;
  }());
  network.recombination[2] = nan;
  expect_refusal([&] { validate(network); }, {"recombination twiddle 2", "not finite"});
}

TEST(NetworkErrors, GatesOutsideTheirRange) {
  expect_invalid(
      [](Network& n) {
        n.stages[1].gates = {1.5, 0.0};
      },
      {"stage 1, block 0", "gate 1.5", "from 0 to 1"});
  expect_invalid([](Network& n) { n.stages[1].gates = {1.0, -0.1}; }, {"stage 1, block 1"});
}

TEST(NetworkErrors, AScaleOfZero) {
  expect_invalid([](Network& n) { n.scale = 0.0; }, {"scale is 0", "other than 0"});
}

TEST(NetworkErrors, TiedTwiddlesThatDiffer) {
  expect_invalid(
      [](Network& n) {
        n.spec.tying = Tying::tied;
        n.stages[0].parameters[2] += 1e-16 + 1e-15;
      },
      {"stage 0", "blocks 0 and 2", "untied"});
}

TEST(NetworkErrors, RealFields) {
  expect_invalid([](Network& n) { n.spec.field = Field::real; }, {"form block"});
  NetworkSpec spec = spec_of("2,2", Form::block);
  spec.field = Field::real;
  Network network = random_network(spec, 1);
  network.stages[1].parameters[5] += Complex(0.0, 1e-3);
  expect_refusal([&] { validate(network); }, {"stage 1, block 1", "imaginary part"});
}

TEST(NetworkErrors, TiedBlocks) {
  NetworkSpec spec = spec_of("2,2", Form::block);
  spec.tying = Tying::tied;
  expect_refusal([&] { exact_dft(spec); }, {"blocks cannot be tied"});
  expect_refusal([&] { random_network(spec, 1); }, {"blocks cannot be tied"});
}

}  // namespace
}  // namespace papilio::transform
