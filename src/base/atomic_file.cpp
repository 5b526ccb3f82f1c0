// Atomic output files and the registry of partial files that a signal handler can empty.
#include "base/atomic_file.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <limits>

#include "papilio/error.h"

namespace papilio::base {
namespace {

// One write() of at most this many bytes is buffered; larger blocks go straight to the system.
constexpr std::size_t kBufferBytes = std::size_t{1} << 18;

// Fixed storage, because a signal handler may neither allocate nor lock. Above this many files at
// once the rest is still removed by destructors, only not by a signal.
constexpr int kSlots = 128;
enum SlotState : int { kFree, kFilling, kActive };
struct Slot {
  std::atomic<int> state{kFree};
  std::array<char, PATH_MAX> path{};
};
std::array<Slot, kSlots> partial_files;
static_assert(std::atomic<int>::is_always_lock_free);

int register_partial(const std::string& path) {
  if (path.size() >= PATH_MAX) return -1;
  for (int i = 0; i < kSlots; ++i) {
    int expected = kFree;
    if (!partial_files[i].state.compare_exchange_strong(expected, kFilling)) continue;
    std::memcpy(partial_files[i].path.data(), path.c_str(), path.size() + 1);
    partial_files[i].state.store(kActive);
    return i;
  }
  return -1;
}

void unregister_partial(int slot) {
  if (slot >= 0) partial_files[slot].state.store(kFree);
}

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
  throw UserError("[out] cannot write " + path + ": " + why);
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string name_of_file(const std::string& path) { return path.substr(path.rfind('/') + 1); }

// Descriptor that a path such as /dev/stdout or /dev/fd/3 stands for, or -1. They are duplicated
// rather than opened: opening would start at offset 0 again and fails for sockets.
int inherited_descriptor(const std::string& path) {
  if (path == "-" || path == "/dev/stdout") return STDOUT_FILENO;
  if (path == "/dev/stderr") return STDERR_FILENO;
  for (const std::string_view prefix : {"/dev/fd/", "/proc/self/fd/"}) {
    if (!path.starts_with(prefix)) continue;
    const std::string digits = path.substr(prefix.size());
    if (!digits.empty() && digits.size() < 8 &&
        digits.find_first_not_of("0123456789") == std::string::npos) {
      return std::atoi(digits.c_str());
    }
  }
  return -1;
}

// The file that a chain of symbolic links ends in, which need not exist.
std::string follow_links(const std::string& path) {
  std::string current = path;
  for (int hops = 0; hops < 40; ++hops) {
    std::array<char, PATH_MAX> text{};
    const ssize_t length = readlink(current.c_str(), text.data(), text.size());
    if (length < 0) return current;
    const std::string next(text.data(), static_cast<std::size_t>(length));
    current = next.starts_with('/') ? next : folder_of(current) + "/" + next;
  }
  refuse(path, std::strerror(ELOOP));
}

struct Target {
  std::string path;
  int descriptor = -1;  // inherited
  bool direct = false;
};

// Decides how `path` is written and refuses what cannot be.
Target resolve(const std::string& path) {
  if (path.empty()) throw UserError("[out] the name of the output is empty; name a file");
  Target target{path, inherited_descriptor(path), false};
  if (target.descriptor >= 0) {
    target.direct = true;
    return target;
  }
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) {
    if (errno != ENOENT) refuse(path, std::strerror(errno));
    target.path = follow_links(path);
    return target;
  }
  if (S_ISDIR(status.st_mode)) refuse(path, "it is a folder; name a file");
  if (access(path.c_str(), W_OK) != 0) refuse(path, std::strerror(errno));
  target.direct = !S_ISREG(status.st_mode);
  if (!target.direct) target.path = follow_links(path);
  return target;
}

constexpr std::string_view kTemporaryEnding = ".tmp";

// The name of a temporary file up to its process.
std::string temporary_start(const std::string& target) {
  // Kept short: the name of the result may already be as long as the file system allows.
  return "." + name_of_file(target).substr(0, 64) + ".papilio-";
}

std::string temporary_name(const std::string& target) {
  static std::atomic<unsigned> counter{0};
  const std::string stamp = std::to_string(getpid()) + "-" + std::to_string(counter.fetch_add(1));
  return folder_of(target) + "/" + temporary_start(target) + stamp + std::string(kTemporaryEnding);
}

// Whether `name` is a temporary file of `start` whose process is gone.
bool is_stale(const std::string& name, const std::string& start) {
  if (!name.starts_with(start) || !name.ends_with(kTemporaryEnding)) return false;
  const char* digits = name.c_str() + start.size();
  char* end = nullptr;
  const long process = std::strtol(digits, &end, 10);
  if (end == digits || *end != '-' || process < 1 || process > INT_MAX) return false;
  return kill(static_cast<pid_t>(process), 0) != 0 && errno == ESRCH;
}

std::string folder_advice(const std::string& target, int error) {
  const std::string folder = "the folder " + folder_of(target);
  struct stat status {};
  // Some file systems (proc) say "no such file" of a folder that is there and takes none.
  const bool there = stat(folder_of(target).c_str(), &status) == 0;
  if (error == ENOENT && !there) return folder + " does not exist; create it";
  if (error == ENOENT) return folder + " is not writable (it takes no new files)";
  if (error == EACCES || error == EPERM || error == EROFS) {
    return folder + " is not writable (" + std::strerror(error) + ")";
  }
  return std::strerror(error);
}

}  // namespace

