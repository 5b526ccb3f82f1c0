// NVRTC, loaded once; a program of it lives as long as one compilation.
#include "runtime/cuda/driver/nvrtc.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>

#include "base/text.h"
#include "base/trace.h"
#include "papilio/error.h"
#include "runtime/cuda/driver/library.h"

namespace papilio::runtime::cuda {
namespace {

using Program = struct NvrtcProgram*;

// Values of nvrtcResult that mean that the text is wrong.
constexpr int kSuccess = 0;
constexpr int kInvalidOption = 5;
constexpr int kCompilationFailed = 6;

using Words = const char* const*;

struct Nvrtc {
  int (*version)(int*, int*) = nullptr;
  const char* (*error_string)(int) = nullptr;
  int (*arch_count)(int*) = nullptr;
  int (*archs)(int*) = nullptr;
  int (*create)(Program*, const char* source, const char* name, int headers, Words texts,
                Words names) = nullptr;
  int (*destroy)(Program*) = nullptr;
  int (*compile)(Program, int, Words) = nullptr;
  int (*log_size)(Program, std::size_t*) = nullptr;
  int (*log)(Program, char*) = nullptr;
  int (*cubin_size)(Program, std::size_t*) = nullptr;
  int (*cubin)(Program, char*) = nullptr;
  std::string failure;  // "" when it is ready
};

std::string version_of(const Nvrtc& nvrtc) {
  int major = 0;
  int minor = 0;
  nvrtc.version(&major, &minor);
  return std::to_string(major) + "." + std::to_string(minor);
}

Nvrtc load() {
  Nvrtc nvrtc;
  const std::array<std::string, 3> names{"libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so"};
  const std::string advice =
      "; install the CUDA toolkit or the Python package nvidia-cuda-nvrtc, and set PAPILIO_NVRTC "
      "to "
      "its libnvrtc.so, or use --device cpu";
  SharedLibrary library(toolkit_candidates("PAPILIO_NVRTC", names));
  if (!library.loaded()) {
    nvrtc.failure =
        "[device] there is no NVRTC here to compile kernels (" + library.failure() + ")" + advice;
    return nvrtc;
  }
  library.get(nvrtc.version, "nvrtcVersion");
  library.get(nvrtc.error_string, "nvrtcGetErrorString");
  library.get(nvrtc.arch_count, "nvrtcGetNumSupportedArchs");
  library.get(nvrtc.archs, "nvrtcGetSupportedArchs");
  library.get(nvrtc.create, "nvrtcCreateProgram");
  library.get(nvrtc.destroy, "nvrtcDestroyProgram");
  library.get(nvrtc.compile, "nvrtcCompileProgram");
  library.get(nvrtc.log_size, "nvrtcGetProgramLogSize");
  library.get(nvrtc.log, "nvrtcGetProgramLog");
  library.get(nvrtc.cubin_size, "nvrtcGetCUBINSize");
  library.get(nvrtc.cubin, "nvrtcGetCUBIN");
  if (!library.missing().empty()) {
    nvrtc.failure = "[device] this NVRTC is too old, it has no " + library.missing() + advice;
    return nvrtc;
  }
  // The Python package of 13.0 does not find its second library by itself.
  library.load_neighbour("libnvrtc-builtins.so." + version_of(nvrtc));
  return nvrtc;
}

const Nvrtc& nvrtc() {
  static const Nvrtc& loaded = *new Nvrtc(load());
  if (!loaded.failure.empty()) throw DeviceError(loaded.failure);
  return loaded;
}

void check(int result, const std::string& call, const std::string& kernel) {
  if (result == kSuccess) return;
  throw DeviceError("[cuda] " + call + " failed for the kernel " + kernel + ": " +
                    nvrtc().error_string(result));
}

// A program of NVRTC with the texts that it points to.
class Compilation {
 public:
  explicit Compilation(const KernelText& text) : text_(text) {
    std::vector<const char*> names;
    std::vector<const char*> texts;
    for (const auto& [name, header] : text.headers) {
      names.push_back(name.c_str());
      texts.push_back(header.c_str());
    }
    check(nvrtc().create(&program_, text.source.c_str(), (text.name + ".cu").c_str(),
                         static_cast<int>(names.size()), texts.data(), names.data()),
          "nvrtcCreateProgram", text.name);
  }
  ~Compilation() { nvrtc().destroy(&program_); }
  Compilation(const Compilation&) = delete;
  Compilation& operator=(const Compilation&) = delete;

