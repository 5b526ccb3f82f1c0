// Kernels on disk: what is kept, what is not trusted, and what makes another kernel.
#include "runtime/cuda/driver/kernel_cache.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

namespace papilio::test {
namespace {

namespace fs = std::filesystem;
using namespace runtime::cuda;

const std::string kKey(64, 'a');
const std::string kCubin("\0machine\ncode\n\n\xff", 16);

class CudaCache : public testing::Test {
 protected:
  void SetUp() override {
    root = fs::temp_directory_path() / ("papilio-cache-" + std::to_string(getpid()));
    fs::create_directory(root);
  }
  void TearDown() override { fs::remove_all(root); }

  fs::path folder() const { return root / "a" / "cache"; }
  fs::path file() const { return folder() / (kKey + ".cubin"); }
  KernelCache filled() const {
    KernelCache cache(folder());
    cache.store(kKey, kCubin);
    return cache;
  }

  fs::path root;
};

mode_t mode_of(const fs::path& path) {
  struct stat status {};
  EXPECT_EQ(stat(path.c_str(), &status), 0);
  return status.st_mode & 07777;
}

TEST_F(CudaCache, KeepsWhatItIsGiven) {
  const KernelCache cache = filled();
  EXPECT_EQ(cache.find(kKey), kCubin);
  EXPECT_EQ(cache.find(std::string(64, 'b')), std::nullopt);
  EXPECT_EQ(KernelCache(folder()).find(kKey), kCubin);
  EXPECT_EQ(mode_of(folder()), 0700U);
  EXPECT_EQ(mode_of(file()), 0600U);
}

TEST_F(CudaCache, ItsFolderIsPrivateHoweverItIsNamed) {
  const KernelCache cache(folder().string() + "/");
  cache.store(kKey, kCubin);
  EXPECT_EQ(mode_of(folder()), 0700U);
  EXPECT_EQ(cache.find(kKey), kCubin);
}

TEST_F(CudaCache, IsNotWrittenByOthersWhateverTheUmask) {
  const mode_t before = umask(0);
  const KernelCache cache = filled();
  umask(before);
  EXPECT_EQ(mode_of(file()), 0600U);
  EXPECT_EQ(cache.find(kKey), kCubin);
}

TEST_F(CudaCache, EveryDamagedByteIsNoticedAndRepaired) {
  const KernelCache cache = filled();
  const auto size = static_cast<std::streamoff>(fs::file_size(file()));
  for (std::streamoff at = 0; at < size; ++at) {
    {
      std::fstream damaged(file(), std::ios::in | std::ios::out | std::ios::binary);
      damaged.seekg(at);
      const int old = damaged.get();
      damaged.seekp(at);
      damaged.put(static_cast<char>(old ^ 1));
    }
    EXPECT_EQ(cache.find(kKey), std::nullopt) << at;
    cache.store(kKey, kCubin);
    EXPECT_EQ(cache.find(kKey), kCubin) << at;
  }
}

TEST_F(CudaCache, EveryLostEndIsNoticed) {
  const KernelCache cache = filled();
  for (std::uintmax_t size = fs::file_size(file()); size-- > 0;) {
    fs::resize_file(file(), size);
    EXPECT_EQ(cache.find(kKey), std::nullopt) << size;
  }
}

TEST_F(CudaCache, AnotherKernelsFileIsNotUsed) {
  const KernelCache cache = filled();
  const std::string other(64, 'b');
  fs::copy_file(file(), folder() / (other + ".cubin"));
  EXPECT_EQ(cache.find(other), std::nullopt);
}

TEST_F(CudaCache, FilesThatOthersMayWriteAreNotTrusted) {
  const KernelCache cache = filled();
  for (const mode_t mode : {0620U, 0602U}) {
    ASSERT_EQ(chmod(file().c_str(), mode), 0);
    EXPECT_EQ(cache.find(kKey), std::nullopt);
  }
  cache.store(kKey, kCubin);
  EXPECT_EQ(cache.find(kKey), kCubin);
  EXPECT_EQ(mode_of(file()), 0600U);
}

TEST_F(CudaCache, FilesOfOthersAndLinksAreNotTrusted) {
  const KernelCache cache = filled();
  fs::rename(file(), folder() / "elsewhere");
  fs::create_symlink(folder() / "elsewhere", file());
  EXPECT_EQ(cache.find(kKey), std::nullopt);
  fs::remove(file());
  fs::rename(folder() / "elsewhere", file());
  EXPECT_EQ(cache.find(kKey), kCubin);
  if (geteuid() != 0) GTEST_SKIP() << "only root can give files away";
  ASSERT_EQ(chown(file().c_str(), 12345, 12345), 0);
  EXPECT_EQ(cache.find(kKey), std::nullopt);
}

TEST_F(CudaCache, AFolderThatCannotBeWrittenIsNoCache) {
  std::ofstream(root / "file") << "not a folder";
  const KernelCache cache((root / "file" / "cache").string());
  cache.store(kKey, kCubin);
  EXPECT_EQ(cache.find(kKey), std::nullopt);
  const KernelCache none("");
  none.store(kKey, kCubin);
  EXPECT_EQ(none.find(kKey), std::nullopt);
}

TEST_F(CudaCache, TheEnvironmentSaysWhere) {
  const auto where = [] { return KernelCache::from_environment().directory(); };
  setenv("HOME", "/h", 1);
  unsetenv("PAPILIO_CACHE_DIR");
  unsetenv("XDG_CACHE_HOME");
  EXPECT_EQ(where(), "/h/.cache/papilio");
  setenv("XDG_CACHE_HOME", "/x", 1);
  EXPECT_EQ(where(), "/x/papilio");
  setenv("XDG_CACHE_HOME", "relative", 1);
  EXPECT_EQ(where(), "/h/.cache/papilio");
  setenv("PAPILIO_CACHE_DIR", "/p", 1);
  EXPECT_EQ(where(), "/p");
  setenv("PAPILIO_CACHE_DIR", "", 1);
  EXPECT_EQ(where(), "");
  unsetenv("PAPILIO_CACHE_DIR");
  unsetenv("HOME");
  EXPECT_EQ(where(), "");
}

TEST(CudaKernelKey, ChangesWithEverythingThatTheCodeDependsOn) {
  const KernelText text{"name", "source", {{"a.h", "A"}}, {"-x", "-y"}};
  DeviceFacts device;
  device.compute_capability = 90;
  device.driver_version = 13000;
  std::set<std::string> keys{kernel_key(text, device, "13.0")};
  EXPECT_EQ(keys.begin()->size(), 64U);
  EXPECT_FALSE(keys.insert(kernel_key(text, device, "13.0")).second);
  const auto expect_new = [&](const KernelText& other, const DeviceFacts& chip, const char* nvrtc) {
    EXPECT_TRUE(keys.insert(kernel_key(other, chip, nvrtc)).second);
  };
  expect_new({"nam", "esource", {{"a.h", "A"}}, {"-x", "-y"}}, device, "13.0");
  expect_new({"name", "source", {{"a.h", "B"}}, {"-x", "-y"}}, device, "13.0");
  expect_new({"name", "source", {{"b.h", "A"}}, {"-x", "-y"}}, device, "13.0");
  expect_new({"name", "source", {}, {"-x", "-y"}}, device, "13.0");
  expect_new({"name", "source", {{"a.h", "A"}}, {"-x-y"}}, device, "13.0");
  expect_new({"name", "source", {{"a.h", "A"}}, {"-y", "-x"}}, device, "13.0");
  expect_new(text, device, "13.1");
  DeviceFacts chip = device;
  chip.compute_capability = 80;
  expect_new(text, chip, "13.0");
  chip = device;
  chip.driver_version = 13010;
  expect_new(text, chip, "13.0");
}

}  // namespace
}  // namespace papilio::test
