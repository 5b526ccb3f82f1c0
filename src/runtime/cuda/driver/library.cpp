// dlopen and dlsym.
#include "runtime/cuda/driver/library.h"

#include <dlfcn.h>
#include <link.h>

#include <cstdlib>

namespace papilio::runtime::cuda {

SharedLibrary::SharedLibrary(std::span<const std::string> names) {
  for (const std::string& name : names) {
    handle_ = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle_ != nullptr) return;
    const char* text = dlerror();
    const std::string said = text == nullptr ? "unknown error" : text;
    const bool absent = said.find("No such file") != std::string::npos;
    if (failure_.empty() || !absent) failure_ = said;
  }
}

void* SharedLibrary::find(const char* symbol) {
  void* const address = dlsym(handle_, symbol);
  if (address == nullptr && missing_.empty()) missing_ = symbol;
  return address;
}

void SharedLibrary::load_neighbour(const std::string& name) const {
  link_map* map = nullptr;
  if (dlinfo(handle_, RTLD_DI_LINKMAP, &map) != 0 || map == nullptr) return;
  const std::string path = map->l_name;
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return;
  dlopen((path.substr(0, slash + 1) + name).c_str(), RTLD_NOW | RTLD_LOCAL);
}

std::vector<std::string> toolkit_candidates(const char* variable,
                                            std::span<const std::string> names) {
  if (const char* named = std::getenv(variable); named != nullptr && *named != '\0') return {named};
  std::vector<std::string> candidates(names.begin(), names.end());
  std::vector<std::string> folders;
  for (const char* root : {std::getenv("CUDA_HOME"), std::getenv("CUDA_PATH")}) {
    if (root != nullptr && *root != '\0') folders.push_back(root + std::string("/lib64/"));
  }
  folders.emplace_back("/usr/local/cuda/lib64/");
  for (const std::string& folder : folders) {
    for (const std::string& name : names) candidates.push_back(folder + name);
  }
  return candidates;
}

}  // namespace papilio::runtime::cuda
