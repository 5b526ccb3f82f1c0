// The pipeline is a table, not a script.
#include "passes/pipeline.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <string>

#include "base/trace.h"
#include "ir/print.h"
#include "ir/verify.h"
#include "papilio/error.h"
#include "passes/canonicalise.h"
#include "passes/dead_code.h"
#include "passes/fold_constants.h"
#include "passes/fuse_regions.h"
#include "passes/pair_segments.h"

namespace papilio::passes {
namespace {

bool always(const ir::Graph&, const base::Target&) { return true; }

bool averages_frames(const ir::Graph& graph, const base::Target&) {
  return std::any_of(graph.nodes().begin(), graph.nodes().end(),
                     [](const ir::Node& node) { return node.op == ir::OpKind::MeanFrames; });
}

// Folding comes first, so that the rules of the algebra see plain constants. Pairing counts
// readers, so it needs a graph without dead ones, which canonicalise leaves.
constexpr std::array kPasses{
    Pass{"fold_constants", fold_constants, always},
    Pass{"canonicalise", canonicalise, always},
    Pass{"pair_segments", pair_segments, averages_frames},
    Pass{"dead_code", dead_code, always},
    Pass{"fuse_regions", fuse_regions, always},
};

void trace(std::string_view name, long long microseconds, const std::string& before,
           const std::string& after) {
  std::string text = "[passes] ";
  text.append(name).append(" (").append(std::to_string(microseconds)).append(" us):");
  if (before == after) {
    text += " unchanged\n";
  } else {
    text.append("\n").append(after);
  }
  std::fputs(text.c_str(), stderr);
}

void check_outputs(const Pass& pass, const ir::Graph& before, const ir::Graph& after) {
  const bool same =
      std::equal(before.outputs().begin(), before.outputs().end(), after.outputs().begin(),
                 after.outputs().end(),
                 [](const ir::Output& a, const ir::Output& b) { return a.name == b.name; });
  if (!same)
    throw InternalError("[passes] " + std::string(pass.name) + " changed the named outputs");
}

void check(const Pass& pass, const ir::Graph& before, const ir::Graph& after) {
  check_outputs(pass, before, after);
  try {
    ir::verify(after);
  } catch (const InternalError& error) {
    throw InternalError("[passes] after " + std::string(pass.name) + ": " + error.what());
  }
}

}  // namespace

std::span<const Pass> all_passes() { return kPasses; }

ir::Graph run_passes(const ir::Graph& graph, const base::Target& target) {
  const bool traced = base::traced("passes");
  ir::verify(graph);
  if (traced) trace("input", 0, "", ir::to_text(graph));
  ir::Graph current = graph;
  for (const Pass& pass : kPasses) {
    if (!pass.when(current, target)) continue;
    const auto start = std::chrono::steady_clock::now();
    ir::Graph next = pass.run(current, target);
    const auto time = std::chrono::steady_clock::now() - start;
    check(pass, current, next);
    if (traced) {
      const auto us = std::chrono::duration_cast<std::chrono::microseconds>(time).count();
      trace(pass.name, us, ir::to_text(current), ir::to_text(next));
    }
    current = std::move(next);
  }
  return current;
}

}  // namespace papilio::passes
