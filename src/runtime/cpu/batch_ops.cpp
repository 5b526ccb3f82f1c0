// One function per op; the switch has no default, so that the compiler names what is missing.
#include "runtime/cpu/batch_ops.h"

#include <algorithm>
#include <complex>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "kernels/batch.h"
#include "kernels/logs.h"
#include "kernels/row_fft.h"
#include "papilio/error.h"
#include "runtime/cpu/batch_frames.h"
#include "runtime/cpu/butterfly_plan.h"

namespace papilio::runtime::cpu {
namespace {

using ir::Node;
using ir::OpKind;

/// x and y element by element; a shared y serves every item.
template <typename T, typename Kernel>
void binary(const BatchCall<T>& call, Kernel kernel, std::int64_t count, std::int64_t out_width) {
  const BatchOperand<T>&x = call.in[0], &y = call.in[1];
  if (x.shared == y.shared && (x.shared || call.items == 1))
    return kernel(x.data, y.data, count, call.out);
  for (std::int64_t i = 0; i < call.items; ++i) {
    kernel(x.item(i), y.item(i), count, call.out + i * out_width);
  }
}

template <typename T>
Run<T> run_Mul(kernels::Isa isa) {
  return [&k = kernels::batch_kernels<T>(isa)](const BatchCall<T>& call) {
    const BatchOperand<T>&x = call.in[0], &y = call.in[1];
    const auto kernel = !x.complex ? k.mul : y.complex ? k.mul_complex : k.mul_real;
    binary<T>(call, kernel, x.length, x.width());
  };
}

template <typename T>
Run<T> run_Add(kernels::Isa isa) {
  return [&k = kernels::batch_kernels<T>(isa)](const BatchCall<T>& call) {
    const BatchOperand<T>&x = call.in[0], &y = call.in[1];
    const bool mixed = x.complex && !y.complex;
    binary<T>(call, mixed ? k.add_real : k.add, mixed ? x.length : x.width(), x.width());
  };
}

/// x + factor y, of one type.
template <typename T>
Run<T> run_AddScaled(T factor, kernels::Isa isa) {
  return [factor, &k = kernels::batch_kernels<T>(isa)](const BatchCall<T>& call) {
    const auto kernel = [&](const T* x, const T* y, std::int64_t count, T* out) {
      k.add_scaled(x, y, count, factor, out);
    };
    const std::int64_t width = call.in[0].width();
    binary<T>(call, kernel, width, width);
  };
}

/// x m + factor y; m serves every item.
template <typename T>
Run<T> run_MulAdd(T factor, kernels::Isa isa) {
  return [factor, &k = kernels::batch_kernels<T>(isa)](const BatchCall<T>& call) {
    const BatchOperand<T>& x = call.in[0];
    for (std::int64_t i = 0; i < call.items; ++i) {
      k.mul_real_add(x.item(i), call.in[1].data, call.in[2].item(i), x.length, factor,
                     call.out + i * x.width());
    }
  };
}

template <typename T>
Run<T> run_any_add(const FusedNode& fused, kernels::Isa isa) {
  if (fused.fusion == Fusion::none) return run_Add<T>(isa);
  const auto factor = static_cast<T>(fused.factor);
  return fused.fusion == Fusion::mul_add ? run_MulAdd<T>(factor, isa)
                                         : run_AddScaled<T>(factor, isa);
}

/// kernel(in, elements, out) on all items at once.
template <typename T, typename Kernel>
Run<T> run_each(Kernel kernel) {
  return [kernel](const BatchCall<T>& call) {
    kernel(call.in[0].data, call.items * call.in[0].length, call.out);
  };
}

template <typename T>
Run<T> run_Affine(const Node& node, kernels::Isa isa) {
  const auto& k = kernels::batch_kernels<T>(isa);
  const auto& a = node.as<ir::AffineAttrs>();
  return [&k, mul = static_cast<T>(a.mul), add = static_cast<T>(a.add)](const BatchCall<T>& call) {
    k.affine(call.in[0].data, call.items * call.in[0].width(), mul, add, call.out);
  };
}

template <typename T>
Run<T> run_Step(const Node& node, kernels::Isa isa) {
  const auto& k = kernels::batch_kernels<T>(isa);
  const auto threshold = static_cast<T>(node.as<ir::StepAttrs>().threshold);
  return run_each<T>([&k, threshold](const T* x, std::int64_t count, T* out) {
    k.step(x, count, threshold, out);
  });
}

template <typename T>
Run<T> run_Log(const ir::LogAttrs& attrs, kernels::Isa isa) {
  const auto& k = kernels::log_kernels<T>(isa);
  const auto log = attrs.base == ir::LogBase::e ? k.ln : k.log10;
  return [log, floor = static_cast<T>(attrs.floor),
          lanes = kernels::lanes_of<T>(isa)](const BatchCall<T>& call) {
    // The kernel works on whole aligned vectors; operands may be the caller's memory.
    constexpr std::int64_t kPart = 512;
    alignas(64) T part[kPart];
    const std::int64_t all = call.items * call.in[0].length;
    for (std::int64_t begin = 0; begin < all; begin += kPart) {
      const std::int64_t count = std::min(kPart, all - begin);
      std::fill(std::copy_n(call.in[0].data + begin, count, part), part + kPart, T(1));
      log(part, (count + lanes - 1) / lanes, floor, part);
      std::copy_n(part, count, call.out + begin);
    }
  };
}

/// Elements [begin, begin + count) of an item of `from` elements to `at` of one of `to` elements
/// that are zero otherwise.
template <typename T>
Run<T> run_window(std::int64_t begin, std::int64_t count, std::int64_t at, std::int64_t to) {
  return [=](const BatchCall<T>& call) {
    const std::int64_t unit = call.in[0].complex ? 2 : 1;
    for (std::int64_t i = 0; i < call.items; ++i) {
      T* out = call.out + i * to * unit;
      std::fill_n(out, at * unit, T(0));
      std::copy_n(call.in[0].item(i) + begin * unit, count * unit, out + at * unit);
      std::fill_n(out + (at + count) * unit, (to - at - count) * unit, T(0));
    }
  };
}

template <typename T>
Run<T> run_Concat() {
  return [](const BatchCall<T>& call) {
    const std::int64_t first = call.in[0].width(), second = call.in[1].width();
    for (std::int64_t i = 0; i < call.items; ++i) {
      T* out = call.out + i * (first + second);
      std::copy_n(call.in[0].item(i), first, out);
      std::copy_n(call.in[1].item(i), second, out + first);
    }
  };
}

template <typename T>
Run<T> run_SumElements(bool mean, kernels::Isa isa) {
  return [mean, &k = kernels::batch_kernels<T>(isa)](const BatchCall<T>& call) {
    const BatchOperand<T>& x = call.in[0];
    const int parts = x.complex ? 2 : 1;
    const double share = mean ? 1.0 / static_cast<double>(x.length) : 1.0;
    for (std::int64_t i = 0; i < call.items; ++i) {
      for (int part = 0; part < parts; ++part) {
        call.out[i * parts + part] =
            static_cast<T>(share * k.sum(x.item(i) + part, x.length, parts));
      }
    }
  };
}

/// The sum over items that are no rows, or of what all rows share.
template <typename T>
Run<T> run_SharedSum(const ir::Graph& graph, const Node& node, kernels::Isa isa) {
  const bool rows = graph.node(node.inputs[0]).type.dims[0].extent == ir::Extent::rows;
  const bool mean = node.as<ir::SumAttrs>().mean;
  return [rows, mean, &k = kernels::batch_kernels<T>(isa)](const BatchCall<T>& call) {
    const BatchOperand<T>& x = call.in[0];
    std::copy_n(x.item(0), x.width(), call.out);
    for (std::int64_t i = 1; i < x.items; ++i) k.add(call.out, x.item(i), x.width(), call.out);
    const double copies = rows ? static_cast<double>(call.total_items) : 1.0;
    const double factor = mean ? 1.0 / static_cast<double>(x.items) : copies;
    k.affine(call.out, x.width(), static_cast<T>(factor), T(0), call.out);
  };
}

/// `length` elements an item of the result.
template <typename T>
Run<T> run_Spread(bool mean, bool to_items, std::int64_t length) {
  return [=](const BatchCall<T>& call) {
    const BatchOperand<T>& x = call.in[0];
    const std::int64_t unit = x.complex ? 2 : 1;
    const double items = to_items ? static_cast<double>(call.total_items) : 1.0;
    const double copies = items * static_cast<double>(x.length == 1 ? length : 1);
    const T share = mean ? static_cast<T>(1.0 / copies) : T(1);
    for (std::int64_t i = 0; i < call.items; ++i) {
      const T* from = x.item(i);
      T* out = call.out + i * length * unit;
      if (x.length != 1) {
        std::transform(from, from + length * unit, out, [share](T v) { return share * v; });
      } else if (unit == 1) {
        std::fill_n(out, length, share * from[0]);
      } else {
        const std::complex<T> value(share * from[0], share * from[1]);
        std::fill_n(reinterpret_cast<std::complex<T>*>(out), length, value);
      }
    }
  };
}

std::optional<kernels::FftKind> fft_kind(OpKind op) {
  if (op == OpKind::Fft) return kernels::FftKind::forward;
  if (op == OpKind::Ifft) return kernels::FftKind::inverse;
  if (op == OpKind::Rfft) return kernels::FftKind::r2c;
  if (op == OpKind::Irfft) return kernels::FftKind::c2r;
  return std::nullopt;
}

template <typename T>
BatchStep<T> fft_step(const Node& node, kernels::Isa isa) {
  const auto& attrs = node.as<ir::FftAttrs>();
  auto plan = std::make_shared<const kernels::RowFftPlan<T>>(*fft_kind(node.op), attrs.n, isa);
  const std::int64_t work = plan->scratch_size();
  return {[plan, scale = attrs.scale](const BatchCall<T>& call) {
            plan->run_many(call.in[0].data, plan->in_size(), call.out, plan->out_size(), call.items,
                           scale, call.work);
          },
          work};
}

template <typename T>
Run<T> run_Gather(const ir::GatherAttrs& attrs) {
  return [index = attrs.index](const BatchCall<T>& call) {
    const std::int64_t unit = call.in[0].complex ? 2 : 1;
    for (std::int64_t i = 0; i < call.items; ++i) {
      const T* from = call.in[0].item(i);
      for (std::size_t e = 0; e < index->size(); ++e) {
        const std::int64_t to = i * std::ssize(*index) + static_cast<std::int64_t>(e);
        std::copy_n(from + (*index)[e] * unit, unit, call.out + to * unit);
      }
    }
  };
}

template <typename T>
Run<T> run_Scatter(const ir::GatherAttrs& attrs) {
  return [index = attrs.index, size = attrs.size](const BatchCall<T>& call) {
    const std::int64_t unit = call.in[0].complex ? 2 : 1;
    for (std::int64_t i = 0; i < call.items; ++i) {
      const T* from = call.in[0].item(i);
      T* out = call.out + i * size * unit;
      std::fill_n(out, size * unit, T(0));
      for (std::size_t e = 0; e < index->size(); ++e) {
        for (std::int64_t part = 0; part < unit; ++part) {
          out[(*index)[e] * unit + part] += from[static_cast<std::int64_t>(e) * unit + part];
        }
      }
    }
  };
}

template <typename T>
kernels::PairRows<T> rows_of(const BatchOperand<T>& x) {
  // Plans read their sources only; one type of row serves both.
  return {reinterpret_cast<std::complex<T>*>(const_cast<T*>(x.data)), x.shared ? 0 : x.length};
}

template <typename T>
void pack(const ButterflyPlan<T>& plan, const BatchOperand<T>& p, T* table) {
  plan.pack(reinterpret_cast<const std::complex<T>*>(p.data), table);
}

template <typename T>
BatchStep<T> butterfly_step(const Node& node, kernels::Isa isa) {
  auto plan = std::make_shared<const ButterflyPlan<T>>(node.as<ir::ButterflyAttrs>(), isa);
  BatchStep<T> step;
  step.run = [plan](const BatchCall<T>& call) {
    const kernels::PairRows<T> to{reinterpret_cast<std::complex<T>*>(call.out), plan->n()};
    plan->forward(call.table, rows_of(call.in[0]), to, call.items, call.work,
                  kernels::Writes::cached, call.kept);
  };
  step.work = plan->work_size();
  step.prepare = [plan](auto in, T* table) { pack(*plan, in[1], table); };
  step.table = plan->table_size();
  step.kept = plan->kept_size();
  return step;
}

template <typename T>
BatchSum<T> butterfly_gradient(const Node& node, kernels::Isa isa) {
  auto plan = std::make_shared<const ButterflyPlan<T>>(node.as<ir::ButterflyAttrs>(), isa);
  BatchSum<T> sum;
  sum.step.run = [plan](const BatchCall<T>& call) {
    plan->backward(call.table, rows_of(call.in[0]), rows_of(call.in[1]), {}, call.items, call.out,
                   call.work, call.kept);
  };
  sum.step.kept = plan->kept_size();
  sum.step.work = plan->backward_work_size();
  sum.step.prepare = [plan](auto in, T* table) { pack(*plan, in[2], table); };
  sum.step.table = plan->table_size();
  sum.part = plan->table_size() * static_cast<std::int64_t>(sizeof(T));
  sum.finish = [plan](std::byte* parts, std::int64_t step, std::int64_t count, std::int64_t,
                      T* out) {
    T* first = reinterpret_cast<T*>(parts);
    for (std::int64_t i = 1; i < count; ++i) {
      const T* other = reinterpret_cast<const T*>(parts + i * step);
      std::transform(first, first + plan->table_size(), other, first, std::plus<T>());
    }
    std::fill_n(out, 2 * plan->parameters(), T(0));
    plan->unpack_add(first, reinterpret_cast<std::complex<T>*>(out));
  };
  return sum;
}

/// In double, row after row.
template <typename T>
BatchSum<T> item_sum(const ir::Graph& graph, const Node& node, bool products, kernels::Isa isa) {
  const auto& k = kernels::batch_kernels<T>(isa);
  const ir::Type& type = graph.node(node.inputs[0]).type;
  const std::int64_t width = (type.complex() ? 2 : 1) * type.last().size;
  BatchSum<T> sum;
  sum.step.run = [&k, width, products](const BatchCall<T>& call) {
    auto* sums = reinterpret_cast<double*>(call.out);
    const auto stack = [](const BatchOperand<T>& x) {
      return kernels::StackOf<T>{x.data, x.shared ? 0 : x.width()};
    };
    if (!products) return k.sum_into(stack(call.in[0]), call.items, width, sums);
    k.sum_pair_products(stack(call.in[0]), stack(call.in[1]), call.items, width, sums);
  };
  sum.part = width * static_cast<std::int64_t>(sizeof(double));
  sum.finish = [width, mean = node.as<ir::SumAttrs>().mean](std::byte* parts, std::int64_t step,
                                                            std::int64_t count,
                                                            std::int64_t total_items, T* out) {
    const double share = mean ? 1.0 / static_cast<double>(total_items) : 1.0;
    for (std::int64_t e = 0; e < width; ++e) {
      double value = 0.0;
      for (std::int64_t i = 0; i < count; ++i)
        value += reinterpret_cast<const double*>(parts + i * step)[e];
      out[e] = static_cast<T>(share * value);
    }
  };
  return sum;
}

[[noreturn]] void refuse(const Node& node) {
  throw DeviceError("[device] cpu has no kernel for " + std::string(ir::info_of(node.op).text) +
                    " beside params yet; use --device reference");
}

}  // namespace

template <typename T>
BatchStep<T> make_batch_step(const ir::Graph& graph, const Node& node, const FusedNode& fused,
                             std::int64_t samples, kernels::Isa isa) {
  const auto& k = kernels::batch_kernels<T>(isa);
  const std::int64_t length = node.type.last().size;
  switch (node.op) {
    case OpKind::Mul:
      return {run_Mul<T>(isa)};
    case OpKind::Add:
      return {run_any_add<T>(fused, isa)};
    case OpKind::Affine:
      return {run_Affine<T>(node, isa)};
    case OpKind::Pad: {
      const std::int64_t from = graph.node(node.inputs[0]).type.last().size;
      return {run_window<T>(0, from, node.as<ir::PadAttrs>().before, length)};
    }
    case OpKind::Slice:
      return {run_window<T>(node.as<ir::SliceAttrs>().begin, length, 0, length)};
    case OpKind::Concat:
      return {run_Concat<T>()};
    case OpKind::Rfft:
    case OpKind::Irfft:
    case OpKind::Fft:
    case OpKind::Ifft:
      return fft_step<T>(node, isa);
    case OpKind::Power:
      return {run_each<T>(k.power)};
    case OpKind::Magnitude:
      return {run_each<T>(k.magnitude)};
    case OpKind::Log:
      return {run_Log<T>(node.as<ir::LogAttrs>(), isa)};
    case OpKind::Conj:
      return {run_each<T>(k.conj)};
    case OpKind::Real:
      return {run_each<T>(k.real)};
    case OpKind::Complex:
      return {run_each<T>(k.complex)};
    case OpKind::Inverse:
      return {run_each<T>(k.inverse)};
    case OpKind::Step:
      return {run_Step<T>(node, isa)};
    case OpKind::SumElements:
      return {run_SumElements<T>(node.as<ir::SumAttrs>().mean, isa)};
    case OpKind::SumItems:
      return {run_SharedSum<T>(graph, node, isa)};
    case OpKind::Spread: {
      const bool to_items = graph.node(node.inputs[0]).type.dims.size() < node.type.dims.size();
      return {run_Spread<T>(node.as<ir::SumAttrs>().mean, to_items, length)};
    }
    case OpKind::Gather:
      return {run_Gather<T>(node.as<ir::GatherAttrs>())};
    case OpKind::Scatter:
      return {run_Scatter<T>(node.as<ir::GatherAttrs>())};
    case OpKind::Butterfly:
      return butterfly_step<T>(node, isa);
    case OpKind::Frame:
    case OpKind::Unframe:
    case OpKind::Detrend:
    case OpKind::Preemphasis:
    case OpKind::Filterbank:
    case OpKind::MeanFrames:
    case OpKind::MaxFrames:
    case OpKind::MedianFrames:
    case OpKind::FoldFramesAs:
    case OpKind::UnfoldFrames:
    case OpKind::ClampRange:
    case OpKind::ClampRangeAs:
    case OpKind::UnclampRange:
      return make_frame_step<T>(node, samples);
    case OpKind::Input:
    case OpKind::Const:
    case OpKind::Param:
    case OpKind::ButterflyGradient:  // of what belongs to no row: nobody asks for it
    case OpKind::PairedMeanPower:
    case OpKind::TopBins:
    case OpKind::Peaks:
      break;
  }
  refuse(node);
}

template <typename T>
BatchSum<T> make_batch_sum(const ir::Graph& graph, const Node& node, const FusedNode& fused,
                           kernels::Isa isa) {
  const bool products = fused.fusion == Fusion::pair_products;
  if (node.op == OpKind::SumItems) return item_sum<T>(graph, node, products, isa);
  if (node.op == OpKind::ButterflyGradient) return butterfly_gradient<T>(node, isa);
  refuse(node);
}

template BatchStep<float> make_batch_step<float>(const ir::Graph&, const Node&, const FusedNode&,
                                                 std::int64_t, kernels::Isa);
template BatchStep<double> make_batch_step<double>(const ir::Graph&, const Node&, const FusedNode&,
                                                   std::int64_t, kernels::Isa);

template BatchSum<float> make_batch_sum<float>(const ir::Graph&, const Node&, const FusedNode&,
                                               kernels::Isa);
template BatchSum<double> make_batch_sum<double>(const ir::Graph&, const Node&, const FusedNode&,
                                                 kernels::Isa);

}  // namespace papilio::runtime::cpu
