// SPDX-License-Identifier: Apache-2.0
#include "client/kept_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "bench/report/json.h"
#include "client/files.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

struct Output {
  int code = 0;
  std::string out, err;
};

Output Show(const std::string& path, const std::string& format) {
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  Output output;
  output.code = ShowKeptReport({path, format});
  output.out = ::testing::internal::GetCapturedStdout();
  output.err = ::testing::internal::GetCapturedStderr();
  return output;
}

TEST(KeptReportTest, IsShownInEveryFormat) {
  const std::string path = NORMBENCH_SAMPLE;
  EXPECT_THAT(Show(path, "table").out, StartsWith("host   "));
  EXPECT_THAT(Show(path, "csv").out, StartsWith("run_id,"));
  EXPECT_THAT(Show(path, "md").out, StartsWith("## "));
  EXPECT_THAT(Show(path, "junit").out, StartsWith("<?xml"));
  EXPECT_THAT(Show(path, "google-benchmark").out, HasSubstr("\"benchmarks\""));
  EXPECT_EQ(Show(path, "table").code, 0) << "also of a run that missed something";
}

TEST(KeptReportTest, TheFolderOfARunWillDo) {
  const std::string folder = ::testing::TempDir() + "kept_report_test";
  ASSERT_TRUE(MakeFolder(folder).ok());
  ASSERT_TRUE(WriteWhole(folder + "/report.json", ReadWhole(NORMBENCH_SAMPLE).value()).ok());
  EXPECT_EQ(Show(folder, "csv").out, Show(NORMBENCH_SAMPLE, "csv").out);
}

TEST(KeptReportTest, WhatIsNoReportIs2) {
  const std::string folder = ::testing::TempDir() + "kept_report_none";
  std::filesystem::remove_all(folder);  // of an earlier run
  ASSERT_TRUE(MakeFolder(folder).ok());
  const Output missing = Show(folder, "table");
  EXPECT_EQ(missing.code, 2);
  EXPECT_THAT(missing.err, HasSubstr("'" + folder + "/report.json' cannot be read: No such file"));
  ASSERT_TRUE(WriteWhole(folder + "/report.json", "{\"a\": ").ok());
  const Output broken = Show(folder, "table");
  EXPECT_EQ(broken.code, 2);
  EXPECT_THAT(broken.err, HasSubstr("report.json': not a report"));
}

}  // namespace
}  // namespace normbench
