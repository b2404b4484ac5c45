// SPDX-License-Identifier: Apache-2.0
#include "server/repository/containment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace normbench {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class ContainmentTest : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(base_);
    fs::create_directories(root_ / "m" / "1");
    fs::create_directories(base_ / "root2" / "1");
    std::ofstream(root_ / "m" / "config.pbtxt") << "name: 'm'";
    std::ofstream(base_ / "secret") << "secret";
    root_ = fs::canonical(root_);
  }
  void TearDown() override { fs::remove_all(base_); }

  const fs::path base_ = fs::path(::testing::TempDir()) / "containment_test";
  fs::path root_ = base_ / "root";
};

TEST_F(ContainmentTest, AFolderOfItsOwnIsFine) {
  EXPECT_TRUE(CheckContained(root_, root_ / "m").ok());
}

TEST_F(ContainmentTest, LinksThatStayInsideAreFine) {
  fs::create_symlink("1", root_ / "m" / "2");
  fs::create_symlink(root_ / "m", root_ / "alias");
  EXPECT_TRUE(CheckContained(root_, root_ / "m").ok());
  EXPECT_TRUE(CheckContained(root_, root_ / "alias").ok());
}

TEST_F(ContainmentTest, LinksThatLeaveAreRefusedWhereverTheyAre) {
  fs::create_symlink(base_ / "secret", root_ / "m" / "1" / "weights.pt");
  const absl::Status status = CheckContained(root_, root_ / "m");
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("m/1/weights.pt: leads out"));
  EXPECT_THAT(std::string(status.message()), ::testing::Not(HasSubstr(root_.string())));
}

TEST_F(ContainmentTest, ASiblingWithTheSamePrefixIsOutside) {
  fs::create_symlink(base_ / "root2", root_ / "n");
  EXPECT_FALSE(CheckContained(root_, root_ / "n").ok());
}

TEST_F(ContainmentTest, RelativeEscapesAndBrokenLinksAreRefused) {
  EXPECT_FALSE(CheckContained(root_, root_ / ".." / "secret").ok());
  EXPECT_FALSE(CheckContained(root_, root_ / "absent").ok());
  fs::create_symlink("nowhere", root_ / "m" / "1" / "broken");
  EXPECT_FALSE(CheckContained(root_, root_ / "m").ok());
}

TEST_F(ContainmentTest, ALoopOfLinksIsRefused) {
  fs::create_symlink("b", root_ / "m" / "a");
  fs::create_symlink("a", root_ / "m" / "b");
  EXPECT_FALSE(CheckContained(root_, root_ / "m").ok());
}

}  // namespace
}  // namespace normbench
