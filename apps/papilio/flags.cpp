// Flags on CLI11.
#include "flags.h"

#include <algorithm>

#include "version_text.h"

namespace papilio::app {
namespace {

// "--top" of "-k,--top".
std::string longest_name(const std::string& names) {
  std::string best;
  for (std::size_t begin = 0; begin <= names.size();) {
    const std::size_t end = std::min(names.find(',', begin), names.size());
    const std::string name = names.substr(begin, end - begin);
    if (best.empty() || (name.starts_with("--") && !best.starts_with("--"))) best = name;
    begin = end + 1;
  }
  return best;
}

}  // namespace

Flags::Flags(const std::string& verb, const std::string& meaning, const std::string& example)
    : verb_(verb), app_(meaning, "papilio " + verb) {
  app_.footer(example);
  app_.set_version_flag("-V,--version", version_text, "version, compiler, instruction sets");
  app_.allow_extras();
  app_.get_formatter()->column_width(34);
}

std::string Flags::tagged(const std::string& names) const {
  return "[" + verb_ + "] " + longest_name(names);
}

CLI::Option* Flags::on(const std::string& names, const std::string& type, const std::string& help,
                       Read read) {
  const std::string name = tagged(names);
  const CLI::callback_t call = [name, read](const CLI::results_t& texts) {
    for (const std::string& text : texts) read(name, text);
    return true;
  };
  return app_.add_option(names, call, help)->type_name(type)->group(group_);
}

CLI::Option* Flags::flag(const std::string& names, const std::string& help,
                         std::function<void()> then) {
  return app_.add_flag_callback(names, std::move(then), help)->group(group_);
}

CLI::Option* Flags::word(const std::string& names, const std::string& help,
                         const std::vector<std::string>& known, std::string& target) {
  return on(names, base::join(known, "|"), help,
            [known, &target](const std::string& flag, const std::string& text) {
              if (std::find(known.begin(), known.end(), text) == known.end()) {
                refuse_value(flag, text,
                             "is unknown" + base::did_you_mean(text, known) + "; give one of " +
                                 base::join(known));
              }
              target = text;
            });
}

void Flags::positional(const std::string& name, const std::string& help, std::string& target) {
  app_.add_option(name, target, help)->type_name("");
}

bool Flags::given(const std::string& name) const { return app_.count(name) > 0; }

std::string Flags::text(const std::string& name) const {
  const CLI::Option* option = app_.get_option_no_throw(name);
  return option == nullptr || option->count() == 0 ? "" : option->results().back();
}

void Flags::refuse_idle(const std::vector<IdleFlag>& rows) const {
  for (const IdleFlag& row : rows) {
    if (!row.idle || !given(row.name)) continue;
    throw UsageError("[" + verb_ + "] " + row.name + " " + row.why);
  }
}

void Flags::refuse_extra(const std::vector<std::string>& extra) const {
  // What stands behind -- is no flag.
  const auto end = std::find(extra.begin(), extra.end(), "--");
  const auto unknown = std::find_if(extra.begin(), end, [](const std::string& word) {
    return word.size() > 1 && word.starts_with('-');
  });
  if (unknown == end) {
    const std::string& word = end == extra.begin() ? extra.at(1) : extra.front();
    throw UsageError("[" + verb_ + "] one argument too many: '" + word +
                     "'; run the verb once for each");
  }
  const std::string name = unknown->substr(0, unknown->find('='));
  std::vector<std::string> known;
  for (const CLI::Option* option : app_.get_options()) {
    for (const std::string& word : option->get_lnames()) known.push_back("--" + word);
  }
  throw UsageError("[" + verb_ + "] unknown flag " + name + base::did_you_mean(name, known) +
                   "; papilio " + verb_ + " --help lists them");
}

void Flags::parse(const std::vector<std::string>& arguments) {
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
  try {
    app_.parse(std::move(reversed));
  } catch (const CLI::CallForHelp&) {
    throw HelpAsked(app_.help());
  } catch (const CLI::CallForVersion&) {
    throw HelpAsked(version_text());
  } catch (const CLI::ArgumentMismatch& error) {
    const std::string what = error.what();
    const std::string name = what.substr(0, what.find(':'));
    const bool repeated = what.find("At Most") != std::string::npos;
    throw UsageError("[" + verb_ + "] " + name +
                     (repeated ? " is given more than once; give it once"
                               : " needs a value; papilio " + verb_ + " --help tells which"));
  } catch (const CLI::ParseError& error) {
    throw UsageError("[" + verb_ + "] " + error.what() + "; papilio " + verb_ +
                     " --help tells more");
  }
  const std::vector<std::string> extra = app_.remaining();
  const bool only_mark = extra.size() == 1 && extra.front() == "--";
  if (!extra.empty() && !only_mark) refuse_extra(extra);
}

}  // namespace papilio::app
