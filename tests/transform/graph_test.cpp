// Networks and chains as graphs, run on the reference device, against apply_network and
// apply_chain.
#include "transform/graph.h"

#include "ir/verify.h"
#include "reference/interpret.h"
#include "transform/inits.h"
#include "transform/structures.h"
#include "transform/support.h"

namespace papilio::transform {
namespace {

using ir::GraphBuilder;
using ir::NodeId;
using reference::Tensor;

constexpr double kTolerance = 1e-13;

Tensor row_of(const Signal& x, bool complex) {
  Tensor row = reference::zeros({1, static_cast<std::int64_t>(x.size())}, complex);
  for (std::size_t i = 0; i < x.size(); ++i) row.set(static_cast<std::int64_t>(i), x[i]);
  return row;
}

Signal signal_of(const Tensor& x) {
  Signal result;
  for (std::int64_t i = 0; i < x.count(); ++i) result.push_back(x.at(i));
  return result;
}

Tensor tensor_of(const Parameter& parameter) {
  const auto count = static_cast<std::size_t>(parameter.count());
  Tensor tensor = reference::zeros({parameter.count()}, parameter.complex);
  for (std::size_t i = 0; i < count; ++i) {
    tensor.re[i] = parameter.values[parameter.complex ? 2 * i : i];
    if (parameter.complex) tensor.im[i] = parameter.values[2 * i + 1];
  }
  return tensor;
}

NodeId add(GraphBuilder& b, const Network& network, const ParameterNodes& p, NodeId x) {
  return add_network(b, network, p, x);
}

NodeId add(GraphBuilder& b, const Chain& chain, const ParameterNodes& p, NodeId x) {
  return add_chain(b, chain, p, x);
}

/// A network or a chain on x, its numbers given as params or as constants.
template <typename Model>
Signal run(const Model& model, const Signal& x, bool complex, bool params) {
  GraphBuilder b(DType::f64);
  const auto parameters = get_parameters(model);
  const NodeId in = b.input("x", complex, static_cast<std::int64_t>(x.size()));
  const ParameterNodes nodes = params ? make_params(b, parameters) : make_constants(b, parameters);
  b.output("y", add(b, model, nodes, in));
  std::vector<Tensor> values{row_of(x, complex)};
  if (params) {
    for (const Parameter& one : parameters) values.push_back(tensor_of(one));
  }
  const ir::Graph graph = b.finish();
  ir::verify(graph);
  return signal_of(reference::interpret(graph, values)[0]);
}

void expect_same(const Network& network) {
  const bool real = network.spec.input == Input::real;
  const Signal x = real ? real_noise(network.spec.n()) : noise(network.spec.n());
  const Signal expected = apply_network(network, x);
  for (const bool params : {false, true}) {
    EXPECT_LT(distance(run(network, x, !real, params), expected), kTolerance)
        << radices_text(network.spec.layout);
  }
}

/// Specs of all kinds but the field and the tying.
std::vector<NetworkSpec> specs() {
  std::vector<NetworkSpec> result;
  for (const char* radices : {"2,2,2", "4,2,3", "16,5,5", "5"}) {
    for (const Form form : {Form::twiddle, Form::block}) {
      for (const Order order : {Order::dit, Order::dif, Order::stockham}) {
        for (const Direction direction : {Direction::forward, Direction::inverse}) {
          for (const Input input : {Input::complex, Input::real}) {
            NetworkSpec spec = spec_of(radices, form);
            spec.order = order;
            spec.direction = direction;
            spec.input = input;
            spec.norm = Norm::ortho;
            result.push_back(spec);
          }
        }
      }
    }
  }
  return result;
}

TEST(NetworkGraph, IsTheNetwork) {
  for (const NetworkSpec& spec : specs()) expect_same(random_butterfly(spec, 1));
}

TEST(NetworkGraph, OfTiedTwiddlesTakesTheFreeOnes) {
  for (NetworkSpec spec : specs()) {
    if (spec.form == Form::block) continue;
    spec.tying = Tying::tied;
    const Network network = random_butterfly(spec, 2);
    expect_same(network);
    EXPECT_EQ(get_parameters(network)[0].count(), free_parameters(spec, 0));
  }
}

TEST(NetworkGraph, OfARealFieldTakesRealBlocks) {
  for (NetworkSpec spec : specs()) {
    if (spec.form == Form::twiddle) continue;
    spec.field = Field::real;
    const Network network = random_butterfly(spec, 3);
    expect_same(network);
    EXPECT_FALSE(get_parameters(network)[0].complex);
  }
}

TEST(NetworkGraph, MixesGatedStagesWithTheirInput) {
  for (const NetworkSpec& spec : specs()) {
    Network network = gated(random_butterfly(spec, 4), 0.2, 5);
    expect_same(network);
    // Stages without gates beside those that have them.
    network.stages[static_cast<std::size_t>(spec.layout.stages() / 2)].gates.clear();
    expect_same(network);
  }
}

TEST(NetworkGraph, RunsNeighboursOfOneKindInOneOp) {
  const auto butterflies = [](const Network& network) {
    GraphBuilder b(DType::f32);
    const NodeId x = b.input("x", true, network.spec.n());
    add_network(b, network, make_constants(b, get_parameters(network)), x);
    const ir::Graph graph = b.finish();
    return std::count_if(graph.nodes().begin(), graph.nodes().end(),
                         [](const ir::Node& node) { return node.op == ir::OpKind::Butterfly; });
  };
  Network network = random_butterfly(spec_of("2,2,2,2"), 1);
  EXPECT_EQ(butterflies(network), 1);
  network.stages[1].gates.assign(8, 0.5);
  EXPECT_EQ(butterflies(network), 3);
  network.stages[2].gates.assign(8, 0.5);
  EXPECT_EQ(butterflies(network), 3);
}

TEST(NetworkGraph, OfARealSignalCountsAsComplex) {
  const Network network = random_butterfly(spec_of("2,3"), 1);
  const Signal x = real_noise(6);
  EXPECT_LT(distance(run(network, x, false, true), apply_network(network, x)), kTolerance);
}

TEST(NetworkGraph, FollowsAnotherOne) {
  const Network encoder = random_butterfly(spec_of("2,2,3"), 1);
  NetworkSpec back = spec_of("4,3", Form::block);
  back.order = Order::dif;
  const Network decoder = random_butterfly(back, 2);
  GraphBuilder b(DType::f64);
  const NodeId x = b.input("x", true, 12);
  const ParameterNodes first = make_params(b, get_parameters(encoder, "encoder."));
  const ParameterNodes second = make_params(b, get_parameters(decoder, "decoder."));
  b.output("y", add_network(b, decoder, second, add_network(b, encoder, first, x)));
  std::vector<Tensor> values{row_of(noise(12), true)};
  for (const Network& network : {encoder, decoder}) {
    for (const Parameter& one : get_parameters(network)) values.push_back(tensor_of(one));
  }
  const Signal y = signal_of(reference::interpret(b.finish(), values)[0]);
  EXPECT_LT(distance(y, apply_network(decoder, apply_network(encoder, noise(12)))), kTolerance);
}

TEST(ChainGraph, IsTheChain) {
  const Signal kernel = noise(12, 3);
  for (const Form form : {Form::twiddle, Form::block}) {
    const NetworkSpec spec = spec_of("2,2,3", form);
    for (const Chain& chain : {dct2(spec), dct4(spec), circular_convolution(spec, kernel)}) {
      const Signal x = real_noise(12);
      const Signal expected = apply_chain(chain, x);
      for (const bool params : {false, true}) {
        EXPECT_LT(distance(run(chain, x, true, params), expected), kTolerance);
        EXPECT_LT(distance(run(chain, x, false, params), expected), kTolerance);
      }
    }
  }
}

TEST(ChainGraph, OfRealInputTakesTheRealPart) {
  NetworkSpec spec = spec_of("2,3");
  spec.input = Input::real;
  const Chain chain{12, {random_butterfly(spec, 1)}};
  const Signal expected = apply_chain(chain, real_noise(12));
  // noise has the same draws in its real parts.
  for (const bool params : {false, true}) {
    EXPECT_LT(distance(run(chain, noise(12), true, params), expected), kTolerance);
    EXPECT_LT(distance(run(chain, real_noise(12), false, params), expected), kTolerance);
  }
}

TEST(GraphRefusals, NodesFitTheStructure) {
  const Network network = random_butterfly(spec_of("2,3"), 1);
  NetworkSpec spec = network.spec;
  spec.input = Input::real;
  const Network of_real = random_butterfly(spec, 1);
  GraphBuilder b(DType::f64);
  const NodeId x = b.input("x", true, 6);
  const NodeId z = b.input("z", true, 12);
  ParameterNodes p = make_constants(b, get_parameters(network));
  const ParameterNodes real_p = make_constants(b, get_parameters(of_real));
  EXPECT_THROW(add_network(b, of_real, real_p, z), InternalError);  // complex samples
  EXPECT_THROW(add_network(b, of_real, real_p, b.input("r", false, 6)), InternalError);
  EXPECT_THROW(add_network(b, network, p, z), InternalError);  // another length
  std::swap(p[0], p[1]);
  EXPECT_THROW(add_network(b, network, p, x), InternalError);
  p.pop_back();
  EXPECT_THROW(add_network(b, network, p, x), InternalError);
  EXPECT_THROW(add_chain(b, Chain{6, {network}}, p, x), InternalError);
  Network broken = network;
  broken.permutation[0] = 1;
  EXPECT_THROW(add_network(b, broken, p, x), UserError);
}

std::string names(const std::vector<Parameter>& parameters) {
  std::string text;
  for (const Parameter& one : parameters) {
    text += one.name + (one.complex ? " c" : " r") + std::to_string(one.count()) + "\n";
  }
  return text;
}

TEST(Parameters, AreNamedAsTheFilesNameThem) {
  NetworkSpec spec = spec_of("2,3");
  spec.input = Input::real;
  Network network = random_butterfly(spec, 1);
  network.stages[1].gates = {0.5, 0.25};
  EXPECT_EQ(names(get_parameters(network, "encoder.")),
            "encoder.stage.0.twiddle c3\nencoder.stage.1.twiddle c4\nencoder.stage.1.gate r2\n"
            "encoder.recombination.twiddle c6\nencoder.scale r1\n");
  spec = spec_of("4", Form::block);
  spec.field = Field::real;
  EXPECT_EQ(names(get_parameters(random_butterfly(spec, 1))), "stage.0.block r16\nscale r1\n");
  EXPECT_EQ(names(get_parameters(dct2(spec_of("4")))),
            "stage.0.twiddle c3\nscale r1\ndiagonal c4\n");
  EXPECT_EQ(names(get_parameters(circular_convolution(spec_of("2"), noise(2)), "1.")),
            "1.0.stage.0.twiddle c1\n1.0.scale r1\n1.diagonal c2\n1.1.stage.0.twiddle c1\n"
            "1.1.scale r1\n");
}

/// All tensors of one model, written into another one of its structure.
template <typename Model>
void expect_copied(const Model& from, Model to) {
  const auto parameters = get_parameters(from);
  set_parameters(to, parameters);
  const auto copied = get_parameters(to);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    EXPECT_EQ(copied[i].values, parameters[i].values) << parameters[i].name;
  }
  EXPECT_EQ(dense(to).values, dense(from).values);
}

TEST(Parameters, ComeBackIntoTheModel) {
  for (const Tying tying : {Tying::untied, Tying::tied}) {
    NetworkSpec spec = spec_of("2,3,2");
    spec.input = Input::real;
    spec.tying = tying;
    expect_copied(gated(random_butterfly(spec, 1), 0.1, 1), gated(random_butterfly(spec, 2), 0, 2));
  }
  NetworkSpec spec = spec_of("2,3", Form::block);
  spec.field = Field::real;
  spec.norm = Norm::ortho;
  Network other = random_butterfly(spec, 2);
  other.scale = 9.0;
  expect_copied(random_butterfly(spec, 1), other);
  const NetworkSpec plain = spec_of("2,3");
  expect_copied(circular_convolution(plain, noise(6, 1)), circular_convolution(plain, noise(6, 2)));
}

TEST(Parameters, OfAnotherShapeAreRefused) {
  Network network = random_butterfly(spec_of("2,3"), 1);
  auto parameters = get_parameters(network);
  parameters[1].values.pop_back();
  expect_refusal([&] { set_parameters(network, parameters); },
                 {"stage.1.twiddle", "8 real numbers, not 7"});
  parameters.pop_back();
  expect_refusal([&] { set_parameters(network, parameters); }, {"3 tensors", "not 2"});
}

}  // namespace
}  // namespace papilio::transform
