/// What this build of Papilio is, as results and `--version` name it.
#pragma once

#include "papilio/export.h"

namespace papilio {

/// Plain text, never null.
struct BuildInfo {
  const char* version;   ///< "0.1.0"
  const char* commit;    ///< first 12 digits, or "unknown" outside a repository
  const char* compiler;  ///< "GNU 12.2.0"
};

/// The build of the library that is linked.
PAPILIO_API const BuildInfo& build_info();

}  // namespace papilio
