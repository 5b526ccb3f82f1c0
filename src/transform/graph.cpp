// From networks to nodes: butterflies, and elementwise ops for what surrounds them.
#include "transform/graph.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "papilio/error.h"
#include "transform/blocks.h"

namespace papilio::transform {
namespace {

using ir::GraphBuilder;
using ir::NodeId;
using ir::OpKind;

NodeId as_complex(GraphBuilder& b, NodeId x) {
  return b.node(x).type.complex() ? x : b.add(OpKind::Complex, {x});
}

NodeId add_constant(GraphBuilder& b, const std::vector<Complex>& values) {
  std::vector<double> interleaved;
  for (const Complex value : values) {
    interleaved.push_back(value.real());
    interleaved.push_back(value.imag());
  }
  return b.constant(std::move(interleaved), true);
}

/// Of the last axis of x, the elements index(0), .., index(count - 1).
NodeId gather(GraphBuilder& b, NodeId x, std::int64_t count,
              const std::function<std::int64_t(std::int64_t)>& index) {
  std::vector<std::int32_t> list;
  for (std::int64_t i = 0; i < count; ++i) list.push_back(static_cast<std::int32_t>(index(i)));
  return b.add(OpKind::Gather, {x},
               ir::GatherAttrs{std::make_shared<const std::vector<std::int32_t>>(std::move(list)),
                               b.node(x).type.last().size});
}

/// x times a factor that all elements share.
NodeId scaled(GraphBuilder& b, NodeId x, Complex factor) {
  const auto n = static_cast<std::size_t>(b.node(x).type.last().size);
  const NodeId factors = factor.imag() == 0.0 ? b.constant(std::vector<double>(n, factor.real()))
                                              : add_constant(b, std::vector<Complex>(n, factor));
  return b.add(OpKind::Mul, {x, factors});
}

/// The blocks w_j DFT_r[q, j] of a stage's twiddles.
NodeId blocks_of_twiddles(GraphBuilder& b, const NetworkSpec& spec, int s, NodeId twiddles) {
  const StageShape shape = spec.layout.stage(s);
  const std::int64_t radix = shape.radix;
  const Matrix dft = dft_matrix(radix, spec.direction);
  std::vector<Complex> factors;
  for (std::int64_t block = 0; block < shape.blocks(); ++block) {
    factors.insert(factors.end(), dft.values.begin(), dft.values.end());
  }
  const NodeId all = b.add(OpKind::Concat, {add_constant(b, {1.0}), twiddles});
  const NodeId weights = gather(b, all, shape.n * radix, [&](std::int64_t i) {
    const std::int64_t j = i % radix;
    return j == 0 ? 0 : j + i / (radix * radix) * (radix - 1);
  });
  return b.add(OpKind::Mul, {weights, add_constant(b, factors)});
}

/// g M + (1 - g) I, block by block.
NodeId gated_blocks(GraphBuilder& b, const StageShape& shape, NodeId blocks, NodeId gates) {
  const std::int64_t size = shape.radix * shape.radix;
  const NodeId gate = gather(b, gates, shape.n * shape.radix, [&](auto i) { return i / size; });
  std::vector<double> identity;
  for (std::int64_t i = 0; i < shape.n * shape.radix; ++i) {
    identity.push_back(i % size % (shape.radix + 1) == 0 ? 1.0 : 0.0);
  }
  const NodeId skipped = b.add(OpKind::Affine, {gate}, ir::AffineAttrs{-1.0, 1.0});
  return b.add(OpKind::Add, {b.add(OpKind::Mul, {blocks, gate}),
                             b.add(OpKind::Mul, {skipped, b.constant(std::move(identity))})});
}

/// The parameters of stage s as its butterfly takes them.
NodeId held_by_stage(GraphBuilder& b, const NetworkSpec& spec, int s, NodeId free) {
  const NodeId values = as_complex(b, free);
  if (free_parameters(spec, s) == held_parameters(spec, s)) return values;
  const std::vector<std::int64_t> map = parameter_map(spec, s);
  return gather(b, values, std::ssize(map),
                [&](auto i) { return map[static_cast<std::size_t>(i)]; });
}

/// A butterfly and its parameters.
struct Run {
  ir::ButterflyAttrs attrs;
  NodeId parameters;
  std::vector<double> known = {};  ///< where all of them are constants: what they are together

