// SPDX-License-Identifier: Apache-2.0
#include "server/backends/code_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/statvfs.h>

#include <filesystem>
#include <fstream>

namespace normbench {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class CodeFolderTest : public testing::Test {
 protected:
  ~CodeFolderTest() override { unsetenv("TMPDIR"); }

  static std::string ErrorIn(const std::string& parent) {
    setenv("TMPDIR", parent.c_str(), 1);
    const absl::Status status = CodeFolder::Create().status();
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    return std::string(status.message());
  }
};

TEST_F(CodeFolderTest, LiesUnderTmpdirAndGoesWithWhatItHolds) {
  const std::string parent = ::testing::TempDir() + "/parent";
  fs::create_directories(parent);
  setenv("TMPDIR", parent.c_str(), 1);
  {
    const auto folder = CodeFolder::Create();
    ASSERT_TRUE(folder.ok()) << folder.status();
    EXPECT_THAT((*folder)->path(), StartsWith(parent + "/normbench-aoti-"));
    EXPECT_EQ(fs::status((*folder)->path()).permissions(), fs::perms::owner_all);
    std::ofstream((*folder)->path() + "/code.so") << "x";
    EXPECT_NE((*CodeFolder::Create())->path(), (*folder)->path());
  }
  EXPECT_TRUE(fs::is_empty(parent));
}

TEST_F(CodeFolderTest, AFolderThatIsNoneIsRefused) {
  const std::string error = ErrorIn(::testing::TempDir() + "/nowhere");
  EXPECT_THAT(error, StartsWith("the temporary folder (TMPDIR) is none: "));
  EXPECT_THAT(error, ::testing::Not(HasSubstr("nowhere"))) << "clients read it";
}

TEST_F(CodeFolderTest, AFolderThatTakesNoFilesOrNoProgramsIsRefused) {
  EXPECT_THAT(ErrorIn("/proc"), HasSubstr("; allowed: one that can be written to and holds"));
  for (const char* mount : {"/dev/mqueue", "/sys", "/run", "/proc", "/dev/shm"}) {
    struct statvfs facts = {};
    if (statvfs(mount, &facts) != 0 || (facts.f_flag & ST_NOEXEC) == 0) continue;
    EXPECT_THAT(ErrorIn(mount), HasSubstr("is mounted noexec")) << mount;
    return;
  }
  GTEST_SKIP() << "nothing is mounted noexec here";
}

}  // namespace
}  // namespace normbench
