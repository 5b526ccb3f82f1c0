/// The need of memory, told before any work: what it is made of, and what may be taken.
#pragma once

#include <cstdint>
#include <string>

#include "api/prepare.h"

namespace papilio::api {

/// Bytes that may be taken: what the caller says, or half of what is free; 0: unknown.
std::int64_t memory_limit(const Execution& execution);

/// Throws UserError when the tables of a transform of n elements, made before anything else can be
/// told, are beyond the limit. `flag` is what shortens it.
void check_transform(std::int64_t n, DType compute, const Execution& execution,
                     const std::string& tag, const std::string& flag = "--n-fft");

/// Bytes of the tables that a transform of n elements keeps.
double table_bytes(std::int64_t n, DType compute);

/// Bytes of result, tables and the program's memory on rows of `samples` together. Throws UserError
/// with the numbers when they are beyond the limit.
double check_memory(const FeatureSpec& spec, const Fitted& fitted, std::int64_t samples,
                    const runtime::MemoryNeed& need, bool streamed);

}  // namespace papilio::api