  /// Those of another stage. Constants are joined here: a chain of Concats, folded, would keep the
  /// numbers of every prefix of the stages, many times what a long network holds.
  void append(GraphBuilder& b, NodeId held) {
    const auto* more = std::get_if<ir::ConstAttrs>(&b.node(held).attrs);
    const auto* first = std::get_if<ir::ConstAttrs>(&b.node(parameters).attrs);
    if (more != nullptr && first != nullptr) {
      if (known.empty()) known = *first->values;
      known.insert(known.end(), more->values->begin(), more->values->end());
      return;
    }
    join_known(b);
    parameters = b.add(OpKind::Concat, {parameters, held});
  }
  void join_known(GraphBuilder& b) {
    if (!known.empty()) parameters = b.constant(std::exchange(known, {}), true);
  }
};

/// Stages that one op runs: neighbours with gates, whose blocks are written out, or without.
std::vector<Run> runs_of(GraphBuilder& b, const Network& network,
                         ParameterNodes::const_iterator& p) {
  const NetworkSpec& spec = network.spec;
  std::vector<Run> runs;
  for (int s = 0; s < spec.layout.stages(); ++s) {
    const bool gated = !network.stages[static_cast<std::size_t>(s)].gates.empty();
    const bool block = gated || spec.form == Form::block;
    NodeId held = held_by_stage(b, spec, s, *p++);
    if (block && spec.form == Form::twiddle) held = blocks_of_twiddles(b, spec, s, held);
    if (gated) held = gated_blocks(b, spec.layout.stage(s), held, *p++);
    if (!runs.empty() && runs.back().attrs.block == block) {
      runs.back().attrs.last = s + 1;
      runs.back().append(b, held);
      continue;
    }
    ir::ButterflyAttrs attrs;
    attrs.radices = spec.layout.radices;
    attrs.first = s;
    attrs.last = s + 1;
    attrs.block = block;
    attrs.inverse = !block && spec.direction == Direction::inverse;
    attrs.transposed = spec.order == Order::dif;
    runs.push_back({std::move(attrs), held});
  }
  for (Run& run : runs) run.join_known(b);
  if (!std::is_sorted(network.permutation.begin(), network.permutation.end())) {
    runs.front().attrs.permutation =
        std::make_shared<const std::vector<std::int32_t>>(network.permutation);
  }
  if (spec.order == Order::dif) std::reverse(runs.begin(), runs.end());
  return runs;
}

/// x[2t] + i x[2t+1] for t < h.
NodeId pair_samples(GraphBuilder& b, NodeId x, std::int64_t h) {
  const NodeId even = gather(b, x, h, [](auto t) { return 2 * t; });
  const NodeId odd = gather(b, x, h, [](auto t) { return 2 * t + 1; });
  return b.add(OpKind::Add, {as_complex(b, even), scaled(b, as_complex(b, odd), {0.0, 1.0})});
}

/// recombine (transform/recombination.h) of the spectrum u of pairs of real samples: bin h is bin 0
/// with -w.
NodeId recombined(GraphBuilder& b, NodeId u, NodeId twiddles, std::int64_t h) {
  const auto here = [&](std::int64_t k) { return k % h; };
  const auto mirrored = [&](std::int64_t k) { return (h - k) % h; };
  const NodeId a = gather(b, u, h + 1, here);
  const NodeId v = b.add(OpKind::Conj, {gather(b, u, h + 1, mirrored)});
  const NodeId even = scaled(b, b.add(OpKind::Add, {a, v}), 0.5);
  const NodeId odd = scaled(b, b.add(OpKind::Add, {a, scaled(b, v, -1.0)}), {0.0, -0.5});
  std::vector<double> signs(static_cast<std::size_t>(h + 1), 1.0);
  signs.back() = -1.0;
  const NodeId w =
      b.add(OpKind::Mul, {gather(b, twiddles, h + 1, here), b.constant(std::move(signs))});
  return b.add(OpKind::Add, {even, b.add(OpKind::Mul, {odd, w})});
}

/// The nodes, each a value without rows of the size of its tensor.
ParameterNodes checked(const GraphBuilder& b, const std::vector<Parameter>& wanted,
                       std::span<const NodeId> nodes) {
  if (nodes.size() != wanted.size()) {
    throw InternalError("[transform] " + std::to_string(nodes.size()) + " nodes for " +
                        std::to_string(wanted.size()) + " tensors of parameters");
  }
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const ir::Type& type = b.node(nodes[i]).type;
    const bool fits = type.dims.size() == 1 && type.complex() == wanted[i].complex &&
                      type.last().size == wanted[i].count();
    if (!fits) {
      throw InternalError("[transform] " + wanted[i].name + " cannot be " + ir::to_text(type));
    }
  }
  return {nodes.begin(), nodes.end()};
}

NodeId network_of(GraphBuilder& b, const Network& network, ParameterNodes::const_iterator& p,
                  NodeId x) {
  const std::int64_t n = network.spec.layout.n;
  const bool real_input = network.spec.input == Input::real;
  if (real_input && b.node(x).type.complex()) {
    throw InternalError("[transform] a real-input network has a complex input");
  }
  NodeId y = real_input ? pair_samples(b, x, n) : as_complex(b, x);
  for (const Run& run : runs_of(b, network, p)) {
    y = b.add(OpKind::Butterfly, {y, run.parameters}, run.attrs);
  }
  if (real_input) y = recombined(b, y, *p++, n);
  const NodeId scale = gather(b, *p++, network.spec.outputs(), [](auto) { return 0; });
  return b.add(OpKind::Mul, {y, scale});
}

/// The factors of a chain, each taking its parameters in passing.
struct Step {
  GraphBuilder& b;
  ParameterNodes::const_iterator& p;
  NodeId x;

