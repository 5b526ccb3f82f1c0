// One rule per op: bind a kernel to its tables and slots. Constants become tables here.
#include "runtime/cpu/lower_ops.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "kernels/features.h"
#include "papilio/error.h"
#include "runtime/cpu/lower_fft.h"
#include "runtime/cpu/lower_network.h"
#include "runtime/cpu/lower_top.h"

namespace papilio::runtime::cpu {
namespace {

using ir::OpKind;

/// Appends one step per part (re, and im where there is one): make(from slot, to slot) -> Step.
template <typename T, typename Make>
void for_parts(OpContext<T>& c, Make&& make) {
  const Value& in = c.inputs[0];
  c.steps.push_back(make(in.re, c.output.re));
  if (in.has_im()) c.steps.push_back(make(in.im, c.output.im));
}

template <typename T>
bool second_is_constant(const OpContext<T>& c) {
  return c.graph.node(c.node.inputs[1]).op == OpKind::Const;
}

/// detrend, window and zero padding are one kernel; `window` empty: all ones.
template <typename T>
void append_frame(OpContext<T>& c, kernels::Detrend detrend, std::vector<T> window,
                  std::int64_t offset, std::int64_t size) {
  const auto& kernels = kernels::window_kernels<T>(c.isa);
  const std::int64_t count = c.inputs[0].length;
  for_parts(c, [&](std::int64_t from, std::int64_t to) -> Step<T> {
    return [&kernels, detrend, window, offset, size, count, from, to](Tile<T>& tile) {
      const kernels::FrameShape<T> shape{count, offset, size, detrend,
                                         window.empty() ? nullptr : window.data()};
      kernels.frame(tile.at(from), shape, tile.at(to));
    };
  });
}

template <typename T>
void lower_Detrend(OpContext<T>& c) {
  const bool linear = c.node.template as<ir::DetrendAttrs>().trend == ir::Trend::linear;
  append_frame(c, linear ? kernels::Detrend::linear : kernels::Detrend::constant, c.window, 0,
               c.inputs[0].length);
}

template <typename T>
void lower_Pad(OpContext<T>& c) {
  const auto& attrs = c.node.template as<ir::PadAttrs>();
  append_frame(c, kernels::Detrend::none, {}, attrs.before, attrs.size);
}

template <typename T>
void lower_Preemphasis(OpContext<T>& c) {
  const auto& kernels = kernels::window_kernels<T>(c.isa);
  const auto factor = static_cast<T>(c.node.template as<ir::PreemphasisAttrs>().coefficient);
  const std::int64_t count = c.inputs[0].length;
  for_parts(c, [&](std::int64_t from, std::int64_t to) -> Step<T> {
    return [&kernels, factor, count, from, to](Tile<T>& tile) {
      kernels.preemphasis(tile.at(from), count, factor, tile.at(to));
    };
  });
}

/// (re, im) *= a complex table, elements of all lanes alike.
template <typename T>
Step<T> complex_table_step(std::vector<T> table, Value in, Value out) {
  return [table = std::move(table), in, out](Tile<T>& tile) {
    for (std::int64_t e = 0; e < in.length; ++e) {
      const T a = table[static_cast<std::size_t>(2 * e)];
      const T b = table[static_cast<std::size_t>(2 * e + 1)];
      for (std::int64_t i = e * tile.lanes; i < (e + 1) * tile.lanes; ++i) {
        const T x = tile.at(in.re)[i];
        const T y = tile.at(in.im)[i];
        tile.at(out.re)[i] = x * a - y * b;
        tile.at(out.im)[i] = x * b + y * a;
      }
    }
  };
}

/// Two signals multiplied element by element.
template <typename T>
Step<T> product_step(Value x, Value y, Value out) {
  return [x, y, out](Tile<T>& tile) {
    for (std::int64_t i = 0; i < x.length * tile.lanes; ++i) {
      const T a = tile.at(x.re)[i];
      const T b = x.has_im() ? tile.at(x.im)[i] : T(0);
      const T c = tile.at(y.re)[i];
      const T d = y.has_im() ? tile.at(y.im)[i] : T(0);
      tile.at(out.re)[i] = y.has_im() ? a * c - b * d : a * c;
      if (out.has_im()) tile.at(out.im)[i] = y.has_im() ? a * d + b * c : b * c;
    }
  };
}

template <typename T>
void lower_Mul(OpContext<T>& c) {
  if (!second_is_constant(c)) {
    c.steps.push_back(product_step<T>(c.inputs[0], c.inputs[1], c.output));
    return;
  }
  auto table = table_of<T>(c.graph, c.node.inputs[1]);
  if (c.graph.node(c.node.inputs[1]).type.complex()) {
    c.steps.push_back(complex_table_step<T>(std::move(table), c.inputs[0], c.output));
    return;
  }
  const auto& kernels = kernels::element_kernels<T>(c.isa);
  const std::int64_t count = c.inputs[0].length;
  for_parts(c, [&](std::int64_t from, std::int64_t to) -> Step<T> {
    return [&kernels, table, count, from, to](Tile<T>& tile) {
      kernels.scale_elements(tile.at(from), table.data(), count, tile.at(to));
    };
  });
}

template <typename T>
Step<T> add_step(Value x, Value y, Value out) {
  return [x, y, out](Tile<T>& tile) {
    for (std::int64_t i = 0; i < x.length * tile.lanes; ++i) {
      tile.at(out.re)[i] = tile.at(x.re)[i] + tile.at(y.re)[i];
      if (!out.has_im()) continue;
      tile.at(out.im)[i] = tile.at(x.im)[i] + (y.has_im() ? tile.at(y.im)[i] : T(0));
    }
  };
}

template <typename T>
Step<T> add_table_step(std::vector<T> table, bool complex, Value x, Value out) {
  return [table = std::move(table), complex, x, out](Tile<T>& tile) {
    for (std::int64_t e = 0; e < x.length; ++e) {
      const T re = table[static_cast<std::size_t>(complex ? 2 * e : e)];
      const T im = complex ? table[static_cast<std::size_t>(2 * e + 1)] : T(0);
      for (std::int64_t i = e * tile.lanes; i < (e + 1) * tile.lanes; ++i) {
        tile.at(out.re)[i] = tile.at(x.re)[i] + re;
        if (out.has_im()) tile.at(out.im)[i] = tile.at(x.im)[i] + im;
      }
    }
  };
}

template <typename T>
void lower_Add(OpContext<T>& c) {
  if (!second_is_constant(c)) {
    c.steps.push_back(add_step<T>(c.inputs[0], c.inputs[1], c.output));
    return;
  }
  const bool complex = c.graph.node(c.node.inputs[1]).type.complex();
  c.steps.push_back(
      add_table_step<T>(table_of<T>(c.graph, c.node.inputs[1]), complex, c.inputs[0], c.output));
}

template <typename T>
void lower_Affine(OpContext<T>& c) {
  const auto& kernels = kernels::element_kernels<T>(c.isa);
  const auto& attrs = c.node.template as<ir::AffineAttrs>();
  const auto mul = static_cast<T>(attrs.mul);
  const auto add = static_cast<T>(attrs.add);
  const std::int64_t count = c.inputs[0].length;
  for_parts(c, [&](std::int64_t from, std::int64_t to) -> Step<T> {
    return [&kernels, mul, add, count, from, to](Tile<T>& tile) {
      kernels.affine(tile.at(from), count, mul, add, tile.at(to));
    };
  });
}

template <typename T>
void lower_Slice(OpContext<T>& c) {
  const auto& attrs = c.node.template as<ir::SliceAttrs>();
  for_parts(c, [&](std::int64_t from, std::int64_t to) -> Step<T> {
    return [attrs, from, to](Tile<T>& tile) {
      std::copy_n(tile.at(from) + attrs.begin * tile.lanes, (attrs.end - attrs.begin) * tile.lanes,
                  tile.at(to));
    };
  });
}

template <typename T>
void lower_Concat(OpContext<T>& c) {
  c.steps.push_back([x = c.inputs[0], y = c.inputs[1], out = c.output](Tile<T>& tile) {
    const auto join = [&](std::int64_t first, std::int64_t second, std::int64_t to) {
      T* end = std::copy_n(tile.at(first), x.length * tile.lanes, tile.at(to));
      std::copy_n(tile.at(second), y.length * tile.lanes, end);
    };
    join(x.re, y.re, out.re);
    if (out.has_im()) join(x.im, y.im, out.im);
  });
}

template <typename T>
void lower_Power(OpContext<T>& c) {
  const auto& kernels = kernels::power_kernels<T>(c.isa);
  c.steps.push_back([&kernels, in = c.inputs[0], out = c.output](Tile<T>& tile) {
    kernels.store(tile.at(in.re), tile.at(in.im), in.length, tile.at(out.re));
  });
}

template <typename T>
void lower_Magnitude(OpContext<T>& c) {
  lower_Power(c);
  const auto& kernels = kernels::element_kernels<T>(c.isa);
  c.steps.push_back([&kernels, out = c.output](Tile<T>& tile) {
    kernels.sqrt(tile.at(out.re), out.length, tile.at(out.re));
  });
}

template <typename T>
void lower_Filterbank(OpContext<T>& c) {
  const auto& kernels = kernels::filterbank_kernels<T>(c.isa);
  const ir::BandedMatrix& matrix = *c.node.template as<ir::FilterbankAttrs>().matrix;
  std::vector<kernels::Band> bands;
  for (const auto& band : matrix.bands) bands.push_back({band.first_bin, band.count, band.offset});
  std::vector<T> weights(matrix.weights.begin(), matrix.weights.end());
  c.steps.push_back([&kernels, bands, weights, in = c.inputs[0], out = c.output](Tile<T>& tile) {
    kernels.apply(tile.at(in.re), bands, weights.data(), tile.at(out.re));
  });
}

template <typename T>
void lower_Log(OpContext<T>& c) {
  const auto& kernels = kernels::log_kernels<T>(c.isa);
  const auto& attrs = c.node.template as<ir::LogAttrs>();
  const auto log = attrs.base == ir::LogBase::e ? kernels.ln : kernels.log10;
  const auto floor = static_cast<T>(attrs.floor);
  c.steps.push_back([log, floor, in = c.inputs[0], out = c.output](Tile<T>& tile) {
    log(tile.at(in.re), in.length, floor, tile.at(out.re));
  });
}

/// Lane by lane: max(x, maximum - range).
template <typename T>
void clamp(const kernels::ElementKernels<T>& kernels, const Tile<T>& tile, Value in, Value out,
           T* maximum, T range) {
  for (std::int64_t l = 0; l < tile.lanes; ++l) maximum[l] -= range;
  kernels.floor_lanes(tile.at(in.re), maximum, in.length, tile.at(out.re));
}

template <typename T>
void lower_ClampRange(OpContext<T>& c) {
  const auto& kernels = kernels::element_kernels<T>(c.isa);
  const auto& attrs = c.node.template as<ir::ClampRangeAttrs>();
  const auto range = static_cast<T>(attrs.range);
  const auto fixed = static_cast<T>(attrs.maximum);
  const int stored = c.input_stored;
  const ir::RangeMax over = attrs.over;
  c.steps.push_back(
      [&kernels, range, fixed, stored, over, in = c.inputs[0], out = c.output](Tile<T>& tile) {
        alignas(64) std::array<T, kMaxTileLanes> maximum;
        maximum.fill(fixed);
        if (over == ir::RangeMax::frame) {
          maximum.fill(-std::numeric_limits<T>::infinity());
          kernels.lane_max(tile.at(in.re), in.length, maximum.data());
        }
        if (over == ir::RangeMax::clip) {
          const T* row_max = tile.row_max[static_cast<std::size_t>(stored)];
          for (std::int64_t l = 0; l < tile.lanes; ++l) {
            if (tile.row[l] >= 0) maximum[static_cast<std::size_t>(l)] = row_max[tile.row[l]];
          }
        }
        clamp(kernels, tile, in, out, maximum.data(), range);
      });
}

[[noreturn]] void not_in_an_item(OpKind op) {
  throw InternalError("[cpu] " + std::string(ir::info_of(op).text) + " is no step of an item");
}

}  // namespace

template <typename T>
std::vector<T> table_of(const ir::Graph& graph, ir::NodeId id) {
  const auto& values = *graph.node(id).as<ir::ConstAttrs>().values;
  std::vector<T> table;
  table.reserve(values.size());
  for (const double value : values) table.push_back(static_cast<T>(value));
  return table;
}

template <typename T>
void lower_op(OpContext<T>& c) {
  switch (c.node.op) {
    case OpKind::Detrend:
      return lower_Detrend(c);
    case OpKind::Preemphasis:
      return lower_Preemphasis(c);
    case OpKind::Mul:
      return lower_Mul(c);
    case OpKind::Add:
      return lower_Add(c);
    case OpKind::Affine:
      return lower_Affine(c);
    case OpKind::Pad:
      return lower_Pad(c);
    case OpKind::Slice:
      return lower_Slice(c);
    case OpKind::Concat:
      return lower_Concat(c);
    case OpKind::Rfft:
      return lower_rfft(c);
    case OpKind::Irfft:
      return lower_irfft(c);
    case OpKind::Fft:
      return lower_fft(c);
    case OpKind::Ifft:
      return lower_ifft(c);
    case OpKind::Power:
      return lower_Power(c);
    case OpKind::Magnitude:
      return lower_Magnitude(c);
    case OpKind::Filterbank:
      return lower_Filterbank(c);
    case OpKind::Log:
      return lower_Log(c);
    case OpKind::ClampRange:
      return lower_ClampRange(c);
    case OpKind::TopBins:
      return lower_top_bins(c);
    case OpKind::Peaks:
      return lower_peaks(c);
    case OpKind::Conj:
      return lower_conj(c);
    case OpKind::Real:
      return lower_real(c);
    case OpKind::Complex:
      return lower_complex(c);
    case OpKind::Gather:
      return lower_gather(c);
    case OpKind::Butterfly:
      return lower_butterfly(c);
    case OpKind::Input:
    case OpKind::Const:
    case OpKind::Frame:
    case OpKind::MeanFrames:
    case OpKind::MaxFrames:
    case OpKind::MedianFrames:
    case OpKind::PairedMeanPower:
      not_in_an_item(c.node.op);
    case OpKind::Param:
    case OpKind::Inverse:
    case OpKind::Step:
    case OpKind::SumElements:
    case OpKind::SumItems:
    case OpKind::Spread:
    case OpKind::Unframe:
    case OpKind::UnfoldFrames:
    case OpKind::FoldFramesAs:
    case OpKind::UnclampRange:
    case OpKind::ClampRangeAs:
    case OpKind::Scatter:
    case OpKind::ButterflyGradient:
      throw InternalError("[cpu] " + std::string(ir::info_of(c.node.op).text) + " is not lowered");
  }
}

template std::vector<float> table_of<float>(const ir::Graph&, ir::NodeId);
template std::vector<double> table_of<double>(const ir::Graph&, ir::NodeId);
template void lower_op<float>(OpContext<float>&);
template void lower_op<double>(OpContext<double>&);

}  // namespace papilio::runtime::cpu
