/// Graphs of the driver in fake_driver.cpp: what is queued while a stream is captured is kept, and
/// done when the graph is launched. One capture at a time.
#pragma once

#include <functional>
#include <vector>

#include "runtime/cuda/driver/api.h"

namespace papilio::test {

using FakeWork = std::function<runtime::cuda::CUresult()>;

/// As a driver says it of waiting and allocating during a capture.
inline constexpr auto kCaptureUnsupported = static_cast<runtime::cuda::CUresult>(900);

/// Does the work at once, or keeps it for the graph that is being captured.
runtime::cuda::CUresult do_or_keep(FakeWork work);

/// Whether a stream is being captured.
bool capturing();

}  // namespace papilio::test
