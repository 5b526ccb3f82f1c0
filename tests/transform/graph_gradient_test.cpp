// Gradients and Hessian-vector products of every kind of parameter of networks and chains, and of
// their input, against central differences in double on the reference device.
#include <initializer_list>

#include "ir/gradient_check.h"
#include "transform/graph.h"
#include "transform/inits.h"
#include "transform/structures.h"
#include "transform/support.h"

namespace papilio::transform {
namespace {

using ir::Build;
using ir::GraphBuilder;
using ir::NodeId;
using ir::OpKind;

constexpr double kTolerance = 1e-8;

struct Case {
  std::string name;
  Build loss;
};

/// The first n samples of each row.
NodeId samples_of(GraphBuilder& b, NodeId rows, std::int64_t n) {
  return b.add(OpKind::Slice, {rows}, ir::SliceAttrs{0, n});
}

Case of_network(std::string name, const Network& network) {
  return {std::move(name), [network](GraphBuilder& b, ir::samples::Inputs in) {
            const bool real = network.spec.input == Input::real;
            const NodeId x = samples_of(b, real ? in.x : in.z, network.spec.n());
            const ParameterNodes p = make_params(b, get_parameters(network));
            return ir::random_loss(b, add_network(b, network, p, x));
          }};
}

Case of_chain(std::string name, const Chain& chain) {
  return {std::move(name), [chain](GraphBuilder& b, ir::samples::Inputs in) {
            const NodeId x = samples_of(b, in.x, chain.n);
            const ParameterNodes p = make_params(b, get_parameters(chain));
            return ir::random_loss(b, add_chain(b, chain, p, x));
          }};
}

void dif(NetworkSpec& s) { s.order = Order::dif; }
void inverse(NetworkSpec& s) { s.direction = Direction::inverse; }
void tied(NetworkSpec& s) { s.tying = Tying::tied; }
void blocks(NetworkSpec& s) { s.form = Form::block; }
void real_field(NetworkSpec& s) { s.field = Field::real; }
void real_input(NetworkSpec& s) { s.input = Input::real; }

using Changes = std::initializer_list<void (*)(NetworkSpec&)>;

Network network(const std::string& radices, Changes changes) {
  NetworkSpec spec = spec_of(radices);
  for (const auto& change : changes) change(spec);
  return random_butterfly(spec, 1);
}

Network with_gates(const std::string& radices, Changes changes) {
  return gated(network(radices, changes), 0.2, 2);
}

std::vector<Case> networks() {
  Network mixed = with_gates("2,2,2", {dif});
  mixed.stages[1].gates.clear();
  return {
      of_network("twiddles", network("2,2,2", {})),
      of_network("twiddles_mixed_radix", network("4,2,3", {})),
      of_network("twiddles_dif", network("2,3,2", {dif})),
      of_network("twiddles_inverse", network("2,3", {inverse})),
      of_network("tied", network("2,2,3", {tied})),
      of_network("tied_dif", network("2,2,3", {tied, dif})),
      of_network("complex_blocks", network("2,3,2", {blocks})),
      of_network("complex_blocks_dif", network("2,3,2", {blocks, dif})),
      of_network("real_blocks", network("4,2", {blocks, real_field})),
      of_network("gates", with_gates("2,2,3", {})),
      of_network("gates_of_inverse", with_gates("3,2", {inverse})),
      of_network("gates_of_blocks", with_gates("2,3", {blocks})),
      of_network("gates_of_real_blocks", with_gates("2,3", {blocks, real_field})),
      of_network("gates_of_tied", with_gates("2,2,2", {tied})),
      of_network("gates_of_some_stages", mixed),
      of_network("recombination", network("2,3", {real_input})),
      of_network("recombination_gates_dif", with_gates("2,2,2", {real_input, dif})),
  };
}

std::vector<Case> chains() {
  const NetworkSpec spec = spec_of("2,2,2");
  return {
      of_chain("dct2", dct2(spec)),
      of_chain("dct4", dct4(spec_of("2,2,2", Form::block))),
      of_chain("convolution", circular_convolution(spec, noise(8))),
  };
}

/// How far a decoder takes what an encoder gives from what came in.
Case encoder_decoder(std::string name, const Network& encoder, const Network& decoder) {
  return {std::move(name), [=](GraphBuilder& b, ir::samples::Inputs in) {
            const NodeId x = samples_of(b, in.z, encoder.spec.n());
            const ParameterNodes first = make_params(b, get_parameters(encoder, "encoder."));
            const ParameterNodes second = make_params(b, get_parameters(decoder, "decoder."));
            const NodeId code = add_network(b, encoder, first, x);
            return ir::mean_squared_error(b, add_network(b, decoder, second, code), x);
          }};
}

std::vector<Case> pairs() {
  const Network encoder = network("2,3", {});
  return {
      encoder_decoder("encoder_decoder", encoder, network("2,3", {dif, inverse})),
      encoder_decoder("encoder_decoder_of_blocks", encoder, with_gates("3,2", {blocks})),
      // Twice the same network.
      {"shared",
       [encoder](GraphBuilder& b, ir::samples::Inputs in) {
         const ParameterNodes p = make_params(b, get_parameters(encoder));
         const NodeId code = add_network(b, encoder, p, samples_of(b, in.z, 6));
         return ir::random_loss(b, add_network(b, encoder, p, code));
       }},
  };
}

std::vector<Case> all_cases() {
  std::vector<Case> cases = networks();
  for (const auto& part : {chains(), pairs()}) cases.insert(cases.end(), part.begin(), part.end());
  return cases;
}

class NetworkGradient : public testing::TestWithParam<Case> {};

TEST_P(NetworkGradient, IsThatOfCentralDifferences) {
  EXPECT_LE(ir::gradient_error(GetParam().loss), kTolerance);
}

TEST_P(NetworkGradient, HasHessianVectorProducts) {
  EXPECT_LE(ir::hessian_error(GetParam().loss), kTolerance);
}

// Of zeros any two agree: every parameter is to have a gradient. One input of the two is not used.
TEST_P(NetworkGradient, ReachesEveryParameter) {
  const ir::Graph gradient = ir::gradient_graph(GetParam().loss);
  const auto g = reference::interpret(gradient, ir::noise_for(gradient));
  for (std::size_t i = 2; i < g.size(); ++i) EXPECT_GT(ir::norm(g[i]), 1e-6) << i;
  EXPECT_GT(ir::norm(g[0]) + ir::norm(g[1]), 1e-6);
}

TEST_P(NetworkGradient, IsMadeOfOpsThatHaveGradients) {
  const ir::Graph graph = ir::hessian_graph(GetParam().loss);
  for (const ir::Node& node : graph.nodes()) {
    const ir::Gradient gradient = ir::info_of(node.op).gradient;
    EXPECT_TRUE(gradient != ir::Gradient::rank && gradient != ir::Gradient::late);
  }
}

INSTANTIATE_TEST_SUITE_P(EveryKind, NetworkGradient, testing::ValuesIn(all_cases()),
                         [](const auto& param) { return param.param.name; });

}  // namespace
}  // namespace papilio::transform
