// What nodes and types are to kernels.
#include "codegen/assembly.h"

namespace papilio::codegen {

using ir::OpKind;

std::int64_t item_length(const ir::Type& type) {
  std::int64_t length = 1;
  for (const ir::Dim& dim : type.dims) {
    if (dim.extent == ir::Extent::fixed) length *= dim.size;
  }
  return length;
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
