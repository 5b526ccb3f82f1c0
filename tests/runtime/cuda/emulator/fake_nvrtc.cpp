// NVRTC's interface on the host's C++ compiler: kernels become shared libraries that the driver of
// fake_driver.cpp runs (cuda_emulator.h). The "cubin" is the line "EMULATED <bytes>" and the
// library.
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace fs = std::filesystem;

struct Program {
  std::string source;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string log;
  std::string cubin;
};

std::string read(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

fs::path fresh_folder() {
  std::string name = (fs::temp_directory_path() / "papilio-emulator-XXXXXX").string();
  return mkdtemp(name.data());
}

constexpr int kCompilationFailed = 6;

}  // namespace

#pragma GCC visibility push(default)
extern "C" {

int nvrtcVersion(int* major, int* minor) {
  *major = 13;
  *minor = 0;
  return 0;
}
const char* nvrtcGetErrorString(int) { return "the host's compiler failed"; }
int nvrtcGetNumSupportedArchs(int* count) {
  *count = 1;
  return 0;
}
int nvrtcGetSupportedArchs(int* archs) {
  *archs = 90;
  return 0;
}
int nvrtcCreateProgram(Program** program, const char* source, const char*, int headers,
                       const char* const* texts, const char* const* names) {
  *program = new Program{source, {}, {}, {}};
  for (int i = 0; i < headers; ++i) (*program)->headers.emplace_back(names[i], texts[i]);
  return 0;
}
int nvrtcDestroyProgram(Program** program) {
  delete *program;
  return 0;
}
int nvrtcCompileProgram(Program* program, int, const char* const*) {
  const fs::path folder = fresh_folder();
  for (const auto& [name, text] : program->headers) {
    fs::create_directories((folder / name).parent_path());
    std::ofstream(folder / name) << text;
  }
  std::ofstream(folder / "kernel.cpp")
      << "#include \"" PAPILIO_EMULATOR
         "/cuda_emulator.h\"\n#include \"codegen/device/ports.cuh\"\n"
      << program->source << "\n#include \"" PAPILIO_EMULATOR "/footer.h\"\n";
  const std::string at = folder.string();
  const std::string command = std::string(PAPILIO_EMULATOR_COMPILER) +
                              " -std=c++20 -O1 -w -fPIC -shared -fvisibility=hidden "
                              "-fno-gnu-unique -I" +
                              at + " " + at + "/kernel.cpp -o " + at + "/kernel.so > " + at +
                              "/log 2>&1";
  const bool made = std::system(command.c_str()) == 0;
  program->log = read(folder / "log");
  if (made) {
    const std::string library = read(folder / "kernel.so");
    program->cubin = "EMULATED " + std::to_string(library.size()) + "\n" + library;
  }
  if (std::getenv("EMULATOR_KEEP") == nullptr) fs::remove_all(folder);
  return made ? 0 : kCompilationFailed;
}
int nvrtcGetProgramLogSize(Program* program, std::size_t* size) {
  *size = program->log.size() + 1;
  return 0;
}
int nvrtcGetProgramLog(Program* program, char* log) {
  std::memcpy(log, program->log.c_str(), program->log.size() + 1);
  return 0;
}
int nvrtcGetCUBINSize(Program* program, std::size_t* size) {
  *size = program->cubin.size();
  return 0;
}
int nvrtcGetCUBIN(Program* program, char* cubin) {
  std::memcpy(cubin, program->cubin.data(), program->cubin.size());
  return 0;
}

}  // extern "C"
#pragma GCC visibility pop
