// The answer to --version.
#include "version_text.h"

#include "kernels/isa.h"
#include "papilio/version.h"

namespace papilio::app {

std::string version_text() {
  const BuildInfo& build = build_info();
  std::string isas;
  for (const kernels::Isa isa : kernels::usable_isas()) {
    isas += std::string(isas.empty() ? "" : " ") + kernels::name_of(isa);
  }
  return std::string("papilio ") + build.version + "\ncommit   " + build.commit + "\ncompiler " +
         build.compiler + "\nisa      " + isas + "\ndevices  cpu cuda reference null\n";
}

}  // namespace papilio::app
