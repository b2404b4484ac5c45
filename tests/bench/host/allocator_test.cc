// SPDX-License-Identifier: Apache-2.0
#include "bench/host/allocator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <string>

namespace normbench {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr size_t kBlock = size_t{20} << 20;

// Allocates, fills and frees a block; returns whether its memory is still mapped.
bool StaysMapped(size_t bytes) {
  auto block = std::make_unique_for_overwrite<char[]>(bytes);
  std::memset(block.get(), 1, bytes);
  const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  const uintptr_t middle = (reinterpret_cast<uintptr_t>(block.get()) + bytes / 2) / page * page;
  block.reset();
  unsigned char resident = 0;
  return mincore(reinterpret_cast<void*>(middle), page, &resident) == 0;
}

// Runs `check` in a child: allocator settings and environment stay its own. Returns whether it
// held.
bool InChild(const std::function<bool()>& check) {
  const pid_t child = fork();
  if (child == 0) _exit(check() ? 0 : 1);
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool IsGlibc() {
  return InChild([] { return KeepLargeBlocks().starts_with("glibc"); });
}

TEST(KeepLargeBlocks, AFreedBlockStaysMapped) {
  if (!IsGlibc()) GTEST_SKIP() << "another allocator is in place";
  EXPECT_TRUE(InChild([] {
    KeepLargeBlocks();
    return StaysMapped(kBlock) && StaysMapped(3 * kBlock);
  }));
}

TEST(KeepLargeBlocks, WithoutItAFreedBlockIsUnmapped) {
  if (!IsGlibc()) GTEST_SKIP() << "another allocator is in place";
  EXPECT_FALSE(InChild([] { return StaysMapped(kBlock); }));  // so the test above can fail
}

TEST(KeepLargeBlocks, SaysWhatIsInForce) {
  if (!IsGlibc()) GTEST_SKIP() << "another allocator is in place";
  EXPECT_TRUE(InChild([] {
    unsetenv("GLIBC_TUNABLES");
    unsetenv("MALLOC_MMAP_THRESHOLD_");
    unsetenv("MALLOC_TRIM_THRESHOLD_");
    const std::string says = KeepLargeBlocks();
    EXPECT_THAT(says, StartsWith("glibc 2."));
    EXPECT_THAT(says, HasSubstr(" mmap_threshold=64MiB trim_threshold=256MiB"));
    return !testing::Test::HasFailure();
  }));
}

TEST(KeepLargeBlocks, KeepsAsMuchAsItIsAllowed) {
  if (!IsGlibc()) GTEST_SKIP() << "another allocator is in place";
  EXPECT_TRUE(InChild([] {
    unsetenv("GLIBC_TUNABLES");
    unsetenv("MALLOC_TRIM_THRESHOLD_");
    unsetenv("MALLOC_MMAP_THRESHOLD_");
    return KeepLargeBlocks(8).ends_with(" mmap_threshold=2MiB trim_threshold=8MiB") &&
           !StaysMapped(kBlock);
  }));
}

TEST(KeepLargeBlocks, LeavesTheSettingsOfTheUser) {
  if (!IsGlibc()) GTEST_SKIP() << "another allocator is in place";
  EXPECT_TRUE(InChild([] {
    setenv("GLIBC_TUNABLES", "glibc.malloc.check=0:glibc.malloc.trim_threshold=1000", 1);
    setenv("MALLOC_MMAP_THRESHOLD_", "65536", 1);
    const std::string says = KeepLargeBlocks();
    EXPECT_THAT(says, HasSubstr("mmap_threshold=65536(environment)"));
    EXPECT_THAT(says, HasSubstr("trim_threshold=1000(environment)"));
    return !testing::Test::HasFailure();
  }));
}

}  // namespace
}  // namespace normbench
