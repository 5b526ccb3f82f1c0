// Memory-mapped input files.
#include "io/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "papilio/error.h"

namespace papilio::io {
namespace {

struct Descriptor {
  int value;
  ~Descriptor() {
    if (value >= 0) close(value);
  }
};

}  // namespace

MappedFile::MappedFile(const std::string& path) {
  if (path.empty()) throw UserError("[io] the name of the input is empty; name a file");
  const auto refuse = [&](const std::string& why) { throw UserError("[io] " + path + ": " + why); };
  // O_NONBLOCK: opening a pipe without a writer must not hang.
  const Descriptor file{open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.value < 0) {
    if (errno == ENOENT) refuse("no such file; check the name");
    refuse(std::string("cannot be read: ") + std::strerror(errno));
  }
  struct stat status {};
  if (fstat(file.value, &status) != 0) refuse(std::strerror(errno));
  if (S_ISDIR(status.st_mode)) refuse("is a folder; name one file");
  if (!S_ISREG(status.st_mode)) refuse("is not a regular file; save it to a file first");
  if (status.st_size == 0) refuse("is empty (0 bytes); record or export it again");
  size_ = static_cast<std::size_t>(status.st_size);
  void* memory = mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file.value, 0);
  if (memory == MAP_FAILED) refuse(std::string("cannot be mapped: ") + std::strerror(errno));
  data_ = static_cast<const std::byte*>(memory);
}

MappedFile::~MappedFile() { munmap(const_cast<std::byte*>(data_), size_); }

void MappedFile::release() const { madvise(const_cast<std::byte*>(data_), size_, MADV_DONTNEED); }

}  // namespace papilio::io
