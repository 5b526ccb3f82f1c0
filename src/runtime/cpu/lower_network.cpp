// Networks on the tile that frames lie in: what they compute for an item does not depend on the
// lanes beside it.
#include "runtime/cpu/lower_network.h"

#include <algorithm>
#include <complex>
#include <memory>

#include "base/buffer.h"
#include "papilio/error.h"
#include "runtime/cpu/butterfly_tiles.h"

namespace papilio::runtime::cpu {
namespace {

template <typename T>
kernels::Source<T> source_at(const Tile<T>& tile, const Value& value) {
  return {tile.at(value.re), tile.at(value.im)};
}

template <typename T>
kernels::Target<T> target_at(const Tile<T>& tile, const Value& value) {
  return {tile.at(value.re), tile.at(value.im)};
}

/// The parameters as the kernels read them.
template <typename T>
std::shared_ptr<const base::Buffer<T>> packed(const OpContext<T>& c,
                                              const TileButterfly<T>& network) {
  if (c.graph.node(c.node.inputs[1]).op != ir::OpKind::Const) {
    throw InternalError("[cpu] a network of frames has numbers that are not known");
  }
  const std::vector<T> values = table_of<T>(c.graph, c.node.inputs[1]);
  auto table = std::make_shared<base::Buffer<T>>(static_cast<std::size_t>(network.table_size()));
  network.pack(reinterpret_cast<const std::complex<T>*>(values.data()), table->data());
  return table;
}

}  // namespace

template <typename T>
void lower_butterfly(OpContext<T>& c) {
  const auto& attrs = c.node.template as<ir::ButterflyAttrs>();
  auto network = std::make_shared<const TileButterfly<T>>(attrs, c.isa, TileLanes::all);
  const auto table = packed(c, *network);
  // Only a transposed network that permutes its result cannot be run where the result goes.
  Value work = c.output;
  if (attrs.transposed && attrs.permutation != nullptr) {
    work = {c.slots.take(network->n()), c.slots.take(network->n()), network->n()};
    c.slots.give_back(work.re);
    c.slots.give_back(work.im);
  }
  c.steps.push_back([network, table, work, in = c.inputs[0], out = c.output](Tile<T>& tile) {
    network->run_tile(table->data(), source_at(tile, in), target_at(tile, out),
                      target_at(tile, work));
  });
}

template <typename T>
void lower_gather(OpContext<T>& c) {
  const auto index = c.node.template as<ir::GatherAttrs>().index;
  const auto append = [&](std::int64_t from, std::int64_t to) {
    c.steps.push_back([index, from, to](Tile<T>& tile) {
      T* at = tile.at(to);
      for (const std::int32_t i : *index) at = std::copy_n(tile.at(from + i), tile.lanes, at);
    });
  };
  append(c.inputs[0].re, c.output.re);
  if (c.output.has_im()) append(c.inputs[0].im, c.output.im);
}

template <typename T>
void lower_conj(OpContext<T>& c) {
  c.steps.push_back([in = c.inputs[0], out = c.output](Tile<T>& tile) {
    const std::int64_t count = in.length * tile.lanes;
    std::copy_n(tile.at(in.re), count, tile.at(out.re));
    if (!in.has_im()) return;
    const T* from = tile.at(in.im);
    T* to = tile.at(out.im);
    for (std::int64_t i = 0; i < count; ++i) to[i] = -from[i];
  });
}

template <typename T>
void lower_real(OpContext<T>& c) {
  c.steps.push_back([in = c.inputs[0], out = c.output](Tile<T>& tile) {
    std::copy_n(tile.at(in.re), in.length * tile.lanes, tile.at(out.re));
  });
}

template <typename T>
void lower_complex(OpContext<T>& c) {
  c.steps.push_back([in = c.inputs[0], out = c.output](Tile<T>& tile) {
    const std::int64_t count = in.length * tile.lanes;
    std::copy_n(tile.at(in.re), count, tile.at(out.re));
    std::fill_n(tile.at(out.im), count, T(0));
  });
}

#define PAPILIO_INSTANTIATE(T)                     \
  template void lower_butterfly<T>(OpContext<T>&); \
  template void lower_gather<T>(OpContext<T>&);    \
  template void lower_conj<T>(OpContext<T>&);      \
  template void lower_real<T>(OpContext<T>&);      \
  template void lower_complex<T>(OpContext<T>&);
PAPILIO_INSTANTIATE(float)
PAPILIO_INSTANTIATE(double)
#undef PAPILIO_INSTANTIATE

}  // namespace papilio::runtime::cpu
