/// Sample rate conversion by libsoxr (quality HQ), streamed, every row for itself.
#pragma once

#include "io/signal.h"

namespace papilio::io {

/// `source` at `rate` Hz: f32 (f64 for f64, complex for complex input), scale already applied. Bits
/// do not depend on chunk sizes nor on other rows. Returns `source` itself when it has that rate.
/// Throws UserError without a rate, or for one outside 1/256 .. 256 times the source's.
ReaderPtr resample(ReaderPtr source, double rate);

}  // namespace papilio::io
