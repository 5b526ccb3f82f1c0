// Free parameters by the param they belong to, as a table of the text.
#include "codegen/descent.h"

#include <algorithm>
#include <array>

#include "codegen/assembly.h"
#include "codegen/params.h"
#include "codegen/text.h"
#include "papilio/error.h"

namespace papilio::codegen {
namespace {

constexpr std::int64_t kThreads = 256;  ///< device/descent.cuh
constexpr std::int64_t kMostBlocks = 256;

/// The table `parts`, and how many free parameters there are.
std::int64_t add_parts(Text& text, const Assembly& a, const Descent& descent) {
  const SharedValues& shared = *a.program.shared;
  const auto elements = [&](const SharedValues::Place& place) {
    return number(static_cast<std::int64_t>(place.offset / a.real_bytes()));
  };
  static constexpr std::array kKinds{"plain", "phases", "gates"};
  std::int64_t free = 0;
  std::int64_t numbers = 0;
  text.open("__constant__ const FreePart parts[] = {");
  for (std::size_t i = 0; i < descent.parts.size(); ++i) {
    const Descent::Part& part = descent.parts[i];
    const SharedValues::Place& place = shared.params[i];
    text.line("{" + number(free) + ", Free::" + kKinds[static_cast<std::size_t>(part.kind)] + ", " +
              elements(place) + ", " + elements(shared.results[i + 1]) + ", " + number(numbers) +
              ", " + exact(part.unit) + "},");
    const std::int64_t reals = place.length * (place.complex ? 2 : 1);
    free += part.kind == Descent::Kind::phases ? place.length : reals;
    numbers += reals;
  }
  text.close("};");
  return free;
}

}  // namespace

void add_descent(Assembly& a, const Descent& descent, const std::string& slopes_kernel,
                 const std::string& move_kernel) {
  const SharedValues& shared = *a.program.shared;
  if (shared.params.size() != descent.parts.size() ||
      shared.results.size() != descent.parts.size() + 1) {
    throw InternalError("[cuda] a descent needs a loss and the gradient of every param");
  }
  if (a.program.stored.size() + 2 > kMaxStored) {
    throw UserError("[cuda] the graph has too many sums over rows for a step; use --device cpu");
  }
  static constexpr std::array kRules{"sgd", "adam", "diagonal"};
  Text text;
  text.line("");
  const std::int64_t free = add_parts(text, a, descent);
  const std::int64_t blocks =
      std::clamp((free + kThreads - 1) / kThreads, std::int64_t{1}, kMostBlocks);
  const auto state = static_cast<std::int64_t>(a.program.stored.size());
  const std::string type = "Descent<" + std::string(a.single() ? "float" : "double") + ", " +
                           number(free) + ", " + number(blocks) + ">";
  const auto kernel = [&](const std::string& name, const std::string& call) {
    text.line("");
    text.open("extern \"C\" __global__ void __launch_bounds__(" + number(kThreads) + ") " + name +
              "(const Params p) {");
    text.line("extern __shared__ __align__(16) char shared[];");
    text.line(type + "(p.stored[0], p.stored[" + number(state) + "], p.stored[" +
              number(state + 1) + "])." + call + ";");
    text.close();
    a.program.launches.push_back({name, Items::once, 1, 1, static_cast<int>(kThreads),
                                  static_cast<std::size_t>(kThreads) * 16, blocks});
  };
  const auto loss = static_cast<std::int64_t>(shared.results[0].offset / a.real_bytes());
  kernel(slopes_kernel, "slopes(shared, parts, " + number(loss) + ")");
  kernel(move_kernel, "move<Rule::" + std::string(kRules[static_cast<std::size_t>(descent.rule)]) +
                          ">(shared, parts)");
  a.source += text.str();
  constexpr std::int64_t kVectors = 4;  // free, two of the optimiser, slopes
  a.program.stored.push_back(
      {Items::once, static_cast<std::size_t>(kVectors * free + blocks) * sizeof(double), false});
  a.program.stored.push_back({Items::once, sizeof(StepFacts), false});
  a.program.moves = {free, static_cast<int>(state), static_cast<int>(state) + 1};
}

}  // namespace papilio::codegen
