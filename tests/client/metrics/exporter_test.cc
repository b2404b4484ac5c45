// SPDX-License-Identifier: Apache-2.0
#include "client/metrics/exporter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "client/files.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string WhyNot(const MetricsArguments& arguments) {
  const auto exporter = MetricsExporter::Open(arguments, "smoke");
  EXPECT_EQ(exporter.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(exporter.status().message());
}

TEST(ExporterTest, WithoutArgumentsDoesNothing) {
  const auto exporter = MetricsExporter::Open({}, "smoke");
  ASSERT_TRUE(exporter.ok()) << exporter.status();
  EXPECT_EQ((*exporter)->url(), "");
  EXPECT_TRUE((*exporter)->Publish().ok());
}

TEST(ExporterTest, APortIsTakenOnce) {
  const auto first = MetricsExporter::Open({.port = 0}, "smoke");
  ASSERT_TRUE(first.ok()) << first.status();
  const std::string url = (*first)->url();
  EXPECT_THAT(url, StartsWith("http://127.0.0.1:"));
  const size_t colon = url.rfind(':');
  const int port = std::stoi(url.substr(colon + 1));
  EXPECT_THAT(WhyNot({.port = port}),
              HasSubstr("--metrics-port: cannot listen on 127.0.0.1:" + std::to_string(port)));
}

TEST(ExporterTest, TheTextfileHasResultsOnly) {
  const std::string path = ::testing::TempDir() + "exporter_test.prom";
  std::filesystem::remove(path);
  auto exporter = MetricsExporter::Open({.textfile = path}, "smoke");
  ASSERT_TRUE(exporter.ok()) << exporter.status();
  EXPECT_FALSE(std::filesystem::exists(path)) << "nothing to say yet";
  (*exporter)->metrics().BeginCase("norm/rms?shape=1x8");
  (*exporter)->metrics().EndCase(v1::CaseResult());
  ASSERT_TRUE((*exporter)->Publish().ok());
  EXPECT_THAT(ReadWhole(path).value(), HasSubstr("normbench_case_error_ratio{"));
  EXPECT_THAT(ReadWhole(path).value(), Not(HasSubstr("normbench_client_")));
}

TEST(ExporterTest, WhatCannotWorkIsSaidBeforehand) {
  EXPECT_THAT(WhyNot({.textfile = "/tmp/x.txt"}), HasSubstr("--textfile: '/tmp/x.txt' does not"));
  EXPECT_THAT(WhyNot({.textfile = "/no/such/folder/x.prom"}),
              HasSubstr("--textfile: /no/such/folder/x.prom"));
  EXPECT_THAT(WhyNot({.pushgateway = "http://"}), HasSubstr("--pushgateway: 'http://' is not"));
}

}  // namespace
}  // namespace normbench