  NodeId operator()(const Permutation& permutation) const {
    const auto& source = permutation.source;
    return gather(b, x, std::ssize(source),
                  [&](auto i) { return source[static_cast<std::size_t>(i)]; });
  }
  NodeId operator()(const Network& network) const {
    const bool real_input = network.spec.input == Input::real;
    return network_of(b, network, p, real_input ? b.add(OpKind::Real, {x}) : x);
  }
  NodeId operator()(const Diagonal&) const { return b.add(OpKind::Mul, {x, *p++}); }
  NodeId operator()(const RealPart&) const {
    return b.add(OpKind::Complex, {b.add(OpKind::Real, {x})});
  }
};

}  // namespace

ParameterNodes make_params(GraphBuilder& builder, const std::vector<Parameter>& parameters) {
  ParameterNodes nodes;
  for (const Parameter& one : parameters) {
    nodes.push_back(builder.param(one.name, {one.count()}, one.complex));
  }
  return nodes;
}

ParameterNodes make_constants(GraphBuilder& builder, const std::vector<Parameter>& parameters) {
  ParameterNodes nodes;
  for (const Parameter& one : parameters) {
    nodes.push_back(builder.constant(one.values, one.complex));
  }
  return nodes;
}

NodeId add_network(GraphBuilder& builder, const Network& structure,
                   std::span<const NodeId> parameters, NodeId x) {
  const ParameterNodes nodes = checked(builder, get_parameters(structure), parameters);
  auto next = nodes.begin();
  return network_of(builder, structure, next, x);
}

NodeId add_chain(GraphBuilder& builder, const Chain& structure, std::span<const NodeId> parameters,
                 NodeId x) {
  const ParameterNodes nodes = checked(builder, get_parameters(structure), parameters);
  auto next = nodes.begin();
  NodeId y = as_complex(builder, x);
  for (const Factor& factor : structure.factors) y = std::visit(Step{builder, next, y}, factor);
  return y;
}

}  // namespace papilio::transform
