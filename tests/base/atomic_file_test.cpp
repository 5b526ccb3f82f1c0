// Output files that appear whole or not at all.
#include "base/atomic_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/signals.h"
#include "papilio/error.h"

namespace papilio::base {
namespace {

namespace fs = std::filesystem;

class AtomicFileTest : public testing::Test {
 protected:
  AtomicFileTest() {
    std::string pattern = fs::temp_directory_path() / "papilio-test-XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  ~AtomicFileTest() override {
    fs::permissions(folder_, fs::perms::owner_all);
    fs::remove_all(folder_);
  }
  std::string path(const std::string& name) const { return folder_ / name; }
  static std::string read(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
  }
  std::size_t entries() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }
  template <typename Body>
  static std::string refusal(Body&& body) {
    try {
      body();
    } catch (const UserError& error) {
      return error.what();
    }
    return "no UserError";
  }

  fs::path folder_;
};

TEST_F(AtomicFileTest, WhatAKilledProcessLeftIsRemoved) {
  const pid_t child = fork();
  if (child == 0) {
    AtomicFile file(path("a"));
    raise(SIGKILL);
  }
  waitpid(child, nullptr, 0);
  AtomicFile mine(path("a"));  // its process lives
  const std::string other = path(".b.papilio-" + std::to_string(child) + "-0.tmp");
  std::ofstream(other) << "of another target";
  const auto count = [this] {
    return std::distance(fs::directory_iterator(fs::path(path("a")).parent_path()), {});
  };
  EXPECT_EQ(count(), 3);
  remove_stale_files(path("a"));
  EXPECT_EQ(count(), 2);
  EXPECT_TRUE(fs::exists(other));
  mine.commit();
  EXPECT_TRUE(fs::exists(path("a")));
}

TEST_F(AtomicFileTest, NothingIsVisibleBeforeCommit) {
  AtomicFile file(path("x"));
  file.write("hello");
  file.flush();
  EXPECT_FALSE(fs::exists(path("x")));
  file.commit();
  EXPECT_EQ(read(path("x")), "hello");
  EXPECT_EQ(entries(), 1u);
}

TEST_F(AtomicFileTest, WithoutCommitNothingIsLeftAndTheOldResultStays) {
  std::ofstream(path("x")) << "old";
  {
    AtomicFile file(path("x"));
    file.write("new");
  }
  EXPECT_EQ(read(path("x")), "old");
  EXPECT_EQ(entries(), 1u);
}

TEST_F(AtomicFileTest, LargeAndSmallWritesKeepTheirOrder) {
  std::string expected;
  AtomicFile file(path("x"));
  for (const std::size_t size : {1u, 300000u, 7u, 262144u, 262143u, 2u, 1000000u}) {
    const std::string part(size, static_cast<char>('a' + size % 26));
    file.write(part);
    expected += part;
  }
  file.commit();
  EXPECT_EQ(read(path("x")), expected);
}

TEST_F(AtomicFileTest, SymbolicLinksAreFollowedAndStay) {
  fs::create_directory(path("real"));
  fs::create_symlink("real/x", path("link"));
  for (const char* text : {"first", "second"}) {  // dangling at first, then not
    AtomicFile file(path("link"));
    file.write(text);
    file.commit();
    EXPECT_TRUE(fs::is_symlink(path("link")));
    EXPECT_EQ(read(path("real/x")), text);
  }
  fs::create_symlink("loop", path("loop"));
  EXPECT_NE(refusal([&] { AtomicFile file(path("loop")); }).find("symbolic links"),
            std::string::npos);
}

TEST_F(AtomicFileTest, ReplacedFilesKeepTheirPermissions) {
  std::ofstream(path("x")) << "old";
  chmod(path("x").c_str(), 0640);
  AtomicFile file(path("x"));
  file.commit();
  struct stat status {};
  stat(path("x").c_str(), &status);
  EXPECT_EQ(status.st_mode & 07777, 0640u);
}

TEST_F(AtomicFileTest, DevicesAreWrittenDirectlyAndNeverReplaced) {
  AtomicFile file("/dev/null");
  EXPECT_TRUE(file.direct());
  file.write("gone");
  file.commit();
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  const std::string full = refusal([] {
    AtomicFile device("/dev/full");
    device.write("x");
    device.commit();
  });
  EXPECT_EQ(full, "[out] cannot write /dev/full: No space left on device");
  EXPECT_TRUE(fs::is_character_file("/dev/full"));
}

TEST_F(AtomicFileTest, PipesAreWrittenDirectly) {
  ASSERT_EQ(mkfifo(path("pipe").c_str(), 0600), 0);
  std::string received;
  std::thread reader([&] { received = read(path("pipe")); });
  {
    AtomicFile file(path("pipe"));
    EXPECT_TRUE(file.direct());
    file.write("through");
    file.commit();
  }
  reader.join();
  EXPECT_EQ(received, "through");
  EXPECT_TRUE(fs::is_fifo(path("pipe")));
}

TEST_F(AtomicFileTest, AClosedPipeIsTold) {
  signal(SIGPIPE, SIG_IGN);
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  close(ends[0]);
  const std::string name = "/dev/fd/" + std::to_string(ends[1]);
  EXPECT_THROW(
      {
        AtomicFile file(name);
        file.write("x");
        file.commit();
      },
      ClosedPipe);
  close(ends[1]);
}

TEST_F(AtomicFileTest, UnwritableOutputsAreRefusedBeforeWork) {
  const auto refused = [&](const std::string& name) {
    return refusal([&] { ensure_writable(name); });
  };
  EXPECT_NE(refused(path("none/x")).find("does not exist; create it"), std::string::npos);
  EXPECT_NE(refused(folder_.string()).find("it is a folder"), std::string::npos);
  EXPECT_NE(refused("").find("empty"), std::string::npos);
  EXPECT_NE(refused("/proc/x.npz").find("[out] cannot write /proc/x.npz"), std::string::npos);
  std::ofstream(path("file")) << "x";
  EXPECT_NE(refused(path("file/x")).find("Not a directory"), std::string::npos);
  ensure_writable(path("fine"));
  ensure_writable("/dev/null");
  EXPECT_EQ(entries(), 1u);  // no trace of the probe
}

TEST_F(AtomicFileTest, UnwritableFoldersAreRefused) {
  chmod(folder_.c_str(), 0555);
  const std::string target = path("x");
  const pid_t child = fork();
  if (child == 0) {
    // Root may write everywhere, so the question is asked as somebody else.
    if (geteuid() == 0 && setuid(65534) != 0) _exit(2);
    const std::string message = refusal([&] { ensure_writable(target); });
    _exit(message.find("is not writable") == std::string::npos ? 1 : 0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST_F(AtomicFileTest, AFullDiskLeavesNothing) {
  // A limit on the size of files stands for the full disk: EFBIG instead of ENOSPC.
  const pid_t child = fork();
  if (child == 0) {
    signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{4096, 4096};
    setrlimit(RLIMIT_FSIZE, &limit);
    bool told = false;
    try {
      AtomicFile file(path("x"));
      file.write(std::string(1 << 20, 'x'));
      file.commit();
    } catch (const UserError&) {
      told = true;
    }
    _exit(told ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_EQ(entries(), 0u);
}

TEST_F(AtomicFileTest, AnInterruptRemovesPartialFilesAndExitsWith130) {
  const pid_t child = fork();
  if (child == 0) {
    install_signal_handlers();
    AtomicFile first(path("x"));
    AtomicFile second(path("y"));
    first.write("partial");
    first.flush();
    raise(SIGINT);
    _exit(1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 130);
  EXPECT_EQ(entries(), 0u);
}

TEST_F(AtomicFileTest, SameFileSeesThroughLinks) {
  std::ofstream(path("x")) << "x";
  std::ofstream(path("y")) << "x";
  fs::create_symlink("x", path("link"));
  EXPECT_TRUE(same_file(path("x"), path("link")));
  EXPECT_FALSE(same_file(path("x"), path("y")));
  EXPECT_FALSE(same_file(path("none"), path("none")));
}

}  // namespace
}  // namespace papilio::base
