// A file is "papilio cubin 1", its key, the length and the SHA-256 of the code, a line each, and
// then the code.
#include "runtime/cuda/driver/kernel_cache.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <span>

#include "base/atomic_file.h"
#include "base/sha256.h"
#include "papilio/error.h"
#include "papilio/version.h"

namespace papilio::runtime::cuda {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kOwnerOnly = 0600;

std::string digest(std::string_view bytes) {
  return base::sha256(std::as_bytes(std::span(bytes.data(), bytes.size())));
}

std::string header_of(const std::string& key, std::string_view cubin) {
  return "papilio cubin 1\n" + key + "\n" + std::to_string(cubin.size()) + "\n" + digest(cubin) +
         "\n";
}

// An open file that closes itself.
class Descriptor {
 public:
  explicit Descriptor(const std::string& path)
      : number_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

// Ours alone to write: machine code of somebody else must not run with our rights.
bool trusted(const struct stat& status) {
  return S_ISREG(status.st_mode) && status.st_uid == geteuid() &&
         (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

std::optional<std::string> trusted_content(const std::string& path) {
  const Descriptor file(path);
  struct stat status {};
  if (file.number() < 0 || fstat(file.number(), &status) != 0 || !trusted(status)) {
    return std::nullopt;
  }
  std::string content(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t filled = 0;
  while (filled < content.size()) {
    const ssize_t count = read(file.number(), content.data() + filled, content.size() - filled);
    if (count <= 0) return std::nullopt;
    filled += static_cast<std::size_t>(count);
  }
  return content;
}

bool make_private_folder(const std::string& path) {
  fs::path folder(path);
  if (!folder.has_filename()) folder = folder.parent_path();  // "cache/"
  std::error_code error;
  if (folder.has_parent_path()) fs::create_directories(folder.parent_path(), error);
  if (mkdir(folder.c_str(), 0700) == 0) return true;
  return fs::is_directory(folder, error);
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// Fields with their lengths, so that no two lists of fields give the same text.
void append(std::string& all, std::string_view field) {
  all.append(std::to_string(field.size())).append(":").append(field);
}

}  // namespace

KernelCache KernelCache::from_environment() {
  if (std::getenv("PAPILIO_CACHE_DIR") != nullptr) {
    return KernelCache(environment("PAPILIO_CACHE_DIR"));
  }
  // The XDG rules: a name that is not absolute is to be ignored.
  const std::string caches = environment("XDG_CACHE_HOME");
  if (caches.starts_with('/')) return KernelCache(caches + "/papilio");
  const std::string home = environment("HOME");
  return KernelCache(home.starts_with('/') ? home + "/.cache/papilio" : "");
}

std::string KernelCache::file_of(const std::string& key) const {
  return directory_ + "/" + key + ".cubin";
}

std::optional<std::string> KernelCache::find(const std::string& key) const {
  if (directory_.empty()) return std::nullopt;
  const std::optional<std::string> content = trusted_content(file_of(key));
  if (!content) return std::nullopt;
  std::size_t begin = 0;
  for (int line = 0; line < 4; ++line) {
    const std::size_t end = content->find('\n', begin);
    if (end == std::string::npos) return std::nullopt;
    begin = end + 1;
  }
  std::string cubin = content->substr(begin);
  if (content->compare(0, begin, header_of(key, cubin)) != 0) return std::nullopt;
  return cubin;
}

void KernelCache::store(const std::string& key, std::string_view cubin) const {
  if (directory_.empty() || !make_private_folder(directory_)) return;
  try {
    base::AtomicFile file(file_of(key));
    file.write(header_of(key, cubin));
    file.write(cubin);
    file.commit();
    // After the rename: what the umask let others write is not trusted until then.
    [[maybe_unused]] const int ignored = chmod(file_of(key).c_str(), kOwnerOnly);
  } catch (const UserError&) {
    return;  // a cache that cannot be written costs time, not results
  }
}

std::string kernel_key(const KernelText& text, const DeviceFacts& device,
                       const std::string& nvrtc_version) {
  std::string all;
  append(all, text.name);
  append(all, text.source);
  append(all, std::to_string(text.headers.size()));
  for (const auto& [name, header] : text.headers) {
    append(all, name);
    append(all, header);
  }
  append(all, std::to_string(text.options.size()));
  for (const std::string& option : text.options) append(all, option);
  append(all, std::to_string(device.compute_capability));
  append(all, std::to_string(device.driver_version));
  append(all, nvrtc_version);
  append(all, build_info().version);
  return digest(all);
}

std::string cached_cubin(const KernelText& text, const DeviceFacts& device,
                         const KernelCache& cache) {
  const std::string key = kernel_key(text, device, nvrtc_version());
  if (std::optional<std::string> cubin = cache.find(key)) return *cubin;
  std::string cubin = compile_cubin(text, device.compute_capability);
  cache.store(key, cubin);
  return cubin;
}

}  // namespace papilio::runtime::cuda
