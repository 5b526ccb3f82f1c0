/// The results of a bench as a page: speed against n and against the rows, and all numbers.
#pragma once

#include <string>
#include <vector>

#include "race.h"

namespace papilio::app {

/// The page's HTML.
std::string bench_page(const std::string& question, const std::vector<bench::Outcome>& outcomes,
                       const std::string& device);

}  // namespace papilio::app
