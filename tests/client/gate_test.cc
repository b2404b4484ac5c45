// SPDX-License-Identifier: Apache-2.0
#include "client/gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "bench/report/json.h"
#include "client/files.h"

namespace normbench {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class GateTest : public ::testing::Test {
 protected:
  // A report of one kernel case that took `p50` seconds, as the visits say within 2 %.
  std::string Report(const std::string& name, double p50, const std::string& cpu = "one") {
    v1::Report report;
    report.set_schema_version(kReportVersion);
    report.mutable_server()->set_cpu_model(cpu);
    v1::CaseResult& result = *report.add_cases();
    result.set_key("norm/rms?impl=native&shape=8x768&dtype=f32&layout=nchw&dev=cpu");
    result.set_kind("kernel");
    result.set_status("ok");
    result.set_visits(10);
    v1::Quantile& quantile = *result.mutable_latency_all()->mutable_p50();
    quantile.set_value(p50);
    quantile.set_low(p50 / 1.02);
    quantile.set_high(p50 * 1.02);
    quantile.set_ci_scope("visits");
    result.mutable_norm_accuracy()->set_err_scaled(err_scaled_);
    result.mutable_norm_accuracy()->set_bound(20);
    const std::string path = ::testing::TempDir() + name;
    EXPECT_TRUE(WriteWhole(path, ReportToJson(report)).ok());
    return path;
  }

  GateArguments Baseline() {
    GateArguments arguments;
    arguments.baseline = Report("gate_a.json", 1e-3);
    return arguments;
  }

  int Go() {
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    const int code = Gate(arguments_);
    out_ = ::testing::internal::GetCapturedStdout();
    err_ = ::testing::internal::GetCapturedStderr();
    return code;
  }

  double err_scaled_ = 2;
  GateArguments arguments_ = Baseline();
  std::string out_, err_;
};

TEST_F(GateTest, SlowerIsASuspicion) {
  arguments_.candidate = Report("gate_b.json", 1.2e-3);
  EXPECT_EQ(Go(), 5);
  EXPECT_THAT(out_, AllOf(HasSubstr("slower, but of one server process"), HasSubstr("exit 5")));
}

TEST_F(GateTest, TheSameIsOk) {
  arguments_.candidate = Report("gate_b.json", 1e-3);
  EXPECT_EQ(Go(), 0);
  EXPECT_THAT(out_, HasSubstr("VERDICT  OK"));
}

TEST_F(GateTest, AtTheMarginItCannotTell) {
  arguments_.candidate = Report("gate_b.json", 1.05e-3);
  EXPECT_EQ(Go(), 5);
  EXPECT_THAT(out_, HasSubstr("VERDICT  INCONCLUSIVE"));
}

TEST_F(GateTest, WrongAnswersAreNoMatterOfTime) {
  err_scaled_ = 50;
  arguments_.candidate = Report("gate_b.json", 1.2e-3);
  EXPECT_EQ(Go(), 4);
}

TEST_F(GateTest, RefusesTimesOfOtherMachinesUnlessTold) {
  arguments_.candidate = Report("gate_b.json", 1.2e-3, "another");
  EXPECT_EQ(Go(), 2);
  EXPECT_THAT(out_, AllOf(HasSubstr("VERDICT  CONFIGURATION"), HasSubstr("cpu model one | another"),
                          HasSubstr("--across-machines")));
  arguments_.across_machines = true;
  EXPECT_EQ(Go(), 5);
}

TEST_F(GateTest, TellsWrongAnswersOfOtherMachines) {
  err_scaled_ = 50;
  arguments_.candidate = Report("gate_b.json", 1.2e-3, "another");
  EXPECT_EQ(Go(), 4);
  EXPECT_THAT(out_, AllOf(HasSubstr("err_scaled 2.00 -> 50.0"), HasSubstr("one | another")));
}

TEST_F(GateTest, NamesWhatCannotBeRead) {
  arguments_.candidate = "/no/such/report.json";
  EXPECT_EQ(Go(), 2);
  EXPECT_THAT(err_, HasSubstr("/no/such/report.json"));
  const std::string truncated = ::testing::TempDir() + "gate_truncated.json";
  ASSERT_TRUE(WriteWhole(truncated, ReadWhole(arguments_.baseline)->substr(0, 300)).ok());
  arguments_.candidate = truncated;
  EXPECT_EQ(Go(), 2);
  EXPECT_THAT(err_, HasSubstr("not a report"));
  ASSERT_TRUE(WriteWhole(truncated, R"({"schema_version": 7})").ok());
  EXPECT_EQ(Go(), 2);
  EXPECT_THAT(err_, HasSubstr("schema_version: 7; allowed: 1"));
  arguments_.policy = "/no/such/policy.json";
  EXPECT_EQ(Go(), 2);
  EXPECT_THAT(err_, HasSubstr("/no/such/policy.json"));
}

TEST_F(GateTest, WritesTheFormsThatPipelinesRead) {
  arguments_.candidate = Report("gate_b.json", 1e-3);
  arguments_.outputs.badge = ::testing::TempDir() + "gate_badge.json";
  EXPECT_EQ(Go(), 0);
  EXPECT_THAT(*ReadWhole(arguments_.outputs.badge), HasSubstr("\"message\": \"OK\""));
  arguments_.candidate = Report("gate_b.json", 1e-3, "another");
  EXPECT_EQ(Go(), 2);
  EXPECT_THAT(*ReadWhole(arguments_.outputs.badge), HasSubstr("CONFIGURATION"))
      << "not the verdict of before";
}

}  // namespace
}  // namespace normbench
