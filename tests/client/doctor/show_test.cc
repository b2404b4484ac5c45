// SPDX-License-Identifier: Apache-2.0
#include "client/doctor/show.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "bench/stats/detectable.h"
#include "tests/client/doctor/good_findings.h"

namespace normbench {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string TableOf(const Findings& findings) {
  return DiagnosisTable(findings, Judge(findings));
}

nlohmann::json JsonOf(const Findings& findings) {
  return nlohmann::json::parse(DiagnosisJson(findings, Judge(findings)));
}

TEST(ShowTest, ATableHasTheChecksTheNoiseAndTheVerdict) {
  Findings findings = GoodFindings();
  findings.window.steal_ratio = 0.03;
  const std::string table = TableOf(findings);
  EXPECT_THAT(table, StartsWith("host   box-1a2b3c4d, CPU AVX2, Linux 6, 30s\n"));
  EXPECT_THAT(table,
              HasSubstr("  steal             3.00 %       at most 2.00 %   warn     other "));
  EXPECT_THAT(table, HasSubstr("  CPU boost         off          off              ok\n"));
  EXPECT_THAT(table, HasSubstr("  round trip       mean    1.00 ms     20  2.00 "));
  EXPECT_THAT(table, HasSubstr("+6.97  +6.53  ok\n"));
  EXPECT_THAT(table, EndsWith("\nVERDICT  marginal for a 5 % gate: steal 3.00 %\n"));
}

TEST(ShowTest, WhatIsNotKnownIsADash) {
  Findings findings = GoodFindings();
  findings.noise = {{.work = "compute", .figure = "p50"}};
  EXPECT_THAT(
      TableOf(findings),
      HasSubstr("  compute          p50        -      0     -                     -      -  -\n"));
}

TEST(ShowTest, JsonSaysTheSame) {
  Findings findings = GoodFindings();
  findings.window.steal_ratio = 0.03;
  const auto json = JsonOf(findings);
  EXPECT_EQ(json["host"], "box-1a2b3c4d");
  EXPECT_EQ(json["seconds"], 30);
  EXPECT_EQ(json["load_average"], 1);
  EXPECT_EQ(json["interrupted"], false);
  EXPECT_EQ(json["verdict"], "marginal");
  EXPECT_EQ(json["conclusion"], "marginal for a 5 % gate: steal 3.00 %");
  EXPECT_EQ(json["exit_code"], 0);
  ASSERT_EQ(json["checks"].size(), 12);
  EXPECT_EQ(
      json["checks"][0],
      nlohmann::json({{"name", "steal"},
                      {"number", 0.03},
                      {"value", "3.00 %"},
                      {"good", "at most 2.00 %"},
                      {"verdict", "warn"},
                      {"advice", "other guests take CPU time: dedicated CPUs, or another hour"}}));
  ASSERT_EQ(json["noise"].size(), 2);
  EXPECT_EQ(json["noise"][1]["work"], "round trip");
  EXPECT_EQ(json["noise"][1]["figure"], "mean");
  EXPECT_EQ(json["noise"][1]["pairs"], 20);
  EXPECT_EQ(json["noise"][1]["seconds"], 1e-3);
  EXPECT_EQ(json["noise"][1]["sd_log_ratio"], 0.02);
  EXPECT_EQ(json["noise"][1]["detectable_24_rounds"],
            DetectableEffect(0.05, 0.02, 24, 0.0025, 0.8));
  EXPECT_EQ(json["noise"][1]["detectable_40_rounds"],
            DetectableEffect(0.05, 0.02, 40, 0.0025, 0.8));
  EXPECT_EQ(json["noise"][1]["verdict"], "ok");
}

TEST(ShowTest, WhatIsNotKnownIsNull) {
  Findings findings;
  findings.noise = {{.work = "compute", .figure = "p50"}};
  const auto json = JsonOf(findings);
  EXPECT_TRUE(json["load_average"].is_null());
  EXPECT_TRUE(json["checks"][0]["number"].is_null());
  EXPECT_TRUE(json["noise"][0]["sd_log_ratio"].is_null());
  EXPECT_TRUE(json["noise"][0]["detectable_24_rounds"].is_null());
}

TEST(ShowTest, AnyNameOfAHostIsJson) {
  Findings findings = GoodFindings();
  findings.facts.host = "\xff\"\n";
  EXPECT_EQ(JsonOf(findings)["host"], "\xEF\xBF\xBD\"\n");
}

}  // namespace
}  // namespace normbench
