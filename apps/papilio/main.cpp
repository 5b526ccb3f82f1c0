// The papilio program: finds the verb, runs it, and turns what it throws into one line and an exit
// code (0 ok, 1 failed, 2 usage; signals end with 128 + signal).
#include <algorithm>
#include <array>
#include <cstdio>
#include <new>

#include "base/atomic_file.h"
#include "base/signals.h"
#include "base/text.h"
#include "errors.h"
#include "output.h"
#include "progress.h"
#include "verb.h"
#include "version_text.h"

namespace papilio::app {
namespace {

// ALL verbs. A new one: its line here, its function in verb.h, its cmd_<verb>.cpp.
constexpr std::array kVerbs{
    Verb{"psd", "Welch's power spectral density", run_psd},
    Verb{"peaks", "the strongest peaks of the spectrum", run_peaks},
    Verb{"mel", "mel features as whisper, librosa, torchaudio or kaldi", run_mel},
    Verb{"fft", "Fourier transform along the last axis", run_fft},
    Verb{"train", "butterfly networks that learn a transform", run_train},
    Verb{"recover", "the butterfly network behind a matrix or pairs", run_recover},
    Verb{"inspect", "what a model file holds", run_inspect},
    Verb{"compare", "how far a model is from the exact transform", run_compare},
    Verb{"eval", "errors of a model on noise or recordings", run_eval},
    Verb{"roundtrip", "error of decoding what a model encoded", run_roundtrip},
    Verb{"bench", "how fast it is on this machine", run_bench},
    Verb{"profiles", "what --like knows", run_profiles},
    Verb{"doctor", "this machine and build, and whether they compute right", run_doctor},
};

std::string help_text() {
  std::string text =
      "Papilio turns recordings into spectral features.\n\nUsage: papilio VERB INPUT [flags]\n\n";
  for (const Verb& verb : kVerbs) {
    const std::string name = verb.name;
    text += "  " + name + std::string(11 - name.size(), ' ') + verb.meaning + "\n";
  }
  return text +
         "\npapilio VERB --help tells all about one, papilio --version about the build.\n\n"
         "Example: papilio peaks speech.wav --html speech.html\n";
}

// The nearest verb; in words this short, two letters in the wrong order count as one slip.
std::string verb_meant(const std::string& word, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (std::is_permutation(word.begin(), word.end(), name.begin(), name.end())) {
      return " (did you mean " + name + "?)";
    }
  }
  return base::did_you_mean(word, names);
}

int unknown_verb(const std::string& word) {
  std::vector<std::string> names;
  for (const Verb& verb : kVerbs) names.emplace_back(verb.name);
  if (word.starts_with('-')) {
    throw UsageError("unknown flag " + word + " before the verb; papilio --help tells more");
  }
  throw UsageError("unknown verb '" + word + "'" + verb_meant(word, names) +
                   "; verbs: " + base::join(names));
}

int dispatch(const std::vector<std::string>& arguments) {
  if (arguments.empty()) {
    std::fputs(help_text().c_str(), stderr);
    return kUsage;
  }
  const std::string& word = arguments.front();
  if (word == "--help" || word == "-h" || word == "help") throw HelpAsked(help_text());
  if (word == "--version" || word == "-V") throw HelpAsked(version_text());
  const auto verb =
      std::find_if(kVerbs.begin(), kVerbs.end(), [&](const Verb& v) { return word == v.name; });
  if (verb == kVerbs.end()) return unknown_verb(word);
  return verb->run({arguments.begin() + 1, arguments.end()});
}

int fail(int code, const std::string& message) {
  std::fprintf(stderr, "papilio: %s\n", message.c_str());
  return code;
}

int guarded(const std::vector<std::string>& arguments) {
  try {
    try {
      return dispatch(arguments);
    } catch (const HelpAsked& help) {
      write_text("-", help.text());
      return kOk;
    }
  } catch (const base::ClosedPipe&) {
    return kOk;
  } catch (const Interrupted& end) {
    return fail(end.code(), one_line(end.what()));
  } catch (const UsageError& error) {
    return fail(kUsage, one_line(error.what()));
  } catch (const InternalError& error) {
    return fail(kFailed, one_line(error.what()) + " (a defect of Papilio; please report it)");
  } catch (const Error& error) {
    return fail(kFailed, one_line(error.what()));
  } catch (const std::bad_alloc&) {
    return fail(kFailed, "[" + arguments.front() +
                             "] out of memory; use a shorter --duration, fewer --channels, or a "
                             "shorter transform");
  } catch (const std::exception& error) {
    return fail(kFailed, one_line(error.what()) + " (a defect of Papilio; please report it)");
  }
}

}  // namespace
}  // namespace papilio::app

int main(int argc, char** argv) {
  papilio::base::install_signal_handlers();
  if (argc < 1) return papilio::app::kUsage;
  return papilio::app::guarded({argv + 1, argv + argc});
}
