// The list of topics in the environment.
#include "base/trace.h"

#include <cstdlib>
#include <string>

namespace papilio::base {

bool traced(std::string_view topic) {
  const char* list = std::getenv("PAPILIO_TRACE");
  if (list == nullptr) return false;
  const std::string wrapped = "," + std::string(list) + ",";
  return wrapped.find("," + std::string(topic) + ",") != std::string::npos;
}

}  // namespace papilio::base
