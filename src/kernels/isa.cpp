// Names and run-time detection of instruction sets.
#include "kernels/isa.h"

#include <hwy/targets.h>

#include <array>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/text.h"
#include "kernels/dispatch.h"
#include "papilio/error.h"

namespace papilio::kernels {
namespace {

constexpr std::array kBestFirst{Isa::avx512, Isa::avx2, Isa::neon, Isa::sse4, Isa::scalar};

std::vector<std::string> names_of(const std::vector<Isa>& isas) {
  std::vector<std::string> names;
  for (Isa isa : isas) names.emplace_back(name_of(isa));
  return names;
}

}  // namespace

const char* name_of(Isa isa) {
  constexpr std::array names{"scalar", "sse4", "avx2", "avx512", "neon"};
  return names[static_cast<std::size_t>(isa)];
}

std::vector<Isa> usable_isas() {
  // Highway never reports its one-lane fallback beside a vector target, yet it always runs.
  // Asked once: the processor is slow to answer.
  static const std::int64_t runs_here = hwy::SupportedTargets() | HWY_STATIC_TARGET | HWY_SCALAR;
  std::vector<Isa> usable;
  for (Isa isa : kBestFirst) {
    if (highway_target(isa) & HWY_TARGETS & runs_here) usable.push_back(isa);
  }
  return usable;
}

Isa isa_from_environment() {
  const std::vector<Isa> usable = usable_isas();
  const char* wish = std::getenv("PAPILIO_ISA");
  if (wish == nullptr || *wish == '\0') return usable.front();
  for (Isa isa : usable) {
    if (std::string_view(wish) == name_of(isa)) return isa;
  }
  const std::vector<std::string> names = names_of(usable);
  throw UserError("[isa] PAPILIO_ISA=" + std::string(wish) + " cannot be used on this machine" +
                  base::did_you_mean(wish, names) + "; give one of " + base::join(names) +
                  ", or leave it unset for " + names.front());
}

}  // namespace papilio::kernels
