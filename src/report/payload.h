/// The charts of a page as JSON for its script: sizes within the page's budget, heatmaps as
/// quantised base64 arrays, curves as base64 doubles.
#pragma once

#include <string>
#include <vector>

#include "report/page.h"

namespace papilio::report {

/// The charts' JSON (not yet escaped for HTML) and what was reduced to fit, for the page's notes.
struct Payload {
  std::string json;
  std::vector<std::string> notes;
};

/// Payload of the first kPageChannels channels within their share of kPageBytes: cells get coarser,
/// then fewer, until they fit. Throws InternalError for charts whose sizes disagree.
Payload make_payload(const std::vector<Channel>& channels);

}  // namespace papilio::report
