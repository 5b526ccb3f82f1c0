/// What the library needs of definitions beyond papilio/definition.h.
#pragma once

#include <string>
#include <vector>

#include "papilio/definition.h"

namespace papilio::spectral {

/// `name=value` of every option that differs from the definition's profile at the same rate; empty
/// where there is no profile. The rate itself is not a modification.
std::vector<std::string> modifications(const Definition& definition);

}  // namespace papilio::spectral
