/// The table of verbs: one line and one cmd_<verb>.cpp each.
#pragma once

#include <string>
#include <vector>

namespace papilio::app {

struct Verb {
  const char* name;
  const char* meaning;
  /// Returns an exit code; throws what errors.h and papilio/error.h name.
  int (*run)(const std::vector<std::string>& arguments);
};

int run_psd(const std::vector<std::string>& arguments);
int run_peaks(const std::vector<std::string>& arguments);
int run_mel(const std::vector<std::string>& arguments);
int run_fft(const std::vector<std::string>& arguments);
int run_train(const std::vector<std::string>& arguments);
int run_recover(const std::vector<std::string>& arguments);
int run_inspect(const std::vector<std::string>& arguments);
int run_compare(const std::vector<std::string>& arguments);
int run_eval(const std::vector<std::string>& arguments);
int run_roundtrip(const std::vector<std::string>& arguments);
int run_bench(const std::vector<std::string>& arguments);
int run_profiles(const std::vector<std::string>& arguments);
int run_doctor(const std::vector<std::string>& arguments);

}  // namespace papilio::app
