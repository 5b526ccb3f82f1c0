// Meanings of the profiles.
#include "profile_list.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "papilio/definition.h"
#include "tables.h"

namespace papilio::app {
namespace {

const std::map<std::string, std::string>& meanings() {
  static const std::map<std::string, std::string> table{
      {"scipy",
       "scipy.signal.welch: hann, 256 samples, half overlap, mean removed; short rows shrink"},
      {"mne", "mne's psd_array_welch: hamming, 256 samples, no overlap"},
      {"rlx:full", "8 segments of the row's start, symmetric hann, raw powers"},
      {"rlx:fast", "2 such segments"},
      {"rlx:ultra", "1 such segment"},
      {"whisper", "OpenAI Whisper: 80 bands, 25 ms every 10 ms, log10, at 16000 Hz only"},
      {"librosa", "librosa.feature.melspectrogram: 128 bands, powers; --log db as power_to_db"},
      {"torchaudio", "torchaudio.transforms.MelSpectrogram: 128 bands, htk scale, powers"},
      {"kaldi", "Kaldi's fbank: 23 bands, 25 ms every 10 ms, povey window, ln, [frames, bands]"},
      {"rlx", "40 bands of rows that are one frame each, log10, at 16000 Hz only"},
  };
  return table;
}

}  // namespace

std::vector<ProfileLine> profile_lines() {
  std::vector<ProfileLine> lines;
  for (const std::string verb : {"psd", "peaks", "mel"}) {
    for (const std::string& name : profile_names(verb)) {
      const auto known = std::find_if(lines.begin(), lines.end(),
                                      [&](const ProfileLine& line) { return line.name == name; });
      if (known != lines.end()) {
        known->verbs.push_back(verb);
        continue;
      }
      const auto meaning = meanings().find(name);
      lines.push_back({name, {verb}, meaning == meanings().end() ? "" : meaning->second});
    }
  }
  return lines;
}

std::string other_verbs_text(const std::string& verb, const std::string& name) {
  for (const ProfileLine& line : profile_lines()) {
    if (line.name == name) return " of " + verb + " but of " + base::join(line.verbs, " and ");
  }
  return "";
}

std::string profile_table(const std::string& verb) {
  TextTable table({"profile", "verbs", "meaning"}, {0, 1, 2});
  for (const ProfileLine& line : profile_lines()) {
    const bool wanted =
        verb.empty() || std::find(line.verbs.begin(), line.verbs.end(), verb) != line.verbs.end();
    if (wanted) table.add({line.name, base::join(line.verbs), line.meaning});
  }
  return table.text();
}

}  // namespace papilio::app
