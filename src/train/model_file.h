/// Models as files: one .safetensors that holds every number of one or several networks and, as
/// strings, all that is needed to compute with them. docs/learning.md describes it for readers in
/// other languages.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "papilio/view.h"
#include "transform/chain.h"
#include "transform/network.h"

namespace papilio::train {

/// One network of a model.
struct ModelPart {
  std::string name;  ///< "" for the only one, else "encoder", "decoder", "0", "1" ..
  transform::Network network;
  std::vector<transform::Complex> diagonal;  ///< multiplies its n results; empty: none
};

/// network: one part. encdec: an encoder and its decoder. chain: two parts or more.
enum class ModelKind : std::uint8_t { network, encdec, chain };

/// What a file holds: parts in order of application.
struct ModelFile {
  ModelKind kind = ModelKind::network;
  std::vector<ModelPart> parts;
  bool real_part = false;    ///< the result is the real part of what the last one gives
  DType dtype = DType::f64;  ///< f32 or f64: of the numbers in the file
  base::Json training = base::Json::object();  ///< how the numbers came about
  std::string version = {};                    ///< the Papilio that wrote it; set by saving

  /// Length of a signal.
  std::int64_t n() const { return parts.front().network.spec.n(); }
};

/// A network on its own.
ModelFile model_of(transform::Network network);

/// Permutations go into the networks behind them. Throws UserError for a chain with a permutation
/// behind its last network or before one of order dif, with a diagonal or a real part before its
/// first, or with a real part that is not last: nothing that transform/structures.h or recovery
/// makes.
ModelFile model_of(const transform::Chain& chain);

/// The factors of a model with complex input. Throws UserError for real input.
transform::Chain chain_of(const ModelFile& model);

/// Writes the file, whole or not at all; F32 numbers are rounded. Throws UserError for what loading
/// would refuse, before the first byte.
void save_model(const ModelFile& model, const std::string& path);

/// Reads and validates all of it: each tensor's type and shape, each word, permutations, equal tied
/// twiddles, gates in [0, 1], finite numbers, nothing that is unknown. Throws UserError, tagged
/// [model] (or [safetensors] where the container is damaged), naming file and tensor.
ModelFile load_model(const std::string& path);

/// The same of bytes that outlive the call; `name` is for messages.
ModelFile parse_model(std::span<const std::byte> bytes, const std::string& name);

}  // namespace papilio::train
