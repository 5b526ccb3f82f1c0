// Text of attributes, nodes and graphs. Every field that changes the meaning is printed, because
// the text is also the key of hash-consing.
#include "ir/print.h"

#include <bit>

#include "base/text.h"

namespace papilio::ir {
namespace {

using base::to_text;

std::string flag(bool value) { return value ? "yes" : "no"; }

/// Content hash (FNV-1a over the bits), so that equal constants are one node.
std::string digest(std::span<const double> values) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const double value : values) {
    hash = (hash ^ std::bit_cast<std::uint64_t>(value)) * 0x100000001b3ULL;
    hash ^= hash >> 29;
  }
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4) text += digits[(hash >> shift) & 15];
  return text;
}

std::string digest(const std::vector<std::int32_t>& index) {
  return digest(std::vector<double>(index.begin(), index.end()));
}

std::string describe(const NoAttrs&) { return ""; }

std::string describe(const InputAttrs& a) {
  return "name=" + a.name + " complex=" + flag(a.complex) + " samples=" + std::to_string(a.samples);
}

std::string describe(const ConstAttrs& a) {
  if (a.values == nullptr) return "none";
  return "count=" + std::to_string(a.values->size()) + " complex=" + flag(a.complex) +
         " hash=" + digest(*a.values);
}

std::string describe(const ParamAttrs& a) {
  std::string shape;
  for (const std::int64_t extent : a.shape) {
    shape += (shape.empty() ? "" : ",") + std::to_string(extent);
  }
  return "name=" + a.name + " shape=" + shape + " complex=" + flag(a.complex);
}

std::string describe(const FrameAttrs& a) {
  constexpr const char* pads[] = {"none", "zeros", "reflect", "mirror"};
  constexpr const char* counts[] = {"full", "drop_last", "rounded"};
  const FrameRule& r = a.rule;
  return "length=" + std::to_string(r.length) + " hop=" + std::to_string(r.hop) +
         " pad=" + pads[static_cast<std::size_t>(a.pad)] + " left=" + std::to_string(r.pad_left) +
         " right=" + std::to_string(r.pad_right) +
         " count=" + counts[static_cast<std::size_t>(r.count)] +
         " fixed_samples=" + std::to_string(r.fixed_samples);
}

std::string describe(const DetrendAttrs& a) {
  return a.trend == Trend::constant ? "trend=constant" : "trend=linear";
}

std::string describe(const PreemphasisAttrs& a) { return "c=" + to_text(a.coefficient); }

std::string describe(const AffineAttrs& a) {
  return "mul=" + to_text(a.mul) + " add=" + to_text(a.add);
}

std::string describe(const PadAttrs& a) {
  return "before=" + std::to_string(a.before) + " size=" + std::to_string(a.size);
}

std::string describe(const SliceAttrs& a) {
  return "begin=" + std::to_string(a.begin) + " end=" + std::to_string(a.end);
}

std::string describe(const FftAttrs& a) {
  return "n=" + std::to_string(a.n) + " scale=" + to_text(a.scale);
}

std::string describe(const FilterbankAttrs& a) {
  if (a.matrix == nullptr) return "none";
  std::vector<double> shape;
  for (const BandedMatrix::Band& band : a.matrix->bands) {
    shape.push_back(static_cast<double>(band.first_bin));
    shape.push_back(static_cast<double>(band.count));
    shape.push_back(static_cast<double>(band.offset));
  }
  return "bands=" + std::to_string(a.matrix->bands.size()) +
         " bins=" + std::to_string(a.matrix->bins) +
         " weights=" + std::to_string(a.matrix->weights.size()) +
         " hash=" + digest(a.matrix->weights) + digest(shape);
}

std::string describe(const LogAttrs& a) {
  return std::string(a.base == LogBase::e ? "base=e" : "base=10") + " floor=" + to_text(a.floor);
}

std::string describe(const ClampRangeAttrs& a) {
  constexpr const char* over[] = {"clip", "frame", "fixed"};
  return "range=" + to_text(a.range) + " over=" + over[static_cast<std::size_t>(a.over)] +
         " maximum=" + to_text(a.maximum);
}

std::string describe(const StepAttrs& a) { return "threshold=" + to_text(a.threshold); }

std::string describe(const SumAttrs& a) { return "mean=" + flag(a.mean); }

std::string describe(const FoldAttrs& a) {
  constexpr const char* folds[] = {"mean", "max", "median"};
  return std::string("fold=") + folds[static_cast<std::size_t>(a.fold)];
}

std::string describe(const GatherAttrs& a) {
  if (a.index == nullptr) return "none size=" + std::to_string(a.size);
  return "count=" + std::to_string(a.index->size()) + " size=" + std::to_string(a.size) +
         " hash=" + digest(*a.index);
}

std::string describe(const ButterflyAttrs& a) {
  std::string text = "radices=";
  for (const int radix : a.radices) text += std::to_string(radix) + ",";
  text += " first=" + std::to_string(a.first) + " last=" + std::to_string(a.last) +
          " block=" + flag(a.block) + " inverse=" + flag(a.inverse) +
          " transposed=" + flag(a.transposed) + " linear=" + flag(a.linear) + " permutation=";
  if (a.permutation == nullptr) return text + "none";
  return text + std::to_string(a.permutation->size()) + " hash=" + digest(*a.permutation);
}

std::string describe(const TopAttrs& a) {
  return "k=" + std::to_string(a.k) + " n_fft=" + std::to_string(a.n_fft) +
         " bin_hz=" + to_text(a.bin_hz) + " one_sided=" + flag(a.one_sided) +
         " doubled=" + flag(a.doubled) + " distance=" + std::to_string(a.distance) +
         " height=" + to_text(a.height) + " threshold=" + to_text(a.threshold) +
         " prominence=" + to_text(a.prominence) + " fmin_hz=" + to_text(a.fmin_hz) +
         " fmax_hz=" + to_text(a.fmax_hz);
}

}  // namespace

std::string to_text(const Attrs& attrs) {
  const std::string text = std::visit([](const auto& a) { return describe(a); }, attrs);
  return text.empty() ? text : "{" + text + "}";
}

std::string to_text(const Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  std::string text = "%" + std::to_string(id) + " = " + std::string(info_of(node.op).text) + "(";
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    text += (i ? ", %" : "%") + std::to_string(node.inputs[i]);
  }
  text += ")" + to_text(node.attrs) + " : " + to_text(node.type);
  if (!graph.regions().empty()) {
    text += "  @" + std::to_string(graph.regions()[static_cast<std::size_t>(id)]);
  }
  return text;
}

std::string to_text(const Graph& graph) {
  std::string text;
  for (std::size_t id = 0; id < graph.nodes().size(); ++id) {
    text += to_text(graph, static_cast<NodeId>(id)) + "\n";
  }
  for (const Output& output : graph.outputs()) {
    text += "output " + output.name + " = %" + std::to_string(output.node) + "\n";
  }
  return text;
}

}  // namespace papilio::ir
