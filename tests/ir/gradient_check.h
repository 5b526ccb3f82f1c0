/// Gradients against central differences of fourth order, in double on the reference device.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>
#include <string>

#include "ir/gradient.h"
#include "ir/losses.h"
#include "ir/noise.h"
#include "ir/op_samples.h"

namespace papilio::ir {

using reference::Tensor;
using Values = std::vector<Tensor>;

/// Adds a tensor, or a loss, that is made of the inputs.
using Build = std::function<NodeId(GraphBuilder&, samples::Inputs)>;

inline constexpr double kStep = 3e-5;

/// Inputs and params of what `b` holds so far.
inline std::vector<NodeId> ports_of(const GraphBuilder& b) {
  std::vector<NodeId> ports;
  for (NodeId id = 0; id < b.size(); ++id) {
    if (is_port(b.node(id).op)) ports.push_back(id);
  }
  return ports;
}

/// Random numbers that depend on the seed only.
inline NodeId random_vector(GraphBuilder& b, std::int64_t n, bool complex, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  std::vector<double> values(static_cast<std::size_t>(complex ? 2 * n : n));
  std::generate(values.begin(), values.end(), [&] { return normal(random); });
  return b.constant(std::move(values), complex);
}

/// The mean of |c y|^2 + Re(d y) for random c and d: every element of y has a cotangent of its own.
inline NodeId random_loss(GraphBuilder& b, NodeId y) {
  const bool complex = b.node(y).type.complex();
  const std::int64_t n = b.node(y).type.last().size;
  const NodeId cy = b.add(OpKind::Mul, {y, random_vector(b, n, complex, 3)});
  const NodeId dy = b.add(OpKind::Mul, {y, random_vector(b, n, complex, 4)});
  const NodeId square = complex ? b.add(OpKind::Power, {cy}) : b.add(OpKind::Mul, {cy, cy});
  const NodeId linear = complex ? b.add(OpKind::Real, {dy}) : dy;
  return mean_of(b, b.add(OpKind::Add, {square, linear}));
}

/// The sum of all elements of Re(a conj(b)).
inline NodeId inner_product(GraphBuilder& g, NodeId a, NodeId b) {
  const bool complex = g.node(a).type.complex();
  NodeId product = g.add(OpKind::Mul, {a, complex ? g.add(OpKind::Conj, {b}) : b});
  if (complex) product = g.add(OpKind::Real, {product});
  return g.add(OpKind::SumElements, {g.add(OpKind::SumItems, {product}, SumAttrs{})}, SumAttrs{});
}

/// Output "loss".
inline Graph loss_graph(const Build& loss) {
  GraphBuilder b(DType::f64);
  b.output("loss", loss(b, samples::Inputs(b, samples::kSamples)));
  return b.finish();
}

/// The gradient of the loss for each port, in their order.
inline Graph gradient_graph(const Build& loss) {
  GraphBuilder b(DType::f64);
  const NodeId scalar = loss(b, samples::Inputs(b, samples::kSamples));
  for (const NodeId g : gradients(b, scalar, ports_of(b))) {
    b.output("g" + std::to_string(g), g);
  }
  return b.finish();
}

/// The Hessian of the loss times a direction, for each port of the loss; the ports of the direction
/// come after those of the loss.
inline Graph hessian_graph(const Build& loss) {
  GraphBuilder b(DType::f64);
  const NodeId scalar = loss(b, samples::Inputs(b, samples::kSamples));
  const std::vector<NodeId> ports = ports_of(b);
  std::vector<NodeId> direction;
  for (std::size_t i = 0; i < ports.size(); ++i) {
    const Node port = b.node(ports[i]);
    const std::string name = "v" + std::to_string(i);
    direction.push_back(port.op == OpKind::Input
                            ? b.input(name, port.type.complex(), samples::kSamples)
                            : b.param(name, port.as<ParamAttrs>().shape, port.type.complex()));
  }
  const std::vector<NodeId> second = hessian_product(b, scalar, ports, direction);
  for (std::size_t i = 0; i < second.size(); ++i) b.output("h" + std::to_string(i), second[i]);
  return b.finish();
}

inline Values noise_for(const Graph& graph) {
  return noise_for(graph, samples::kRows, samples::kSamples);
}

/// (8 (f(1) - f(-1)) - (f(2) - f(-2))) / 12 of f(steps), divided by the step.
template <typename F>
double difference(F f) {
  return (8.0 * (f(1.0) - f(-1.0)) - (f(2.0) - f(-2.0))) / (12.0 * kStep);
}

/// Central differences of the loss for every real and every imaginary part of every port.
inline Values numeric_gradient(const Graph& loss, Values at) {
  Values result = at;
  for (std::size_t port = 0; port < at.size(); ++port) {
    const auto differences = [&](std::vector<double>& part, std::vector<double>& out) {
      for (std::size_t i = 0; i < part.size(); ++i) {
        const double middle = part[i];
        out[i] = difference([&](double steps) {
          part[i] = middle + steps * kStep;
          return reference::interpret(loss, at)[0].re[0];
        });
        part[i] = middle;
      }
    };
    differences(at[port].re, result[port].re);
    differences(at[port].im, result[port].im);
  }
  return result;
}

/// a + factor b.
inline Values moved(Values a, const Values& b, double factor) {
  for (std::size_t port = 0; port < a.size(); ++port) {
    for (std::int64_t i = 0; i < a[port].count(); ++i) {
      a[port].set(i, a[port].at(i) + factor * b[port].at(i));
    }
  }
  return a;
}

/// Central differences of the gradient along a direction.
inline Values numeric_hessian_product(const Graph& gradient, const Values& at,
                                      const Values& along) {
  const auto g = [&](double steps) {
    return reference::interpret(gradient, moved(at, along, steps * kStep));
  };
  const Values inner = moved(g(1.0), g(-1.0), -1.0);
  const Values outer = moved(g(2.0), g(-2.0), -1.0);
  Values result = at;
  for (Tensor& tensor : result) tensor = reference::zeros(tensor.shape, tensor.complex);
  result = moved(std::move(result), inner, 8.0 / (12.0 * kStep));
  return moved(std::move(result), outer, -1.0 / (12.0 * kStep));
}

inline double norm(const Tensor& x) {
  double sum = 0.0;
  for (std::int64_t i = 0; i < x.count(); ++i) sum += std::norm(x.at(i));
  return std::sqrt(sum);
}

/// |a - b| / max(|a|, |b|), the worst over the ports; shapes must be the same.
inline double relative_error(const Values& a, const Values& b) {
  double worst = 0.0;
  for (std::size_t port = 0; port < a.size(); ++port) {
    if (a[port].shape != b[port].shape || a[port].complex != b[port].complex) return INFINITY;
    const double size = std::max(norm(a[port]), norm(b[port]));
    if (size == 0.0) continue;
    const double error = norm(moved({a[port]}, {b[port]}, -1.0)[0]) / size;
    if (!(error <= worst)) worst = error;
  }
  return worst;
}

/// Error of the gradient of a loss at random inputs.
inline double gradient_error(const Build& loss) {
  const Graph exact = gradient_graph(loss);
  const Values at = noise_for(exact);
  return relative_error(reference::interpret(exact, at), numeric_gradient(loss_graph(loss), at));
}

/// Error of the Hessian-vector product of a loss at random inputs, in a random direction.
inline double hessian_error(const Build& loss) {
  const Graph gradient = gradient_graph(loss);
  const Graph exact = hessian_graph(loss);
  const Values all = noise_for(exact);
  const auto middle = all.begin() + std::ssize(all) / 2;
  const Values at(all.begin(), middle);
  const Values along(middle, all.end());
  return relative_error(reference::interpret(exact, all),
                        numeric_hessian_product(gradient, at, along));
}

}  // namespace papilio::ir
