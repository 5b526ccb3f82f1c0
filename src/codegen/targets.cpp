// What a kernel reads, and where its results go.
#include <algorithm>

#include "codegen/cuda_lowering.h"
#include "codegen/search.h"
#include "codegen/status.h"

namespace papilio::codegen {

using ir::Node;
using ir::NodeId;
using ir::OpKind;

std::string CudaLowering::blank_of_status() const {
  return blanks() ? "p.first_bad[row] != kNoBad" : "false";
}

bool CudaLowering::reads_inputs(const Nodes& nodes) const {
  return std::any_of(nodes.begin(), nodes.end(), [&](NodeId id) {
    return node(id).op == OpKind::Input || node(id).op == OpKind::Frame;
  });
}

std::int64_t CudaLowering::first_samples(NodeId input) const {
  const auto& rule = a_.program.rule;
  return rule ? rule->length + rule->hop : item_length(node(input).type);
}

bool CudaLowering::begin(Kernel& k, const Nodes& nodes, const Nodes& readers) {
  Nodes ports;
  for (const NodeId id : nodes) {
    if (node(id).op == OpKind::Input) ports.insert(id);
    if (node(id).op == OpKind::Frame) ports.insert(node(id).inputs[0]);
  }
  for (const NodeId id : ports) {
    const int port = a_.inputs.at(id);
    const Signature::Input& input = signature_.inputs[static_cast<std::size_t>(port)];
    if (input.aligned && first_samples(id) > 0) {
      const std::string first = number(first_samples(id)) + "LL";
      const std::string samples = a_.program.rule ? "least(p.samples, " + first + ")" : first;
      k.ask_for(port, samples + " * " + number(static_cast<std::int64_t>(size_of(input.dtype))));
    }
    const auto flag = [](bool value) { return value ? "true" : "false"; };
    k.body.line("const Row<R, " + element_type(input.dtype) + ", " + flag(input.dense) + ", " +
                flag(input.scaled) + ", " + number(a_.row_align(input)) + "> in" + number(port) +
                "(p.in[" + number(port) + "], row);");
  }
  if (a_.program.rule) {
    const ir::FrameRule& rule = *a_.program.rule;
    k.body.line("constexpr FrameRule rule = {" + number(rule.length) + ", " + number(rule.hop) +
                ", " + number(rule.pad_left) + ", " + number(rule.fixed_samples) + "};");
  }
  const bool loads = reads_inputs(nodes);
  if (loads && signature_.watch) k.watch(readers);
  return loads;
}

void CudaLowering::compute_targets(Kernel& k, const Nodes& nodes, const Nodes& targets, NodeId fold,
                                   bool blanks) {
  if (fold >= 0) {
    k.body.line(std::string("const bool blank = ") + (signature_.watch ? "bad;" : "false;"));
  }
  k.body.line("Watch<R> results;");
  k.body.line("bool overflow = false;");
  for (const NodeId id : targets) declare_places(k, id);
  Nodes rest = nodes;
  rest.erase(fold);
  Nodes ends;
  for (const NodeId id : targets) {
    const bool read = std::any_of(rest.begin(), rest.end(), [&](NodeId reader) {
      const auto& inputs = node(reader).inputs;
      return std::find(inputs.begin(), inputs.end(), id) != inputs.end();
    });
    if (!read && !is_fold(node(id))) ends.insert(id);
  }
  Nodes done;
  k.emit(rest, ends, false, [&](const Chain& chain) -> Put {
    const NodeId id = chain.end();
    done.insert(id);
    return [this, id, blanks](Text& t, const std::string&, const std::string& i,
                              const std::string& x) { put_lines(t, id, i, x, blanks); };
  });
  for (const NodeId id : targets) {
    if (done.contains(id)) {
      maximum_lines(k, id);
    } else if (is_top(node(id))) {
      top_lines(k, id, blanks);
    } else {
      store_lines(k, id, blanks);
    }
  }
  k.body.line("overflow = (overflow || results.alarmed())" +
              std::string(blanks ? " && !blank;" : ";"));
  if (a_.program.clears) {
    k.body.line("if (overflow && active) atomicOr(p.overflow + row, 1u);");
  } else {
    k.body.open("if (p.overflow != nullptr) {");
    k.body.line("overflow = team.any(overflow);");
    k.body.line("if (team.thread == 0 && active) p.overflow[row] = overflow;");
    k.body.close();
  }
}

void CudaLowering::declare_places(Kernel& k, NodeId id) {
  const std::string frame = node(id).type.has_frames() ? "frame" : "0";
  for (std::size_t o = 0; o < graph_.outputs().size(); ++o) {
    if (graph_.outputs()[o].node != id) continue;
    const std::string kind = node(id).type.complex() ? "Cx<R>" : "R";
    k.body.line("const Out<" + kind + ", " + (signature_.dense_outputs[o] ? "true" : "false") +
                "> out" + std::to_string(o) + "(p.out[" + std::to_string(o) + "], row, " + frame +
                ", active);");
  }
  if (const auto late = late_.find(id); late != late_.end()) {
    declare_late(a_, k, late->second);
  }
  if (a_.maxima.contains(id)) k.body.line("R most = -infinite<R>();");
}

void CudaLowering::put_lines(Text& text, NodeId id, const std::string& i, const std::string& x,
                             bool blanks) {
  text.line("results.see(" + x + ");");
  const std::string value = blanks ? "blanked(" + x + ", blank)" : x;
  for (std::size_t o = 0; o < graph_.outputs().size(); ++o) {
    if (graph_.outputs()[o].node == id) {
      text.line("out" + std::to_string(o) + ".set(" + i + ", " + value + ");");
    }
  }
  if (a_.stored.contains(id) && !a_.long_reads.contains(id) && !is_fold(node(id))) {
    text.line(keep_line(id, i, x));
  }
  if (a_.maxima.contains(id)) text.line("most = larger(most, " + x + ");");
  if (const auto late = late_.find(id); late != late_.end()) {
    put_late(a_, text, late->second, i, x);
  }
}

std::string CudaLowering::keep_line(NodeId id, const std::string& i, const std::string& x) const {
  const std::string kind = node(id).type.complex() ? "Cx<R>" : "R";
  return "if (active) (reinterpret_cast<" + kind + "*>(p.stored[" + number(a_.stored.at(id)) +
         "]) + item * " + number(item_length(node(id).type)) + ")[" + i + "] = " + x + ";";
}

void CudaLowering::keep_lines(Kernel& k, NodeId id) {
  k.open_each(item_length(node(id).type), "i");
  k.body.line("const auto x = " + value_name(id) + "(i);");
  k.body.line(keep_line(id, "i", "x"));
  k.body.close("});");
}

void CudaLowering::store_lines(Kernel& k, NodeId id, bool blanks) {
  k.open_each(item_length(node(id).type), "i");
  if (blanks || is_output(id) || late_.contains(id)) {
    k.body.line("const auto x = " + value_name(id) + "(i);");
    put_lines(k.body, id, "i", "x", blanks);
  } else {
    k.body.line("const auto x = " + value_name(id) + "(i);");
    k.body.line(keep_line(id, "i", "x"));
    if (a_.maxima.contains(id)) k.body.line("most = larger(most, x);");
  }
  k.body.close("});");
  maximum_lines(k, id);
}

void CudaLowering::maximum_lines(Kernel& k, NodeId id) {
  if (const auto late = late_.find(id); late != late_.end()) store_extent(a_, k, late->second);
  const auto found = a_.maxima.find(id);
  if (found == a_.maxima.end()) return;
  k.body.line("most = team.reduce(most, [](R a, R b) { return larger(a, b); });");
  raise_maximum(a_, k, found->second, "most");
}

void CudaLowering::top_lines(Kernel& k, NodeId id, bool blanks) {
  const auto& attrs = node(id).as<ir::TopAttrs>();
  const NodeId input = node(id).inputs[0];
  const std::int64_t bins = item_length(node(input).type);
  const std::string search = "search" + number(id);
  k.body.line("const Search<R> " + search + " = " + search_text(attrs, bins) + ";");
  const std::string get = "[&](int i) { return " + value_name(input) + "(i); }";
  const bool peaks = node(id).op == OpKind::Peaks;
  std::string arrays = blanks ? "blank, " : "false, ";
  arrays += k.share("s" + number(input), "R", bins) + ", ";
  if (peaks) arrays += k.share("marks" + number(id), "unsigned char", bins) + ", ";
  for (std::size_t o = 0; o < graph_.outputs().size(); ++o) {
    if (graph_.outputs()[o].node != id) continue;
    k.body.line(std::string("overflow |= !") + (peaks ? "top_peaks<" : "top_bins<") + number(bins) +
                ", " + number(attrs.k) + ">(team, " + search + ", " + arrays + get + ", out" +
                std::to_string(o) + ");");
  }
}

void CudaLowering::blank_kernel() {
  Kernel k(a_, "kernel" + number(kernels_++), Items::rows, {});
  k.body.open("if (p.first_bad[row] != kNoBad && active) {");
  blank_results(a_, k);
  k.body.close();
  k.finish();
}

}  // namespace papilio::codegen