AtomicFile::AtomicFile(std::string path) : path_(std::move(path)) {
  const Target target = resolve(path_);
  target_ = target.path;
  direct_ = target.direct;
  buffer_.resize(kBufferBytes);
  if (target.descriptor >= 0) {
    descriptor_ = fcntl(target.descriptor, F_DUPFD_CLOEXEC, 3);
  } else if (direct_) {
    descriptor_ = open(target_.c_str(), O_WRONLY | O_NOCTTY | O_CLOEXEC);
  } else {
    open_temporary();
  }
  if (descriptor_ < 0) fail(errno);
}

void AtomicFile::open_temporary() {
  for (int attempt = 0; attempt < 100; ++attempt) {
    temporary_ = temporary_name(target_);
    // Registered before it exists, so that no signal can fall between the two.
    slot_ = register_partial(temporary_);
    descriptor_ = open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor_ >= 0) break;
    const int error = errno;
    unregister_partial(slot_);
    slot_ = -1;
    if (error == EEXIST) continue;
    temporary_.clear();
    refuse(path_, folder_advice(target_, error));
  }
  struct stat status {};
  if (descriptor_ >= 0 && stat(target_.c_str(), &status) == 0) {
    // A replaced file keeps its permissions; failing to is no reason to lose the result.
    [[maybe_unused]] const int ignored = fchmod(descriptor_, status.st_mode & 07777);
  }
}

AtomicFile::~AtomicFile() { discard(); }

void AtomicFile::discard() noexcept {
  if (descriptor_ >= 0) close(descriptor_);
  descriptor_ = -1;
  if (!temporary_.empty()) unlink(temporary_.c_str());
  temporary_.clear();
  unregister_partial(slot_);
  slot_ = -1;
}

void AtomicFile::fail(int error) const {
  if (error == EPIPE) throw ClosedPipe();
  refuse(path_ == "-" ? "standard output" : path_, std::strerror(error));
}

void AtomicFile::put(const char* bytes, std::size_t count) {
  while (count > 0) {
    const ssize_t written = ::write(descriptor_, bytes, std::min<std::size_t>(count, 1 << 30));
    if (written < 0) {
      if (errno == EINTR) continue;
      fail(errno);
    }
    bytes += written;
    count -= static_cast<std::size_t>(written);
  }
}

void AtomicFile::write(std::string_view bytes) {
  if (descriptor_ < 0) throw InternalError("[out] write after commit of " + path_);
  if (used_ + bytes.size() > buffer_.size()) flush();
  if (bytes.size() > buffer_.size()) {
    put(bytes.data(), bytes.size());
  } else if (!bytes.empty()) {
    std::memcpy(buffer_.data() + used_, bytes.data(), bytes.size());
    used_ += bytes.size();
  }
}

void AtomicFile::flush() {
  const std::size_t count = used_;
  used_ = 0;  // first, so that a failed flush is not tried again
  put(buffer_.data(), count);
}

void AtomicFile::commit() {
  flush();
  if (!direct_ && fsync(descriptor_) != 0) fail(errno);
  const int closed = close(descriptor_);
  descriptor_ = -1;
  if (closed != 0) fail(errno);
  if (direct_) return;
  if (rename(temporary_.c_str(), target_.c_str()) != 0) fail(errno);
  temporary_.clear();
  unregister_partial(slot_);
  slot_ = -1;
  const int folder = open(folder_of(target_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;  // the result is complete; only its durability could not be forced
  fsync(folder);
  close(folder);
}

void ensure_writable(const std::string& path) {
  const Target target = resolve(path);
  if (target.descriptor >= 0) {
    const int flags = fcntl(target.descriptor, F_GETFL);
    if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY) {
      refuse(path, "it is not open for writing");
    }
    return;
  }
  if (!target.direct) AtomicFile probe(path);
}

void remove_stale_files(const std::string& path) {
  const std::string target = follow_links(path);
  const std::string start = temporary_start(target);
  std::error_code ignored;  // what cannot be removed is in nobody's way
  std::filesystem::directory_iterator entry(folder_of(target), ignored), end;
  while (!ignored && entry != end) {
    const std::filesystem::path found = entry->path();
    entry.increment(ignored);
    if (is_stale(found.filename().string(), start)) unlink(found.c_str());
  }
}

bool same_file(const std::string& a, const std::string& b) {
  struct stat first {};
  struct stat second {};
  return stat(a.c_str(), &first) == 0 && stat(b.c_str(), &second) == 0 &&
         first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

void remove_partial_files() noexcept {
  for (Slot& slot : partial_files) {
    if (slot.state.load() == kActive) unlink(slot.path.data());
  }
}

}  // namespace papilio::base
