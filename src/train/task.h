/// What a training is about: what it starts from, what that is to become, on which rows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "train/data.h"
#include "train/loss.h"
#include "transform/chain.h"

namespace papilio::train {

/// Which networks move; the others stay as they are.
enum class Trains : std::uint8_t { all, encoder, decoder };

struct Task {
  transform::Chain model;                        ///< structure and first numbers; the encoder
  std::optional<transform::Chain> target;        ///< none: the data bring what is to be met
  Data data = {};                                ///< rows
  std::optional<transform::Chain> decoder = {};  ///< to undo what the model does
  Loss loss = {};                                ///< reconstruction needs a decoder
  Trains trains = Trains::all;
  std::string start = {};  ///< what first numbers are made by: checkpoints of others are refused

  /// Whether rows are real: some chain has a real part, or a network of real input or parameters.
  bool real() const;
};

/// Throws UserError for chains that do not fit one another, the data or the loss.
void validate(const Task& task);

}  // namespace papilio::train
