// Ways to run Papilio in a bench.
#include "settings.h"

#include <algorithm>
#include <cstdlib>

#include "base/text.h"
#include "kernels/isa.h"
#include "papilio/error.h"

namespace papilio::bench {
namespace {

constexpr const char* kVariable = "PAPILIO_ISA";
constexpr std::int64_t kMostThreads = 1024;

bool holds(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::string variant_of(const Run& run) {
  const std::string best = kernels::name_of(kernels::usable_isas().front());
  const std::string isa =
      run.isa.empty() ? kernels::name_of(kernels::isa_from_environment()) : run.isa;
  std::string text;
  if (isa != best) text += "/isa:" + isa;
  if (run.threads != 1) text += "/threads:" + std::to_string(run.threads);
  if (run.device != "cpu") text += "/device:" + run.device;
  return text;
}

}  // namespace

ScopedIsa::ScopedIsa(const std::string& isa) : changed_(!isa.empty()) {
  if (!changed_) return;
  const char* before = std::getenv(kVariable);
  was_set_ = before != nullptr;
  if (was_set_) before_ = before;
  setenv(kVariable, isa.c_str(), 1);
}

ScopedIsa::~ScopedIsa() {
  if (!changed_) return;
  if (was_set_) {
    setenv(kVariable, before_.c_str(), 1);
  } else {
    unsetenv(kVariable);
  }
}

std::vector<Run> runs_of(const Settings& settings) {
  const std::vector<std::string> usual{""};
  std::vector<Run> runs;
  for (const std::string& isa : settings.isas.empty() ? usual : settings.isas) {
    for (const std::int64_t threads : settings.threads) {
      if (threads < 1 || threads > kMostThreads) {
        throw UserError("[bench] --threads " + std::to_string(threads) + "; give 1 to " +
                        std::to_string(kMostThreads));
      }
      runs.push_back({settings.device, isa, static_cast<int>(threads), ""});
      runs.back().variant = variant_of(runs.back());
    }
  }
  return runs;
}

bool wanted(const Settings& settings, const std::string& work) {
  return settings.works.empty() || holds(settings.works, work);
}

void keep_wanted(const Settings& settings, std::vector<Contender>& contenders) {
  if (settings.contenders.empty()) return;
  std::erase_if(contenders, [&](const Contender& contender) {
    return !holds(settings.contenders, contender.name);
  });
}

void check_works(const Settings& settings, const std::vector<std::string>& known) {
  for (const std::string& work : settings.works) {
    if (holds(known, work)) continue;
    throw UserError("[bench] --work '" + work + "' is unknown" + base::did_you_mean(work, known) +
                    "; give some of " + base::join(known));
  }
}

}  // namespace papilio::bench
