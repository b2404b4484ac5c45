// SPDX-License-Identifier: Apache-2.0
#include "client/folder_lock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace normbench {
namespace {

using ::testing::HasSubstr;

class FolderLockTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  const std::string folder_ = ::testing::TempDir() + "folder_lock_test";
};

TEST_F(FolderLockTest, IsHeldByOneAtATime) {
  auto first = FolderLock::Take(folder_);
  ASSERT_TRUE(first.ok()) << first.status();
  const auto second = FolderLock::Take(folder_);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(second.status().message()),
              AllOf(HasSubstr("another run is writing to '" + folder_), HasSubstr("name another")));
  first->reset();
  EXPECT_TRUE(FolderLock::Take(folder_).ok());
}

TEST_F(FolderLockTest, LeavesNothingBehind) {
  FolderLock::Take(folder_).value().reset();
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(FolderLockTest, AFileOfAKilledRunIsNoObstacle) {
  auto killed = FolderLock::Take(folder_);
  std::filesystem::copy(folder_ + "/.normbench.lock", folder_ + "/copy");
  killed->reset();
  std::filesystem::rename(folder_ + "/copy", folder_ + "/.normbench.lock");
  EXPECT_TRUE(FolderLock::Take(folder_).ok());
}

// A folder of the kernel's: even root makes no file there.
TEST_F(FolderLockTest, NamesAFolderThatCannotBeWritten) {
  const auto lock = FolderLock::Take("/sys");
  EXPECT_EQ(lock.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(lock.status().message()), HasSubstr("--out: '/sys' cannot be written: "));
}

}  // namespace
}  // namespace normbench
