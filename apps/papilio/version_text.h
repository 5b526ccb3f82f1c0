/// What --version says, before and behind any verb.
#pragma once

#include <string>

namespace papilio::app {

/// Version, commit, compiler, instruction sets and devices, a line each.
std::string version_text();

}  // namespace papilio::app
