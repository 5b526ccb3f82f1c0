/// What kernels tell of rows with bad samples, as text.
#pragma once

#include <string>

#include "codegen/kernel.h"

namespace papilio::codegen {

/// No bad sample in the row so far; `skipped` of its frames are left out.
void begin_status(Kernel& k, const std::string& skipped);

/// Rows with bad samples, among what `nodes` read of the frames from `first` to before `last`, are
/// flagged by their first one. `left_out`: where such frames are left out, whether some were; their
/// samples are not watched.
void report_status(const Assembly& a, Kernel& k, NodeSet nodes, const std::string& first,
                   const std::string& last, const std::string& left_out = "");

/// Overwrites all results of the row.
void blank_results(const Assembly& a, Kernel& k);

}  // namespace papilio::codegen
