// The calculus of butterflies. A product of stages is linear in each of them, so that derivatives
// of first order are runs of the same stages again, and those of second order single stages.
#include <utility>

#include "ir/butterfly.h"
#include "ir/gradient_rules.h"

namespace papilio::ir {
namespace {

NodeId conj(const Link& l, NodeId p) { return l.add(OpKind::Conj, {p}); }

/// A(p)^H is the butterfly of these attributes with the parameters conj(p): rows need no conj.
ButterflyAttrs adjoint(ButterflyAttrs a) {
  a.transposed = !a.transposed;
  if (!a.block) a.inverse = !a.inverse;
  return a;
}

ButterflyAttrs stage_of(const ButterflyAttrs& a, int s) {
  ButterflyAttrs one = a;
  one.first = s;
  one.last = s + 1;
  if (s != a.first) one.permutation = nullptr;
  return one;
}

/// The parameters of stage s among those of the run.
NodeId part_of(const Link& l, const ButterflyAttrs& a, NodeId p, int s) {
  if (a.last - a.first == 1) return p;
  std::int64_t begin = 0;
  for (int earlier = a.first; earlier < s; ++earlier) begin += stage_parameters(a, earlier);
  return l.add(OpKind::Slice, {p}, SliceAttrs{begin, begin + stage_parameters(a, s)});
}

/// A signal between stages, and its derivative along a direction of the parameters; kNoGradient:
/// zero, or not needed.
struct Signal {
  NodeId value;
  NodeId derivative;
};

/// The signal before each stage, in order of application, and behind the last one, when the
/// parameters p move along dp.
std::vector<Signal> signals(const Link& l, const ButterflyAttrs& a, NodeId x, NodeId p, NodeId dp) {
  std::vector<Signal> result{{x, kNoGradient}};
  const int count = a.last - a.first;
  for (int k = 0; k < count; ++k) {
    const int s = a.transposed ? a.last - 1 - k : a.first + k;
    const ButterflyAttrs one = stage_of(a, s);
    ButterflyAttrs moving = one;
    moving.linear = !a.block;
    const NodeId w = part_of(l, a, p, s);
    const auto [value, derivative] = result.back();
    Signal next{kNoGradient, l.add(OpKind::Butterfly, {value, part_of(l, a, dp, s)}, moving)};
    if (derivative != kNoGradient) {
      const NodeId moved = l.add(OpKind::Butterfly, {derivative, w}, one);
      next.derivative = l.add(OpKind::Add, {next.derivative, moved});
    }
    if (k + 1 < count) next.value = l.add(OpKind::Butterfly, {value, w}, one);
    result.push_back(next);
  }
  return result;
}

/// For each stage, the derivative of g^H A(p) x along a direction, with respect to that stage: the
/// direction has moved the signal before it, or what comes back from behind it.
NodeId parameters_of(const Link& l, const ButterflyAttrs& a, const std::vector<Signal>& there,
                     const std::vector<Signal>& back, NodeId p) {
  NodeId joined = kNoGradient;
  for (int s = a.first; s < a.last; ++s) {
    const int k = a.transposed ? a.last - 1 - s : s - a.first;
    const Signal& x = there[static_cast<std::size_t>(k)];
    const Signal& g = back[static_cast<std::size_t>(a.last - a.first - 1 - k)];
    NodeId sum = kNoGradient;
    for (const auto& [before, behind] :
         {std::pair(x.derivative, g.value), {x.value, g.derivative}}) {
      if (before == kNoGradient || behind == kNoGradient) continue;
      const NodeId term =
          l.add(OpKind::ButterflyGradient, {before, behind, part_of(l, a, p, s)}, stage_of(a, s));
      sum = sum == kNoGradient ? term : l.add(OpKind::Add, {sum, term});
    }
    joined = joined == kNoGradient ? sum : l.add(OpKind::Concat, {joined, sum});
  }
  return joined;
}

}  // namespace

NodeId grad_Butterfly(const Link& l) {
  const auto& a = l.node.as<ButterflyAttrs>();
  if (l.input == 0) return l.add(OpKind::Butterfly, {l.g, conj(l, l.in(1))}, adjoint(a));
  return l.add(OpKind::ButterflyGradient, {l.in(0), l.g, l.in(1)}, a);
}

/// The result tells how fast Re(g^H A(p) x) grows along any direction dp of the parameters: l.g
/// is that direction, and what is asked for the gradient of that speed. It is Re(g^H A' x), with
/// the derivative A' of A along dp.
NodeId grad_ButterflyGradient(const Link& l) {
  const auto& a = l.node.as<ButterflyAttrs>();
  const NodeId p = l.in(2);
  // A single stage moves by the same whatever its own parameters are.
  if (l.input == 2 && a.last - a.first == 1) return kNoGradient;
  std::vector<Signal> there;
  std::vector<Signal> back;
  if (l.input != 0) there = signals(l, a, l.in(0), p, l.g);
  if (l.input != 1) back = signals(l, adjoint(a), l.in(1), conj(l, p), conj(l, l.g));
  if (l.input == 0) return back.back().derivative;
  if (l.input == 1) return there.back().derivative;
  return parameters_of(l, a, there, back, p);
}

}  // namespace papilio::ir
