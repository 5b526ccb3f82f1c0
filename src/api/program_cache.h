/// Definitions made ready to run: fitted to a row length and compiled. The last few are kept, so
/// that calls which repeat a definition do not compile again.
#pragma once

#include <memory>

#include "api/feature.h"
#include "api/prepare.h"
#include "runtime/program.h"

namespace papilio::api {

struct Prepared {
  Fitted fitted;
  std::shared_ptr<const runtime::Program> program;
};

/// The definition of `spec` for rows of `samples`. Thread-safe. Throws what fit and compile throw;
/// failures are not kept.
std::shared_ptr<const Prepared> prepare(const FeatureSpec& spec, std::int64_t samples);

}  // namespace papilio::api
