// SPDX-License-Identifier: Apache-2.0
#include "client/report_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "bench/report/json.h"

namespace normbench {
namespace {

using ::testing::UnorderedElementsAre;

TEST(ReportFilesTest, AreEveryFormOfTheReport) {
  v1::Report report;
  report.set_schema_version(kReportVersion);
  report.set_run_id("a-run");
  std::set<std::string> names;
  for (const FileContent& file : ReportFiles(report)) {
    EXPECT_FALSE(file.content.empty()) << file.name;
    names.insert(file.name);
  }
  EXPECT_THAT(names, UnorderedElementsAre("report.json", "report.csv", "report.md", "junit.xml",
                                          "google-benchmark.json", "report.schema.json",
                                          "sweep.schema.json"));
  EXPECT_EQ(ReportFiles(report).front().name, "report.json");
}

TEST(ReportFilesTest, EveryFormatIsAnother) {
  std::set<std::string> texts;
  for (const std::string_view format : kFormats) {
    texts.insert(FormatReport(v1::Report(), format, "here"));
  }
  EXPECT_EQ(texts.size(), std::size(kFormats));
}

}  // namespace
}  // namespace normbench
