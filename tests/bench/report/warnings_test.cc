// SPDX-License-Identifier: Apache-2.0
#include "bench/report/warnings.h"

#include <set>
#include <sstream>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace normbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

std::vector<std::string> Collected(const std::string& text) {
  v1::Report report;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &report)) << text;
  CollectWarnings(&report);
  std::vector<std::string> lines;
  for (const v1::Warning& warning : report.warnings()) {
    EXPECT_FALSE(warning.text().empty() && warning.code() != "NB999");
    lines.push_back(warning.code() + "@" + warning.case_key());
  }
  return lines;
}

TEST(AllWarnings, HaveUniqueCodesNamesAndOneLineTexts) {
  std::set<std::string_view> codes, names;
  for (const WarningText& row : AllWarnings()) {
    EXPECT_THAT(std::string(row.code), MatchesRegex("NB1[0-9][0-9]"));
    EXPECT_TRUE(codes.insert(row.code).second) << row.code;
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_FALSE(row.text.empty());
    EXPECT_EQ(row.text.find('\n'), std::string_view::npos);
    EXPECT_FALSE(row.advice.empty()) << row.code << ": explain has nothing to say";
    EXPECT_TRUE(row.advice.ends_with('.')) << row.code;
  }
}

// Codes are an interface: scripts filter by them.
TEST(DescribeWarning, KeepsTheCodesThatWerePublished) {
  EXPECT_EQ(DescribeWarning("NB101").name, "not_steady");
  EXPECT_EQ(DescribeWarning("NB102").name, "few_samples");
  EXPECT_THAT(std::string(DescribeWarning("NB102").text), HasSubstr("p90 (kernel cases) needs 36"));
  EXPECT_EQ(DescribeWarning("NB103").name, "steal");
  EXPECT_EQ(DescribeWarning("NB104").name, "co_located");
  EXPECT_EQ(DescribeWarning("NB110").name, "copies_output");
  EXPECT_EQ(DescribeWarning("NB120").name, "over_bound");
  EXPECT_EQ(DescribeWarning("NB122").name, "outputs_differ");
  EXPECT_EQ(DescribeWarning("NB140").name, "client_limited");
  EXPECT_EQ(DescribeWarning("NB141").name, "waited");
  EXPECT_EQ(DescribeWarning("NB142").name, "dropped");
  EXPECT_EQ(DescribeWarning("NB150").name, "other_traffic");
  EXPECT_EQ(DescribeWarning("NB999").name, "");
}

TEST(CollectWarnings, TakesThoseOfTheRunAndOfEachCase) {
  EXPECT_THAT(Collected(R"(
                  warnings { code: "NB101" case_key: "of an earlier call" }
                  client { cpus: 2 }
                  conditions { co_located: true steal_ratio: 0.021 runnable: 1.5 }
                  cases { key: "a" warnings: "NB102" warnings: "NB110" }
                  cases { key: "b" warnings: "NB102" })"),
              ElementsAre("NB103@", "NB104@", "NB105@", "NB102@a", "NB110@a", "NB102@b"));
}

TEST(CollectWarnings, TellsOfTheRequestsOfOthers) {
  EXPECT_THAT(Collected("conditions { other_requests: 3 }"), ElementsAre("NB150@"));
  EXPECT_THAT(Collected("conditions { other_requests: 0 }"), ElementsAre());
}

TEST(CountWarnings, CountsTheCasesOfEachCode) {
  v1::Report report;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"(conditions { co_located: true }
         cases { key: "a" warnings: "NB102" }
         cases { key: "b" warnings: "NB102" })",
      &report));
  CollectWarnings(&report);
  EXPECT_THAT(CountWarnings(report), ElementsAre(std::pair("NB102", 2), std::pair("NB104", 0)));
}

TEST(ExplainWarning, SaysNameMeaningAndWhatToDo) {
  EXPECT_EQ(ExplainWarning({"NB999", "example", "it is one", "Look. Then look again."}),
            "NB999 example\n"
            "means  it is one\n"
            "do     Look. Then look again.\n");
  for (const WarningText& row : AllWarnings()) {
    std::istringstream lines(ExplainWarning(row));
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100u) << line;
  }
}

TEST(CollectWarnings, AQuietHostHasNone) {
  EXPECT_THAT(Collected("client { cpus: 2 } conditions { steal_ratio: 0.02 runnable: 1.4 }"),
              ElementsAre());
}

// A training of minutes that has just ended is still in the load average.
TEST(CollectWarnings, WhatEndedBeforeIsNoLoad) {
  EXPECT_THAT(Collected("client { cpus: 2 } conditions { load_average: 5 runnable: 0 }"),
              ElementsAre());
}

}  // namespace
}  // namespace normbench
