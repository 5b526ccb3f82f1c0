/// Mean power spectra of real frames: two frames ride in one complex transform.
#pragma once

#include "base/target.h"
#include "ir/graph.h"

namespace papilio::passes {

/// mean_frames(power(rfft(x))) becomes paired_mean_power(x), with a slice of the bins after it
/// where one stood after the rfft: for z = a + i b, (|A_k|^2 + |B_k|^2) / 2 = (|Z_k|^2 +
/// |Z_{n-k}|^2) / 4, so that the two need not be separated.
///
/// A learned transform is never paired: its bins k and n - k are not tied to each other.
///
/// Needs: canonical form, no dead nodes. Guarantees: nothing that is read elsewhere (the spectrum,
/// the powers of each frame) is paired away. Leaves the replaced nodes to dead_code.
ir::Graph pair_segments(const ir::Graph& graph, const base::Target& target);

}  // namespace papilio::passes
