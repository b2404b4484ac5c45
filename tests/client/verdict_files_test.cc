// SPDX-License-Identifier: Apache-2.0
#include "client/verdict_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "bench/gate/comparison_text.h"

namespace normbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

v1::Comparison Sample() {
  v1::Comparison comparison;
  comparison.set_schema_version(kComparisonVersion);
  comparison.mutable_policy()->set_name("sample");
  comparison.set_verdict("OK");
  comparison.set_why("1 of 1");
  return comparison;
}

TEST(VerdictFilesTest, AreEveryFormOfTheComparison) {
  std::vector<std::string> names;
  for (const FileContent& file : ComparisonFiles(Sample())) {
    EXPECT_FALSE(file.content.empty()) << file.name;
    names.push_back(file.name);
  }
  EXPECT_THAT(names, ElementsAre("comparison.json", "comparison.md", "junit.xml", "badge.json"));
}

TEST(VerdictFilesTest, WritesWhatWasAskedFor) {
  const std::string folder = ::testing::TempDir();
  const VerdictOutputs outputs = {.junit = folder + "verdict.xml",
                                  .markdown = folder + "verdict.md",
                                  .badge = folder + "badge.json",
                                  .annotations = true};
  ASSERT_TRUE(CheckOutputs(outputs).ok());
  ::testing::internal::CaptureStdout();
  ASSERT_TRUE(WriteOutputs(Sample(), outputs).ok());
  EXPECT_THAT(::testing::internal::GetCapturedStdout(), StartsWith("::notice"));
  EXPECT_EQ(*ReadWhole(outputs.junit), ComparisonJunit(Sample()));
  EXPECT_EQ(*ReadWhole(outputs.markdown), ComparisonMarkdown(Sample()));
  EXPECT_EQ(*ReadWhole(outputs.badge), ComparisonBadge(Sample()));
}

TEST(VerdictFilesTest, SaysBeforehandThatAFileCannotBeWritten) {
  const absl::Status status = CheckOutputs({.junit = "/no/such/folder/verdict.xml"});
  EXPECT_THAT(std::string(status.message()), HasSubstr("/no/such/folder/verdict.xml"));
}

TEST(VerdictFilesTest, WritesNothingUnasked) {
  ::testing::internal::CaptureStdout();
  EXPECT_TRUE(WriteOutputs(Sample(), {}).ok());
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "");
}

}  // namespace
}  // namespace normbench
