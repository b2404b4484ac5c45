// SPDX-License-Identifier: Apache-2.0
#include "bench/report/json.h"

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "tests/bench/report/golden.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

v1::Report Sample() {
  v1::Report report;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(R"(
      schema_version: 1 run_id: "r" outcome: "complete"
      cases {
        key: "k" errors: 0 requests: 12345678901
        error_codes { key: "UNAVAILABLE" value: 3 }
        latency_all { n: 100 p99 { n_eff: 80 } p50 { value: 6.1e-05 } }
        norm_accuracy { err_scaled: inf }
        batching { baseline: "alone"
                   formed { formed_batch: 1 answers: 2 compared: 0 }
                   formed { formed_batch: 4 answers: 7 compared: 7 equal: 6 equal_share: 0.857
                            flips: 1 beyond_tolerance: 1 max_abs_difference: 0.25 } }
      })",
                                                            &report));
  return report;
}

TEST(ReportToJson, KeepsNamesNumbersAndZerosAndLeavesAbsentNumbersOut) {
  const std::string json = ReportToJson(Sample());
  EXPECT_THAT(json, HasSubstr("\"schema_version\": 1"));
  EXPECT_THAT(json, HasSubstr("\"errors\": 0"));
  EXPECT_THAT(json, HasSubstr("\"requests\": 12345678901"));
  EXPECT_THAT(json, HasSubstr("\"value\": 6.1e-05"));
  EXPECT_THAT(json, HasSubstr("\"n_eff\": 80"));
  EXPECT_THAT(json, HasSubstr("\"expectations\": []"));
  EXPECT_THAT(json, Not(HasSubstr("requests_per_s")));
  EXPECT_THAT(json, HasSubstr("\"err_scaled\": \"Infinity\""));
  EXPECT_EQ(json.back(), '\n');
}

TEST(ReportToJson, WritesTheSampleReportAsItWasRead) {
  const std::string path = std::string(NORMBENCH_GOLDEN) + "/report.json";
  const auto report = ReportFromJson(ReadFile(path));
  ASSERT_TRUE(report.ok()) << report.status();
  ExpectGolden(path, ReportToJson(*report));
}

TEST(ReportToJson, OrdersMapsByKey) {
  v1::Report report;
  for (const char* name : {"torch", "absl", "protobuf", "grpc", "zlib"}) {
    (*report.mutable_client()->mutable_libraries())[name] = "1";
  }
  const std::string json = ReportToJson(report);
  EXPECT_LT(json.find("absl"), json.find("grpc"));
  EXPECT_LT(json.find("grpc"), json.find("protobuf"));
  EXPECT_LT(json.find("protobuf"), json.find("torch"));
  EXPECT_LT(json.find("torch"), json.find("zlib"));
}

TEST(ReportToJson, SurvivesTextThatIsNotUtf8) {
  v1::Report report;
  report.set_schema_version(1);
  report.set_server_address("bad \xff byte");
  EXPECT_TRUE(ReportFromJson(ReportToJson(report)).ok());
}

TEST(ReportFromJson, IsTheInverse) {
  const auto report = ReportFromJson(ReportToJson(Sample()));
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(*report, Sample()));
}

TEST(ReportFromJson, IgnoresNewFieldsAndRefusesOtherVersions) {
  EXPECT_TRUE(ReportFromJson(R"({"schema_version": 1, "new_field": {}})").ok());
  EXPECT_THAT(std::string(ReportFromJson(R"({"schema_version": 2})").status().message()),
              HasSubstr("schema_version: 2; allowed: 1"));
  const auto older = ReportFromJson(R"({"schema_version": 1, "cases": [{"kind": "model"}]})");
  ASSERT_TRUE(older.ok());
  EXPECT_FALSE(older->cases(0).has_batching());
  EXPECT_FALSE(ReportFromJson("{}").ok());
  EXPECT_FALSE(ReportFromJson("not json").ok());
  EXPECT_FALSE(ReportFromJson("").ok());
}

}  // namespace
}  // namespace normbench
