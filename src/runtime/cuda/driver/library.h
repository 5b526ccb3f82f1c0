/// A library of somebody else that is looked for at run time.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace papilio::runtime::cuda {

/// Never unloaded: its threads and exit handlers may outlive us.
class SharedLibrary {
 public:
  /// The first of `names` that the loader takes.
  explicit SharedLibrary(std::span<const std::string> names);

  bool loaded() const { return handle_ != nullptr; }
  /// What the loader said of the library that is there but broken, else of the first name.
  const std::string& failure() const { return failure_; }

  /// Fills a function pointer, or keeps its name for missing().
  template <typename Function>
  void get(Function*& function, const char* symbol) {
    function = reinterpret_cast<Function*>(find(symbol));
  }
  /// The first symbol that was asked for in vain, or "".
  const std::string& missing() const { return missing_; }

  /// Loads `name` of this library's own folder, if it is there, so that the library finds it when
  /// it asks the loader for it by that name.
  void load_neighbour(const std::string& name) const;

 private:
  void* find(const char* symbol);

  void* handle_ = nullptr;
  std::string failure_;
  std::string missing_;
};

/// Where the libraries of the CUDA toolkit may be: the file that `variable` of the environment
/// names, and nothing else; or `names` where the loader finds them, then under $CUDA_HOME,
/// $CUDA_PATH and the toolkit's usual place.
std::vector<std::string> toolkit_candidates(const char* variable,
                                            std::span<const std::string> names);

}  // namespace papilio::runtime::cuda
