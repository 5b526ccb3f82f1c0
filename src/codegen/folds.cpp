// Kernels that go over the frames of a row: sums, maxima, medians.
#include <algorithm>

#include "codegen/cuda_lowering.h"
#include "codegen/frame_loop.h"
#include "codegen/status.h"
#include "papilio/error.h"

namespace papilio::codegen {

using ir::Node;
using ir::NodeId;
using ir::OpKind;

void CudaLowering::fold_of_region(NodeId id) {
  const NodeId input = node(id).inputs[0];
  const Nodes nodes = slice({input});
  const auto is_long_read = [&](NodeId n) { return a_.long_reads.contains(n); };
  const bool reads_long = std::any_of(nodes.begin(), nodes.end(), is_long_read);
  if (reads_long && signature_.skip) {
    throw UserError(
        "[cuda] frames with bad samples are left out of short transforms only; use "
        "--nonfinite flag or --device cpu");
  }
  if (node(id).op == OpKind::MedianFrames) return median_kernels(id);
  // What needs a whole frame at once has no place in a loop over its elements.
  const bool apart = std::any_of(nodes.begin(), nodes.end(), [&](NodeId n) {
    return !is_long_read(n) && Kernel::meets(node(n));
  });
  if (!reads_long) {
    fold_kernel(id, {});
  } else if (apart) {
    if (!a_.stored.contains(input)) {
      a_.stored[input] = store(Items::frames, item_bytes(input));
      target_kernel({input}, true);
    }
    fold_of_long(id, {input});
  } else {
    fold_of_long(id, nodes);
  }
  if (signature_.long_rows) total_kernel(id);
}

void CudaLowering::fold_kernel(NodeId id, const Nodes& tail) {
  const Node& fold = node(id);
  const NodeId input = fold.inputs[0];
  const bool pair = fold.op == OpKind::PairedMeanPower;
  const bool maximum = fold.op == OpKind::MaxFrames;
  const Nodes nodes = slice({input});
  Nodes all_nodes = nodes;
  all_nodes.insert(id);
  const Nodes rows = tail.empty() ? Nodes{} : slice(tail, id);
  all_nodes.insert(rows.begin(), rows.end());
  const bool grouped = signature_.long_rows;
  Kernel k(a_, "kernel" + number(kernels_++), grouped ? Items::groups : Items::rows, all_nodes);
  begin(k, nodes, all_nodes);
  const std::int64_t sums = pair ? fold.as<ir::FftAttrs>().n : item_length(fold.type);
  const std::string none = maximum ? "-infinite<R>()" : "R(0)";
  Text& text = k.body;
  frame_range(a_, k);
  if (signature_.skip) text.line("long long used = 0;");
  const Put add = [&](Text& t, const std::string& slot, const std::string&, const std::string& x) {
    add_to(t, "acc[" + slot + "]", x, maximum, pair);
  };
  const std::string type =
      pair ? k.declare_complex("P" + number(id), sums) : k.transform_before(nodes, input);
  const bool in_registers = !type.empty();
  const std::string array = "s" + number(id);
  if (!in_registers) k.share(array, "R", sums);
  if (in_registers) {
    text.line("constexpr int kSlots = " + type + "::slots<decltype(team)>();");
    text.line("R acc[kSlots];");
    text.line("unrolled<kSlots>([&](auto s) { acc[s.value] = " + none + "; });");
  } else {
    text.line("team.each(" + number(sums) + ", [&](int i) { " + array + "[i] = " + none + "; });");
  }
  open_frames(a_, k, nodes, pair);
  k.emit(nodes, in_registers && !pair ? Nodes{input} : Nodes{}, pair,
         [&](const Chain&) { return add; });
  if (pair) {
    k.transform(type, value_name(input),
                [&](Text& t, const std::string& slot, const std::string&, const std::string& z) {
                  t.line("acc[" + slot + "] = plus_power(acc[" + slot + "], " + z + ");");
                });
  } else if (!in_registers) {
    text.open("team.each(" + number(sums) + ", [&](int i) {");
    add_to(text, array + "[i]", value_name(input) + "(i)", maximum, false);
    text.close("});");
  }
  text.close();
  if (in_registers) {
    if (!transforms(rows)) k.free_work();
    k.share(array, "R", sums);
    text.open(type + "::each_slot(team, [&](int slot, int i) {");
    const Put put = [&](Text& t, const std::string& slot, const std::string& i,
                        const std::string&) { t.line(array + "[" + i + "] = acc[" + slot + "];"); };
    if (pair) {
      put(text, "slot", "i", "");
    } else {
      k.place(nodes, input, put);
    }
    text.close("});");
  }
  text.line("team.sync();");
  close_fold(k, id, nodes, tail, rows);
}

void CudaLowering::fold_of_long(NodeId id, const Nodes& nodes) {
  const Node& fold = node(id);
  const bool maximum = fold.op == OpKind::MaxFrames;
  const std::string length = number(item_length(fold.type));
  const bool grouped = signature_.long_rows;
  Kernel k(a_, "kernel" + number(kernels_++), grouped ? Items::groups : Items::rows, Nodes{id},
           parts_of(item_length(fold.type)));
  frame_range(a_, k);
  int to = 0;
  if (grouped) {
    partials_[id] = to = store_groups(id);
  } else {
    a_.stored[id] = to = store(Items::rows, item_bytes(id));
  }
  Text& text = k.body;
  text.line("R* const to = reinterpret_cast<R*>(p.stored[" + number(to) + "]) + item * " + length +
            ";");
  k.open_each(item_length(fold.type), "e");
  text.line(std::string("R sum = ") + (maximum ? "-infinite<R>();" : "R(0);"));
  text.open("for (long long frame = first; frame < last; ++frame) {");
  k.emit(nodes, {}, false, nullptr);
  const std::string value = value_name(fold.inputs[0]) + "(e)";
  text.line(maximum ? "sum = larger(sum, " + value + ");" : "sum += " + value + ";");
  text.close();
  const bool mean = !maximum && !grouped;
  text.line(std::string("if (active) to[e] = sum") +
            (mean ? " * R(1.0 / double(p.frames));" : ";"));
  text.close("});");
  k.finish();
}

void CudaLowering::add_to(Text& text, const std::string& sum, const std::string& x, bool maximum,
                          bool pair) const {
  const bool always = pair || (!signature_.long_rows && !signature_.skip);
  if (maximum) {
    const std::string more = "larger(" + sum + ", " + x + ")";
    text.line(sum + " = " + (always ? more : "use ? " + more + " : " + sum) + ";");
  } else {
    text.line(sum + " += " + (always ? x : "use ? " + x + " : R(0)") + ";");
  }
}

void CudaLowering::close_fold(Kernel& k, NodeId id, const Nodes& nodes, const Nodes& tail,
                              const Nodes& rows) {
  const Node& fold = node(id);
  const bool grouped = signature_.long_rows;
  Text& text = k.body;
  const std::string used = signature_.skip ? "used" : "last";
  if (a_.program.clears && signature_.skip) {
    const std::string frames = grouped ? "(last - first)" : "p.frames";
    text.line("if (team.thread == 0 && active && used < " + frames +
              ") atomicAdd(p.skipped + row, unsigned(" + frames + " - used));");
  }
  if (!a_.program.clears) {
    begin_status(k, signature_.skip ? "unsigned(p.frames - used)" : "0");
    text.line("team.sync();");
  }
  report_status(a_, k, nodes, "first", "last", "used < last - first");
  const std::string array = "s" + number(id);
  std::string value = array + "[i]";
  if (fold.op == OpKind::PairedMeanPower) {
    const std::string n = number(fold.as<ir::FftAttrs>().n);
    value = "(" + value + " + " + array + "[i == 0 ? 0 : " + n + " - i])";
    if (grouped) value = "R(0.5) * " + value;
  }
  if (grouped) {
    const std::string length = number(item_length(fold.type));
    const int partial = store_groups(id);
    partials_[id] = partial;
    text.line("R* const to = reinterpret_cast<R*>(p.stored[" + number(partial) + "]) + item * " +
              length + ";");
    text.line("team.each(" + length + ", [&](int i) { if (active) to[i] = " + value + "; });");
    return k.finish();
  }
  if (fold.op == OpKind::MaxFrames) {
    if (signature_.skip) value = used + " == 0 ? not_a_number<R>() : " + value;
  } else {
    const bool halves = fold.op == OpKind::PairedMeanPower;
    text.line("const R share = R(" + std::string(halves ? "0.5" : "1") + ") / R(" + used + ");");
    value = "(" + value + ") * share";
  }
  text.line("const auto " + value_name(id) + " = [&](int i) { return " + value + "; };");
  if (tail.empty()) {
    a_.stored[id] = store(Items::rows, item_bytes(id));
    keep_lines(k, id);
  } else {
    compute_targets(k, rows, tail, id, true);
  }
  k.finish();
}

void CudaLowering::total_kernel(NodeId id) {
  const Node& fold = node(id);
  Kernel k(a_, "kernel" + number(kernels_++), Items::rows, {id});
  const std::string length = number(item_length(fold.type));
  a_.stored[id] = store(Items::rows, item_bytes(id));
  Text& text = k.body;
  text.line("const R* const from = reinterpret_cast<const R*>(p.stored[" +
            number(partials_.at(id)) + "]) + row * p.groups * " + length + ";");
  const bool maximum = fold.op == OpKind::MaxFrames;
  text.line(std::string("const long long used = p.frames") +
            (signature_.skip ? " - p.skipped[row];" : ";"));
  const std::string all =
      std::string(maximum ? "largest" : "total") + "(from + i, p.groups, " + length + ")";
  const std::string value =
      maximum ? "used == 0 ? not_a_number<R>() : " + all : all + " * (R(1) / R(used))";
  text.line("const auto " + value_name(id) + " = [&](int i) { return " + value + "; };");
  keep_lines(k, id);
  k.finish();
}

void CudaLowering::median_kernels(NodeId id) {
  const NodeId input = node(id).inputs[0];
  const Nodes nodes = slice({input});
  const int frames = store(Items::frames, item_bytes(input));
  {
    Kernel k(a_, "kernel" + number(kernels_++), Items::frames, nodes);
    const bool loads = begin(k, nodes);
    k.body.line("constexpr bool use = true;");
    if (signature_.skip) {
      k.body.line("bool good = true;");
      k.body.line("int used = 0;");
      skip_bad(a_, k, nodes, "frame", "good");
      k.body.line("if (!good && active && team.thread == 0) atomicAdd(p.skipped + row, 1u);");
    }
    const std::string mark = signature_.skip ? "!good" : "false";
    k.body.line("R* const to = reinterpret_cast<R*>(p.stored[" + number(frames) + "]) + item * " +
                number(item_length(node(input).type)) + ";");
    bool taken = false;
    k.emit(nodes, {input}, false, [&](const Chain&) -> Put {
      taken = true;
      return [&](Text& t, const std::string&, const std::string& i, const std::string& x) {
        t.line("if (active) to[" + i + "] = blanked(" + x + ", " + mark + ");");
      };
    });
    if (!taken) {
      k.body.line("team.each(" + number(item_length(node(input).type)) +
                  ", [&](int i) { if (active) to[i] = blanked(" + value_name(input) + "(i), " +
                  mark + "); });");
    }
    if (loads) report_status(a_, k, nodes, "frame", "frame + 1", "!good");
    k.finish();
  }
  Kernel k(a_, "kernel" + number(kernels_++), Items::rows, {id});
  const std::string length = number(item_length(node(id).type));
  k.body.line("const R* const from = reinterpret_cast<const R*>(p.stored[" + number(frames) +
              "]) + row * p.frames * " + length + ";");
  k.body.line("const auto " + value_name(id) +
              " = [&](int i) { return median(from + i, p.frames, " + length + ", " +
              (signature_.skip ? "true" : "false") + "); };");
  a_.stored[id] = store(Items::rows, item_bytes(id));
  keep_lines(k, id);
  k.finish();
}

}  // namespace papilio::codegen
