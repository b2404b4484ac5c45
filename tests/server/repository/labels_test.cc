// SPDX-License-Identifier: Apache-2.0
#include "server/repository/labels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace normbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

absl::StatusOr<std::vector<std::string>> LabelsOf(const std::string& text) {
  const std::string path = ::testing::TempDir() + "/labels_test.txt";
  std::ofstream(path, std::ios::binary) << text;
  return ReadLabels(path, "labels.txt");
}

TEST(LabelsTest, AreOneALine) {
  EXPECT_THAT(*LabelsOf("cat\ndog\n"), ElementsAre("cat", "dog"));
  EXPECT_THAT(*LabelsOf("cat\r\nT-shirt: top"), ElementsAre("cat", "T-shirt: top"));
  EXPECT_THAT(*LabelsOf("a\n\nb\n"), ElementsAre("a", "", "b"));
  EXPECT_TRUE(LabelsOf("")->empty());
}

TEST(LabelsTest, AreBounded) {
  EXPECT_TRUE(LabelsOf(std::string(kMaxLabelBytes, 'x')).ok());
  EXPECT_EQ(LabelsOf("a\n" + std::string(kMaxLabelBytes + 1, 'x')).status().message(),
            "label_filename: 'labels.txt': line 2 has 257 bytes; allowed: 0 to 256");
  EXPECT_THAT(std::string(LabelsOf(std::string(kMaxLabelFileBytes + 1, '\n')).status().message()),
              HasSubstr("the file is too long; allowed: 1048576 bytes"));
}

TEST(LabelsTest, ComeFromAFileAndNothingElse) {
  const auto missing = ReadLabels(::testing::TempDir() + "/no_such_labels", "no_such_labels");
  EXPECT_EQ(missing.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(missing.status().message()), HasSubstr("'no_such_labels': there is no"));
  EXPECT_FALSE(ReadLabels(::testing::TempDir(), "folder").ok());
}

}  // namespace
}  // namespace normbench
