// Sums over items and over elements, and their adjoint, copies.
#include "reference/ops.h"

namespace papilio::reference {
namespace {

/// Adds element i of `in` to element index(i) of `out`; a mean is divided by how many went to each.
template <typename Index>
Tensor add_up(const Tensor& in, Tensor out, bool mean, Index index) {
  for (std::int64_t i = 0; i < in.count(); ++i) out.set(index(i), out.at(index(i)) + in.at(i));
  if (!mean) return out;
  const double each = static_cast<double>(in.count()) / static_cast<double>(out.count());
  for (std::int64_t i = 0; i < out.count(); ++i) out.set(i, out.at(i) / each);
  return out;
}

}  // namespace

/// [.., n] -> [n]. The mean of no items is NaN.
Tensor run_SumItems(const ir::Node& node, Inputs in) {
  const std::int64_t n = in[0]->last();
  return add_up(*in[0], zeros({n}, in[0]->complex), node.as<ir::SumAttrs>().mean,
                [n](std::int64_t i) { return i % n; });
}

/// [.., n] -> [.., 1].
Tensor run_SumElements(const ir::Node& node, Inputs in) {
  const std::int64_t n = in[0]->last();
  return add_up(*in[0], zeros_like(*in[0], 1, in[0]->complex), node.as<ir::SumAttrs>().mean,
                [n](std::int64_t i) { return i / n; });
}

/// [n], [.., 1] or [1] copied into the shape of the second operand, of which nothing else matters.
/// A mean divides by the number of copies.
Tensor run_Spread(const ir::Node& node, Inputs in) {
  const Tensor& from = *in[0];
  Tensor out = zeros(in[1]->shape, from.complex);
  const bool to_items = from.shape.size() < out.shape.size();
  const bool to_elements = from.last() == 1;
  const double copies = static_cast<double>(out.count()) / static_cast<double>(from.count());
  const double share = node.as<ir::SumAttrs>().mean ? 1.0 / copies : 1.0;
  for (std::int64_t i = 0; i < out.count(); ++i) {
    const std::int64_t item = to_items ? 0 : i / out.last();
    const std::int64_t element = to_elements ? 0 : i % out.last();
    out.set(i, share * from.at(item * from.last() + element));
  }
  return out;
}

}  // namespace papilio::reference