  int run(int sm) {
    const std::string architecture = "--gpu-architecture=sm_" + std::to_string(sm);
    std::vector<const char*> options{architecture.c_str()};
    for (const std::string& option : text_.options) options.push_back(option.c_str());
    return nvrtc().compile(program_, static_cast<int>(options.size()), options.data());
  }

  std::string log() const {
    std::size_t size = 0;
    check(nvrtc().log_size(program_, &size), "nvrtcGetProgramLogSize", text_.name);
    std::string log(size, '\0');
    check(nvrtc().log(program_, log.data()), "nvrtcGetProgramLog", text_.name);
    return log.c_str();  // without the closing zero
  }

  std::string cubin() const {
    std::size_t size = 0;
    check(nvrtc().cubin_size(program_, &size), "nvrtcGetCUBINSize", text_.name);
    std::string cubin(size, '\0');
    check(nvrtc().cubin(program_, cubin.data()), "nvrtcGetCUBIN", text_.name);
    return cubin;
  }

 private:
  const KernelText& text_;
  Program program_ = nullptr;
};

// Chips come and go with versions of NVRTC.
void require_chip(int sm) {
  int count = 0;
  check(nvrtc().arch_count(&count), "nvrtcGetNumSupportedArchs", "any");
  std::vector<int> chips(static_cast<std::size_t>(count));
  check(nvrtc().archs(chips.data()), "nvrtcGetSupportedArchs", "any");
  if (std::find(chips.begin(), chips.end(), sm) != chips.end()) return;
  std::vector<std::string> words;
  for (const int chip : chips) words.push_back(std::to_string(chip));
  throw DeviceError("[cuda] NVRTC " + nvrtc_version() + " does not compile for sm_" +
                    std::to_string(sm) + ", only for " + base::join(words) +
                    "; set PAPILIO_NVRTC to one that does, or use --device cpu");
}

std::string numbered(const std::string& source) {
  std::string text;
  int line = 0;
  for (std::size_t begin = 0; begin < source.size();) {
    const std::size_t end = std::min(source.find('\n', begin), source.size());
    text += std::to_string(++line) + "\t" + source.substr(begin, end - begin) + "\n";
    begin = end + 1;
  }
  return text;
}

void trace_source(const KernelText& text) {
  for (const auto& [name, header] : text.headers) {
    std::fputs(("[cuda] " + name + ":\n" + numbered(header)).c_str(), stderr);
  }
  std::fputs(("[cuda] " + text.name + ".cu:\n" + numbered(text.source)).c_str(), stderr);
}

}  // namespace

std::string compile_cubin(const KernelText& text, int sm, std::string* log) {
  require_chip(sm);
  Compilation compilation(text);
  const int result = compilation.run(sm);
  if (result == kCompilationFailed || result == kInvalidOption) {
    if (base::traced("cuda")) trace_source(text);
    throw InternalError("[cuda] the kernel " + text.name + " does not compile for sm_" +
                        std::to_string(sm) + ":\n" + compilation.log());
  }
  if (result != kSuccess) {
    throw DeviceError("[cuda] NVRTC " + nvrtc_version() + " failed on the kernel " + text.name +
                      ": " + nvrtc().error_string(result) + "\n" + compilation.log());
  }
  if (log != nullptr) *log = compilation.log();
  return compilation.cubin();
}

std::string nvrtc_version() { return version_of(nvrtc()); }

bool nvrtc_available(std::string* why) {
  try {
    nvrtc();
    return true;
  } catch (const DeviceError& error) {
    if (why != nullptr) *why = error.what();
    return false;
  }
}

}  // namespace papilio::runtime::cuda
