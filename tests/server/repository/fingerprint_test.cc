// SPDX-License-Identifier: Apache-2.0
#include "server/repository/fingerprint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>

namespace normbench {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;

class FingerprintTest : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(base_);
    fs::create_directories(model_ / "1");
    Write("config.pbtxt", "a");
    Write("1/model.pt", "weights");
  }
  void TearDown() override { fs::remove_all(base_); }

  void Write(const std::string& path, const std::string& text) {
    std::ofstream(model_ / path) << text;
  }

  std::vector<std::string> Paths() const {
    std::vector<std::string> paths;
    for (const FileStamp& stamp : FingerprintOf(model_)) paths.push_back(stamp.path);
    return paths;
  }

  const fs::path base_ = fs::path(::testing::TempDir()) /
                         (std::string("fingerprint_") +
                          ::testing::UnitTest::GetInstance()->current_test_info()->name());
  const fs::path model_ = base_ / "m";
};

TEST_F(FingerprintTest, ListsLevelByLevelInTheOrderOfNames) {
  fs::create_directories(model_ / "10" / "assets");
  Write("labels.txt", "cat");
  EXPECT_THAT(Paths(),
              ElementsAre("", "1", "10", "config.pbtxt", "labels.txt", "1/model.pt", "10/assets"));
}

TEST_F(FingerprintTest, TheSameFolderHasTheSame) {
  EXPECT_EQ(FingerprintOf(model_), FingerprintOf(model_));
}

TEST_F(FingerprintTest, EveryKindOfChangeShows) {
  Fingerprint before = FingerprintOf(model_);
  const auto changed = [&] {
    Fingerprint now = FingerprintOf(model_);
    const bool differs = now != before;
    before = std::move(now);
    return differs;
  };
  Write("1/model.pt", "other sizes");
  EXPECT_TRUE(changed()) << "a size";
  fs::last_write_time(model_ / "config.pbtxt",
                      fs::last_write_time(model_ / "config.pbtxt") + std::chrono::nanoseconds(1));
  EXPECT_TRUE(changed()) << "a time";
  Write("labels.txt", "cat");
  EXPECT_TRUE(changed()) << "a file that comes";
  fs::remove(model_ / "labels.txt");
  EXPECT_TRUE(changed()) << "a file that goes";
  fs::create_directory(model_ / "2");
  EXPECT_TRUE(changed()) << "an empty version";
  fs::rename(model_, base_ / "aside");
  EXPECT_TRUE(changed()) << "all of it";
}

TEST_F(FingerprintTest, AFileOfTheSameSizeAndTimeIsAnotherFile) {
  const Fingerprint before = FingerprintOf(model_);
  Write("1/.new", "WEIGHTS");
  fs::last_write_time(model_ / "1" / ".new", fs::last_write_time(model_ / "1" / "model.pt"));
  fs::rename(model_ / "1" / ".new", model_ / "1" / "model.pt");
  EXPECT_NE(FingerprintOf(model_), before);
}

TEST_F(FingerprintTest, HiddenFilesDoNotCount) {
  const Fingerprint before = FingerprintOf(model_);
  Write("1/.model.pt.part", "wei");
  Write(".config.pbtxt.swp", "a");
  EXPECT_EQ(FingerprintOf(model_), before);
}

TEST_F(FingerprintTest, ALinkIsWhatItLeadsTo) {
  fs::create_directories(base_ / ".store" / "a");
  fs::create_directories(base_ / ".store" / "b");
  fs::create_directory_symlink(base_ / ".store" / "a", model_ / "2");
  const Fingerprint before = FingerprintOf(model_);
  std::ofstream(base_ / ".store" / "a" / "model.pt") << "x";
  const Fingerprint written = FingerprintOf(model_);
  EXPECT_NE(written, before) << "a file behind the link";
  fs::remove(model_ / "2");
  fs::create_directory_symlink(base_ / ".store" / "b", model_ / "2");
  EXPECT_NE(FingerprintOf(model_), written) << "another folder behind the link";
}

TEST_F(FingerprintTest, LinksThatLeadNowhereOrInCirclesEnd) {
  fs::create_symlink(base_ / "none", model_ / "nowhere");
  fs::create_directory_symlink(model_, model_ / "self");
  const Fingerprint stamps = FingerprintOf(model_);
  EXPECT_EQ(stamps.back().path, "self/self/self/self");
}

TEST_F(FingerprintTest, DeeperThanItsBoundItDoesNotLook) {
  fs::create_directories(model_ / "1" / "a" / "b" / "c");
  const Fingerprint before = FingerprintOf(model_);
  EXPECT_EQ(before.back().path, "1/a/b/c");
  Write("1/a/b/c/file", "x");
  EXPECT_EQ(FingerprintOf(model_), before);
}

TEST_F(FingerprintTest, ManyEntriesEndAtTheBound) {
  for (size_t i = 0; i < kFingerprintEntries; ++i) Write("1/" + std::to_string(i), "");
  EXPECT_EQ(FingerprintOf(model_).size(), kFingerprintEntries);
  EXPECT_EQ(FingerprintOf(model_), FingerprintOf(model_));
}

}  // namespace
}  // namespace normbench
