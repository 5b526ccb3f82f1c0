/// What the profiles are for, in one line each.
#pragma once

#include <string>
#include <vector>

namespace papilio::app {

struct ProfileLine {
  std::string name;
  std::vector<std::string> verbs;
  std::string meaning;
};

/// All profiles in the order of the library, each once.
std::vector<ProfileLine> profile_lines();

/// The profiles of a verb ("" for all) as lines for people.
std::string profile_table(const std::string& verb);

}  // namespace papilio::app
