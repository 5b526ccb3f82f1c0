// Flags of rows, and what becomes of their results.
#include "codegen/status.h"

namespace papilio::codegen {

using ir::Node;
using ir::NodeId;
using ir::OpKind;

void begin_status(Kernel& k, const std::string& skipped) {
  k.body.open("if (p.first_bad != nullptr && team.thread == 0 && active) {");
  k.body.line("p.first_bad[row] = kNoBad;");
  k.body.line("p.skipped[row] = " + skipped + ";");
  k.body.close();
}

void report_status(const Assembly& a, Kernel& k, NodeSet nodes, const std::string& first,
                   const std::string& last) {
  if (!a.signature.watch) return;
  Text& text = k.body;
  if (a.signature.skip) return text.line("constexpr bool bad = false;");
  text.line("bool bad = false;");
  text.open("if (team.any_near(watch.alarmed())) {");
  text.line("unsigned long long* const to = p.first_bad == nullptr ? nullptr : p.first_bad + row;");
  for (const NodeId id : nodes) {
    const Node& node = a.graph.node(id);
    if (node.op == OpKind::Frame) {
      text.line("#pragma unroll 1");
      text.open("for (long long f = " + first + "; f < " + last + "; ++f) {");
      text.line("bad |= report_bad(team, " + k.frame_type(id) + "(" + k.port_of(id) +
                ", rule, f, p.samples), rule.length, to);");
      text.close();
    }
    if (node.op == OpKind::Input && !a.program.rule) {
      text.line("bad |= report_bad_row(team, in" + std::to_string(a.inputs.at(id)) + ", " +
                std::to_string(item_length(node.type)) + ", to);");
    }
  }
  text.line("bad = team.any(bad);");
  text.close();
}

void blank_results(const Assembly& a, Kernel& k) {
  for (std::size_t o = 0; o < a.graph.outputs().size(); ++o) {
    const Node& n = a.graph.node(a.graph.outputs()[o].node);
    const std::string kind = n.type.complex() ? "Cx<R>" : "R";
    const std::string frames = n.type.has_frames() ? "p.frames" : "1";
    k.body.line("blank_items<" + kind + ", " + (is_top(n) ? "true" : "false") + ">(team, p.out[" +
                std::to_string(o) + "], row, " + frames + ", " +
                std::to_string(item_length(n.type)) + ");");
  }
}

}  // namespace papilio::codegen
