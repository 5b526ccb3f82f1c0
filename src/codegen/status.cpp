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
                   const std::string& last, const std::string& left_out) {
  if (!a.signature.watch) return;
  Text& text = k.body;
  const bool skip = a.signature.skip;
  text.line(skip ? "constexpr bool bad = false;" : "bool bad = false;");
  text.open("if (" + (skip && !left_out.empty() ? left_out : "team.any_near(watch.alarmed())") +
            ") {");
  text.line("unsigned long long* const to = p.first_bad == nullptr ? nullptr : p.first_bad + row;");
  const std::string found = skip ? "" : "bad |= ";
  for (const NodeId id : nodes) {
    const Node& node = a.graph.node(id);
    if (node.op == OpKind::Frame) {
      text.line("#pragma unroll 1");
      text.open("for (long long f = " + first + "; f < " + last + "; ++f) {");
      text.line(found + "report_bad(team, " + k.frame_type(id) + "(" + k.port_of(id) +
                ", rule, f, p.samples), rule.length, to);");
      text.close();
    }
    if (node.op == OpKind::Input && !a.program.rule) {
      text.line(found + "report_bad_row(team, in" + std::to_string(a.inputs.at(id)) + ", " +
                std::to_string(item_length(node.type)) + ", to);");
    }
  }
  if (!skip) text.line("bad = team.any(bad);");
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
