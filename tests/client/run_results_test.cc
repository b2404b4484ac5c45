// SPDX-License-Identifier: Apache-2.0
#include "client/run_results.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace normbench {
namespace {

using ::testing::HasSubstr;

TEST(KeepAndShow, WritesEveryFormAndShowsTheTable) {
  const std::string folder = ::testing::TempDir() + "run_results_test_out";
  std::filesystem::create_directories(folder);
  const auto exporter = MetricsExporter::Open({}, "test");
  ASSERT_TRUE(exporter.ok());
  v1::Report report;
  report.set_schema_version(1);
  report.set_exit_code(3);
  ::testing::internal::CaptureStdout();
  EXPECT_EQ(KeepAndShow(folder, **exporter, &report), 3);
  EXPECT_THAT(::testing::internal::GetCapturedStdout(),
              HasSubstr("wrote  " + folder + "/report.json"));
  for (const char* name : {"report.json", "report.csv", "report.md", "junit.xml"}) {
    EXPECT_TRUE(std::filesystem::exists(folder + "/" + name)) << name;
  }
}

TEST(KeepAndShow, WhatCannotBeKeptIsWorseThanAMissedExpectation) {
  const auto exporter = MetricsExporter::Open({}, "test");
  v1::Report report;
  report.set_exit_code(3);
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(KeepAndShow("/no/such/folder", **exporter, &report), 1);
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr("/no/such/folder"));
  EXPECT_THAT(::testing::internal::GetCapturedStdout(), HasSubstr("wrote  nothing"));
}

}  // namespace
}  // namespace normbench
