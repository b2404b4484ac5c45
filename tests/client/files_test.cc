// SPDX-License-Identifier: Apache-2.0
#include "client/files.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace normbench {
namespace {

namespace fs = std::filesystem;

class FilesTest : public ::testing::Test {
 protected:
  void SetUp() override { fs::remove_all(folder_); }
  std::string Read(const std::string& path) {
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }
  const std::string folder_ = ::testing::TempDir() + "files_test/a/b";
};

TEST_F(FilesTest, MakesFoldersAndReplacesWholeFiles) {
  ASSERT_TRUE(MakeFolder(folder_).ok());
  ASSERT_TRUE(MakeFolder(folder_).ok()) << "again";
  const std::string path = folder_ + "/report.json";
  ASSERT_TRUE(WriteWhole(path, "a longer first version").ok());
  ASSERT_TRUE(WriteWhole(path, "second").ok());
  EXPECT_EQ(Read(path), "second");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 1)
      << "nothing temporary is left";
}

TEST_F(FilesTest, NamesAFolderThatCannotBe) {
  ASSERT_TRUE(MakeFolder(folder_).ok());
  ASSERT_TRUE(WriteWhole(folder_ + "/file", "x").ok());
  const auto status = MakeFolder(folder_ + "/file/below");
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(std::string(status.ToString()).find("/file/below"), std::string::npos);
  EXPECT_EQ(MakeFolder(folder_ + "/file").code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(FilesTest, AFailedWriteLeavesNothing) {
  ASSERT_TRUE(MakeFolder(folder_ + "/taken/inside").ok());
  EXPECT_EQ(WriteWhole(folder_ + "/taken", "x").code(), absl::StatusCode::kInternal);
  EXPECT_EQ(WriteWhole(folder_ + "/nowhere/x", "x").code(), absl::StatusCode::kInternal);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 1);
}

TEST_F(FilesTest, WritesSeveralTogether) {
  ASSERT_TRUE(MakeFolder(folder_).ok());
  ASSERT_TRUE(WriteTogether(folder_, {{"a", "1"}, {"b", "2"}}).ok());
  ASSERT_TRUE(WriteTogether(folder_, {{"a", "3"}, {"b", "4"}}).ok());
  EXPECT_EQ(Read(folder_ + "/a") + Read(folder_ + "/b"), "34");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 2);
}

TEST_F(FilesTest, WhatCannotAllBeWrittenReplacesNothing) {
  ASSERT_TRUE(MakeFolder(folder_).ok());
  ASSERT_TRUE(WriteTogether(folder_, {{"a", "old"}}).ok());
  EXPECT_FALSE(WriteTogether(folder_, {{"a", "new"}, {"nowhere/b", "new"}}).ok());
  EXPECT_EQ(Read(folder_ + "/a"), "old");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 1);
}

TEST_F(FilesTest, KnowsBeforehandWhatCannotBeWritten) {
  ASSERT_TRUE(MakeFolder(folder_).ok());
  EXPECT_TRUE(CheckWritable(folder_ + "/x").ok());
  EXPECT_TRUE(fs::is_empty(folder_));
  EXPECT_EQ(CheckWritable(folder_).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CheckWritable(folder_ + "/nowhere/x").code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(FilesTest, ReadsWhatIsThere) {
  ASSERT_TRUE(MakeFolder(folder_).ok());
  ASSERT_TRUE(WriteWhole(folder_ + "/x", "content").ok());
  EXPECT_EQ(ReadWhole(folder_ + "/x").value(), "content");
  EXPECT_EQ(ReadWhole(folder_ + "/y").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReadWhole(folder_).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace normbench
