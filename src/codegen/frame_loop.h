/// The loop over the frames of a row, or of a group of them, as text.
#pragma once

#include <string>

#include "codegen/kernel.h"

namespace papilio::codegen {

/// Declares `first` and `last`: the item has the frames from first to before last.
void frame_range(const Assembly& a, Kernel& k);

/// Opens the loop, one frame or a pair of them a turn, and declares `frame` and what says whether
/// it is used: `use`, of the second one of a pair `use_second`. All teams of a block take as many
/// turns: of groups, those with fewer frames repeat the last one and do not use it.
void open_frames(const Assembly& a, Kernel& k, NodeSet nodes, bool pair);

/// Takes a frame with bad samples out of use.
void skip_bad(const Assembly& a, Kernel& k, NodeSet nodes, const std::string& frame,
              const std::string& use);

}  // namespace papilio::codegen
