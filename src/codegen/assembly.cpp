// What nodes and types are to kernels.
#include "codegen/assembly.h"

#include <algorithm>

#include "base/text.h"
#include "papilio/error.h"

namespace papilio::codegen {

using ir::OpKind;

Assembly::Assembly(const ir::Graph& of, const Signature& signature_of)
    : graph(of), signature(signature_of), tables(of.compute()) {
  constexpr std::size_t kNamed = 4;
  std::vector<std::string> names;
  for (const ir::Output& output : of.outputs()) names.push_back(output.name);
  const std::size_t more = names.size() - std::min(names.size(), kNamed);
  names.resize(names.size() - more);
  if (more > 0) names.push_back(std::to_string(more) + " more");
  program.results = base::join(names);
}

std::int64_t item_length(const ir::Type& type) {
  std::int64_t length = 1;
  for (const ir::Dim& dim : type.dims) {
    if (dim.extent == ir::Extent::fixed) length *= dim.size;
  }
  return length;
}

void check_item_lengths(const ir::Graph& graph) {
  const auto check = [](std::int64_t length, const std::string& what) {
    constexpr std::int64_t kMost = (std::int64_t{1} << 31) - 1;
    if (length <= kMost) return;
    throw UserError("[cuda] " + what + " of " + std::to_string(length) +
                    " elements are longer than this device takes (2^31 - 1); use --device cpu");
  };
  for (const ir::Node& node : graph.nodes()) {
    const std::string name(ir::info_of(node.op).text);
    if (node.op == OpKind::Frame) {  // of a row of any length
      const auto& rule = node.as<ir::FrameAttrs>().rule;
      check(std::max({rule.length, rule.hop, rule.pad_left}), "frames or their distances");
      continue;
    }
    if (node.op != OpKind::Input) check(item_length(node.type), "items of " + name);
    for (const ir::NodeId input : node.inputs) {
      check(item_length(graph.node(input).type), "items that " + name + " reads");
    }
  }
}

bool is_fold(const ir::Node& node) { return ir::info_of(node.op).space == ir::Space::fold; }

bool is_source(const ir::Node& node) {
  const ir::Space space = ir::info_of(node.op).space;
  return space == ir::Space::source || space == ir::Space::split;
}

bool is_transform(const ir::Node& node) {
  return node.op == OpKind::Rfft || node.op == OpKind::Irfft || node.op == OpKind::Fft ||
         node.op == OpKind::Ifft || node.op == OpKind::Butterfly;
}

bool is_network(const ir::Node& node) {
  return node.op == ir::OpKind::Butterfly || node.op == ir::OpKind::ButterflyGradient;
}

bool is_top(const ir::Node& node) { return node.op == OpKind::TopBins || node.op == OpKind::Peaks; }

std::string element_type(DType dtype) {
  switch (dtype) {
    case DType::f32:
      return "float";
    case DType::f64:
      return "double";
    case DType::c64:
      return "Cx<float>";
    case DType::c128:
      return "Cx<double>";
    case DType::i8:
      return "signed char";
    case DType::u8:
      return "unsigned char";
    case DType::i16:
      return "short";
    case DType::u16:
      return "unsigned short";
    case DType::i24:
      return "Int24";
    case DType::i32:
      return "int";
  }
  return "";
}

}  // namespace papilio::codegen
