// Ports of a program against the memory of a run.
#include "runtime/check.h"

#include <string>

#include "papilio/error.h"

namespace papilio::runtime {
namespace {

void check_input(const ir::InputAttrs& attrs, const base::TensorView& input,
                 const base::TensorView& first) {
  if (input.rank != 2 || input.shape[0] != first.shape[0] || input.shape[1] != first.shape[1]) {
    throw UserError("[run] input " + attrs.name + " is not [rows, samples] like the first");
  }
  if (is_complex(input.dtype) && !attrs.complex) {
    throw UserError("[run] input " + attrs.name + " is complex, the plan was made for real");
  }
  if (attrs.samples > 0 && input.shape[1] != attrs.samples) {
    throw UserError("[run] input " + attrs.name + " has " + std::to_string(input.shape[1]) +
                    " samples a row, the plan was made for " + std::to_string(attrs.samples));
  }
}

void check_result(const OutputSpec& spec, const base::TensorView& result, std::int64_t rows,
                  std::int64_t samples) {
  const auto& dims = spec.type.dims;
  bool same = result.rank == static_cast<int>(dims.size());
  for (std::size_t axis = 0; same && axis < dims.size(); ++axis) {
    same = result.shape[axis] == dims[axis].resolve(rows, samples);
  }
  if (!same) {
    std::string wanted;
    for (const std::int64_t extent : spec.type.resolve(rows, samples)) {
      wanted += (wanted.empty() ? "" : ", ") + std::to_string(extent);
    }
    throw UserError("[run] output " + spec.name + " has the wrong shape; give [" + wanted + "]");
  }
  if (result.dtype != spec.type.dtype) {
    throw UserError("[run] output " + spec.name + " is " + name_of(result.dtype) +
                    ", the plan gives " + name_of(spec.type.dtype));
  }
}

void check_memory(std::span<const base::TensorView> views) {
  for (const base::TensorView& view : views) {
    if (view.device == base::DeviceKind::cpu) continue;
    throw UserError("[run] a view lies in GPU memory; compile the plan for the device cuda");
  }
}

}  // namespace

std::int64_t check_ports(std::span<const ir::InputAttrs> attrs, std::span<const OutputSpec> specs,
                         const std::optional<ir::FrameRule>& rule,
                         std::span<const base::TensorView> inputs,
                         std::span<const base::TensorView> results, bool gpu) {
  if (!gpu) {
    check_memory(inputs);
    check_memory(results);
  }
  if (inputs.size() != attrs.size() || results.size() != specs.size()) {
    throw UserError("[run] the plan has " + std::to_string(attrs.size()) + " inputs and " +
                    std::to_string(specs.size()) + " outputs");
  }
  if (inputs.empty()) throw UserError("[run] the plan has no input");
  for (std::size_t i = 0; i < inputs.size(); ++i) check_input(attrs[i], inputs[i], inputs[0]);
  const std::int64_t rows = inputs[0].shape[0];
  const std::int64_t samples = inputs[0].shape[1];
  if (rule && rule->frames(samples) < 1) {
    throw UserError("[run] rows of " + std::to_string(samples) + " samples hold no frame of " +
                    std::to_string(rule->length));
  }
  for (std::size_t i = 0; i < results.size(); ++i) {
    check_result(specs[i], results[i], rows, samples);
  }
  return rows;
}

void check_param(const ir::ParamAttrs& attrs, const base::TensorView& value) {
  const auto* extents = value.shape.data();
  const std::vector<std::int64_t> shape(extents, extents + value.rank);
  if (shape == attrs.shape && (attrs.complex || !is_complex(value.dtype))) return;
  std::string wanted;
  for (const std::int64_t extent : attrs.shape) {
    wanted += (wanted.empty() ? "" : ", ") + std::to_string(extent);
  }
  throw UserError("[run] param " + attrs.name + " does not fit the plan; give [" + wanted +
                  (attrs.complex ? "]" : "], real"));
}

std::vector<base::TensorView> rows_among(std::span<const ir::Node> ports,
                                         std::span<const base::TensorView> values,
                                         std::size_t outputs) {
  std::vector<base::TensorView> rows;
  std::size_t inputs = 0;
  for (const ir::Node& port : ports) inputs += port.op == ir::OpKind::Input ? 1 : 0;
  if (values.size() != ports.size()) {
    const char* params = ports.size() > inputs ? " (params among them)" : "";
    throw UserError("[run] the plan has " + std::to_string(ports.size()) + " inputs" + params +
                    " and " + std::to_string(outputs) + " outputs");
  }
  rows.reserve(inputs);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (ports[i].op == ir::OpKind::Input) {
      rows.push_back(values[i]);
    } else {
      check_param(ports[i].as<ir::ParamAttrs>(), values[i]);
    }
  }
  return rows;
}

std::vector<OutputSpec> specs_of(const ir::Graph& graph) {
  std::vector<OutputSpec> specs;
  for (const ir::Output& output : graph.outputs()) {
    specs.push_back({output.name, graph.node(output.node).type});
  }
  return specs;
}

}  // namespace papilio::runtime
