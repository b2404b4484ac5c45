// SPDX-License-Identifier: Apache-2.0
#include "server/repository/versions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace normbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(VersionsTest, ParsesDecimalNumbersOnly) {
  EXPECT_EQ(ParseVersion("1"), 1);
  EXPECT_EQ(ParseVersion("9223372036854775807"), INT64_MAX);
  for (const std::string text : {"", "0", "-1", "+1", "01", " 1", "1 ", "1.0", "v1", "1e3", "0x1",
                                 "9223372036854775808", "../1"}) {
    EXPECT_EQ(ParseVersion(text), std::nullopt) << text;
  }
}

TEST(VersionsTest, ListsNumericFoldersAscending) {
  const auto folder = std::filesystem::path(::testing::TempDir()) / "versions_test";
  std::filesystem::remove_all(folder);
  for (const char* name : {"10", "9", "1", "x", "007", "0"}) {
    std::filesystem::create_directories(folder / name);
  }
  std::ofstream(folder / "3") << "a file is no version";
  EXPECT_THAT(ListVersions(folder.string()), ElementsAre(1, 9, 10));
  EXPECT_THAT(ListVersions((folder / "none").string()), ElementsAre());
  std::filesystem::remove_all(folder);
}

TEST(VersionsTest, NewestByDefault) {
  EXPECT_THAT(*SelectVersions({}, {1, 9, 10}), ElementsAre(10));
}

TEST(VersionsTest, LatestN) {
  inference::ModelVersionPolicy policy;
  policy.mutable_latest()->set_num_versions(2);
  EXPECT_THAT(*SelectVersions(policy, {1, 9, 10}), ElementsAre(9, 10));
  policy.mutable_latest()->set_num_versions(4294967295u);
  EXPECT_THAT(*SelectVersions(policy, {1, 9, 10}), ElementsAre(1, 9, 10));
  policy.mutable_latest()->set_num_versions(0);
  EXPECT_THAT(*SelectVersions(policy, {1, 9, 10}), ElementsAre(10));
}

TEST(VersionsTest, AllAndSpecific) {
  inference::ModelVersionPolicy policy;
  policy.mutable_all();
  EXPECT_THAT(*SelectVersions(policy, {1, 9}), ElementsAre(1, 9));
  for (const int64_t version : {9, 1, 9}) policy.mutable_specific()->add_versions(version);
  EXPECT_THAT(*SelectVersions(policy, {1, 5, 9}), ElementsAre(1, 9));
  policy.mutable_specific()->add_versions(7);
  const auto selected = SelectVersions(policy, {1, 5, 9});
  EXPECT_EQ(selected.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(selected.status().message()),
              HasSubstr("7 has no folder; there are: 1, 5, 9"));
}

TEST(VersionsTest, NoFolderIsNotFound) {
  EXPECT_EQ(SelectVersions({}, {}).status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace normbench
