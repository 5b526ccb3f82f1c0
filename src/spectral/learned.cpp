// Networks and chains as the transform of a graph.
#include "spectral/learned.h"

#include <string>

#include "spectral/check.h"
#include "transform/graph.h"

namespace papilio::spectral {
namespace {

using ir::NodeId;
using ir::OpKind;

NodeId add_model(ir::GraphBuilder& builder, const transform::Network& network, NodeId x) {
  const auto numbers = make_constants(builder, get_parameters(network));
  return add_network(builder, network, numbers, x);
}

NodeId add_model(ir::GraphBuilder& builder, const transform::Chain& chain, NodeId x) {
  const auto numbers = make_constants(builder, get_parameters(chain));
  return add_chain(builder, chain, numbers, x);
}

NodeId add_learned(ir::GraphBuilder& builder, const LearnedTransform& learned, NodeId x) {
  return std::visit([&](const auto& model) { return add_model(builder, model, x); }, learned.model);
}

}  // namespace

std::int64_t LearnedTransform::n() const {
  if (const auto* network = std::get_if<transform::Network>(&model)) return network->spec.n();
  return std::get<transform::Chain>(model).n;
}

bool LearnedTransform::real_input() const {
  const auto* network = std::get_if<transform::Network>(&model);
  return network != nullptr && network->spec.input == transform::Input::real;
}

NodeId add_transform(ir::GraphBuilder& builder, NodeId x, const LearnedTransform* learned,
                     std::string_view verb) {
  const bool complex = builder.node(x).type.complex();
  const std::int64_t n = builder.node(x).type.last().size;
  if (learned == nullptr) {
    return builder.add(complex ? OpKind::Fft : OpKind::Rfft, {x}, ir::FftAttrs{n, 1.0});
  }
  const Check check(verb);
  check.that(n == learned->n(), "the transform has a length of " + std::to_string(n) +
                                    ", but the model is of n = " + std::to_string(learned->n()) +
                                    "; give --n-fft " + std::to_string(learned->n()));
  check.that(!complex || !learned->real_input(),
             "the model takes real samples, and the input is complex; give a model of complex "
             "input");
  x = add_learned(builder, *learned, x);
  if (complex || learned->real_input()) return x;
  return builder.add(OpKind::Slice, {x}, ir::SliceAttrs{0, n / 2 + 1});
}

ir::Graph build_learned(const LearnedTransform& learned, std::int64_t length, DType compute) {
  ir::GraphBuilder builder(compute);
  NodeId x = builder.input("signal", !learned.real_input(), length);
  const std::int64_t n = learned.n();
  if (n < length) x = builder.add(OpKind::Slice, {x}, ir::SliceAttrs{0, n});
  if (n > length) x = builder.add(OpKind::Pad, {x}, ir::PadAttrs{0, n});
  builder.output("fft", add_learned(builder, learned, x));
  return builder.finish();
}

}  // namespace papilio::spectral
