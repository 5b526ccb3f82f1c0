// Turns over frames.
#include "codegen/frame_loop.h"

namespace papilio::codegen {

void frame_range(const Assembly& a, Kernel& k) {
  const std::string group = std::to_string(kGroupFrames);
  if (a.signature.long_rows) {
    k.body.line("const long long first = group * " + group + ";");
    k.body.line("const long long last = first + " + group + " < p.frames ? first + " + group +
                " : p.frames;");
  } else {
    k.body.line("constexpr int first = 0;");
    k.body.line("const int last = int(p.frames);");
    k.body.line("assume(last > 0);");
  }
}

void open_frames(const Assembly& a, Kernel& k, NodeSet nodes, bool pair) {
  Text& text = k.body;
  const bool grouped = a.signature.long_rows;
  const bool skip = a.signature.skip;
  text.open("for (int turn = 0; turn < " + (grouped ? std::to_string(kGroupFrames) : "last") +
            "; turn += " + (pair ? "2" : "1") + ") {");
  const std::string flag = skip ? "bool " : "const bool ";
  text.line(flag + "use = " + (grouped ? "first + turn < last;" : "true;"));
  text.line(grouped ? "const long long frame = use ? first + turn : last - 1;"
                    : "const int frame = turn;");
  if (pair) text.line(flag + "use_second = frame + 1 < last;");
  if (skip && pair) skip_bad(a, k, nodes, "frame + (use_second ? 1 : 0)", "use_second");
  if (skip) skip_bad(a, k, nodes, "frame", "use");
}

void skip_bad(const Assembly& a, Kernel& k, NodeSet nodes, const std::string& frame,
              const std::string& use) {
  Text& text = k.body;
  text.open("{");
  text.line("Watch<R> own;");
  for (const ir::NodeId id : nodes) {
    if (a.graph.node(id).op != ir::OpKind::Frame) continue;
    text.line("const " + k.frame_type(id) + " f(" + k.port_of(id) + ", rule, " + frame +
              ", p.samples);");
    text.line("team.each(rule.length, [&](int i) { own.see(f.at(i)); });");
  }
  text.line("if (team.any(own.alarmed())) " + use + " = false;");
  text.line("used += " + use + " ? 1 : 0;");
  text.close();
}

}  // namespace papilio::codegen
