/// What saving and loading of models have in common: names, shapes and the judgement of numbers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "train/model_file.h"

namespace papilio::train {

inline constexpr const char* kModelKinds[] = {"network", "encdec", "chain"};
constexpr std::span<const char* const> words_of(ModelKind) { return kModelKinds; }

/// "stage.3.twiddle" or "stage.3.block".
std::string parameter_name(const transform::NetworkSpec& spec, int s);

/// [n/r, r-1, 2], [n/r, r, r, 2], or [n/r, r, r] for real blocks.
std::vector<std::int64_t> parameter_shape(const transform::NetworkSpec& spec, int s);

/// Throws UserError, tagged [model] and naming `file` and the tensor, for a model that is not
/// valid.
void check_model(const ModelFile& model, const std::string& file);

}  // namespace papilio::train
