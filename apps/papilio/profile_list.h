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

/// Whose profile `name` is, if not the verb's: " of mel but of psd and peaks", or "".
std::string other_verbs_text(const std::string& verb, const std::string& name);

/// The profiles of a verb ("" for all) as lines for people.
std::string profile_table(const std::string& verb);

}  // namespace papilio::app
