// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/gated_cell.h"

#include "absl/strings/str_cat.h"
#include "bench/gate/policy.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/bench/report/golden.h"

namespace normbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

// `cells` and `rest` are JSON.
absl::StatusOr<std::vector<GatedCell>> CellsOf(const std::string& cells,
                                               const std::string& rest = "\"seed\": 1") {
  const auto policy = ParsePolicy(
      absl::StrCat(R"({"version": 1, "name": "g", "cells": [)", cells, "], ", rest, "}"));
  if (!policy.ok()) return policy.status();
  return GatedCells(*policy, {{"auto", "cpu"}, {"native", "cpu"}});
}

std::string ErrorOf(const std::string& cells, const std::string& rest = "\"seed\": 1") {
  const auto found = CellsOf(cells, rest);
  EXPECT_TRUE(found.ok() || absl::IsInvalidArgument(found.status())) << found.status();
  return found.ok() ? "accepted" : std::string(found.status().message());
}

std::vector<std::string> NamesOf(const GatedCell& cell) {
  std::vector<std::string> names;
  for (const v1::GatedMetric& metric : cell.metrics) names.push_back(metric.metric());
  return names;
}

constexpr char kBoth[] = R"({"key": ["norm/rms?shape=1x4", "service/rms?shape=1x4"]})";

TEST(GatedCells, EachHasTheMetricsThatFitIt) {
  const auto cells = CellsOf(absl::StrCat(kBoth, R"(, {"key": ["invariance/rms?shape=1x4"]})"));
  ASSERT_TRUE(cells.ok()) << cells.status();
  ASSERT_EQ(cells->size(), 3U);
  EXPECT_THAT(NamesOf((*cells)[0]), ElementsAre("p50"));
  EXPECT_THAT(NamesOf((*cells)[1]), ElementsAre("p50", "p99", "samples_per_s"));
  EXPECT_THAT(NamesOf((*cells)[2]), IsEmpty()) << "only its answers are judged";
  EXPECT_THAT((*cells)[0].c.key, HasSubstr("dev=cpu"));
  EXPECT_EQ(CasesOf(*cells)[1].key, (*cells)[1].c.key);
}

TEST(GatedCells, SecondsAreLeftToThePlanUnlessGiven) {
  const auto cells = CellsOf(absl::StrCat(
      kBoth, R"(, {"key": ["norm/rms?shape=1x8"], "seconds": 3, "warmup_seconds": 0.5})"));
  ASSERT_TRUE(cells.ok()) << cells.status();
  EXPECT_EQ((*cells)[0].c.seconds, 0);
  EXPECT_EQ((*cells)[0].c.warmup_seconds, 0);
  EXPECT_EQ((*cells)[2].c.seconds, 3);
  EXPECT_EQ((*cells)[2].c.warmup_seconds, 0.5);
}

TEST(GatedCells, TheFirstFittingMetricOfANameCounts) {
  const auto cells = CellsOf(kBoth, R"("metrics": [
      {"metric": "p50", "margin": 0.2, "cells": "service/*1x4"}, {"metric": "p50", "margin": 0.07}])");
  ASSERT_TRUE(cells.ok()) << cells.status();
  ASSERT_EQ((*cells)[0].metrics.size(), 1U);
  EXPECT_EQ((*cells)[0].metrics[0].margin(), 0.07);
  ASSERT_EQ((*cells)[1].metrics.size(), 1U);
  EXPECT_EQ((*cells)[1].metrics[0].margin(), 0.2);
}

TEST(GatedCells, SeedReachesDataAndSchedule) {
  const auto cells = CellsOf(kBoth, R"("seed": 5)");
  ASSERT_TRUE(cells.ok()) << cells.status();
  EXPECT_THAT((*cells)[0].c.key, HasSubstr("seed=5"));
  EXPECT_EQ((*cells)[1].c.arrivals_seed, 5U);
}

TEST(GatedCells, EqualKeysAreOneCell) {
  const auto cells = CellsOf(absl::StrCat(kBoth, ", ", kBoth));
  ASSERT_TRUE(cells.ok()) << cells.status();
  EXPECT_EQ(cells->size(), 2U);
}

TEST(GatedCells, SomeLoadsCannotBeSharedOutEvenly) {
  for (const char* arrivals : {"constant:100", "poisson:62.5"}) {
    EXPECT_EQ(
        ErrorOf(absl::StrCat(R"({"key": ["service/rms?shape=1x4&arrivals=)", arrivals, "\"]}")),
        "accepted");
  }
  for (const char* arrivals :
       {"poisson:80%25", "spike:100x10@2+0.5", "step:100,200", "trace:t.txt"}) {
    EXPECT_THAT(
        ErrorOf(absl::StrCat(kBoth, R"(, {"key": ["service/rms?shape=1x4&arrivals=)", arrivals,
                             "\"]}")),
        AllOf(StartsWith("cells[1]: service/rms?"), HasSubstr("allowed arrivals: constant:RATE")))
        << arrivals;
  }
}

TEST(GatedCells, NamesTheEntryThatIsNoCase) {
  EXPECT_THAT(ErrorOf(absl::StrCat(kBoth, R"(, {"key": ["nrm/rms?shape=1x4"]})")),
              AllOf(StartsWith("cells[1]: "), HasSubstr("nrm/rms")));
}

TEST(GatedCells, AtMost32) {
  std::string keys;
  for (int i = 1; i <= 32; ++i) absl::StrAppend(&keys, "\"norm/rms?shape=1x", i, "\",");
  EXPECT_EQ(ErrorOf(absl::StrCat(R"({"key": [)", keys, R"("norm/rms?shape=1x1"]})")), "accepted");
  EXPECT_EQ(ErrorOf(absl::StrCat(R"({"key": [)", keys, R"("norm/rms?shape=1x33"]})")),
            "cells: 33; allowed: 1 to 32");
}

TEST(GatedCells, AMetricThatFitsNoCellIsAMistake) {
  const std::string kernel = R"({"key": ["norm/rms?shape=1x4"]})";
  EXPECT_EQ(ErrorOf(kernel, R"("metrics": [{"metric": "requests_per_s", "margin": 0.1}])"),
            "metrics[0]: no cell has requests_per_s");
  EXPECT_EQ(ErrorOf(kernel, R"("metrics": [{"metric": "p50", "margin": 0.1},
                                           {"metric": "p50", "margin": 0.1, "cells": "service/"}])"),
            "metrics[1]: no cell that 'service/' fits has p50");
  EXPECT_EQ(ErrorOf(kernel), "accepted") << "p99 is a default and may fit none";
}

TEST(GatedCells, GoodputNeedsADeadline) {
  const std::string goodput = R"("metrics": [{"metric": "goodput_per_s", "margin": 0.1}])";
  EXPECT_EQ(ErrorOf(kBoth, goodput), "metrics[0]: no cell has goodput_per_s");
  EXPECT_EQ(ErrorOf(R"({"key": ["service/rms?shape=1x4&deadline=0.1"]})", goodput), "accepted");
}

TEST(GatedCells, OfTheExampleOfTheReferencePage) {
  const std::string page = ReadFile(std::string(NORMBENCH_GATE_SOURCE) + "/README.md");
  const size_t begin = page.find("```json\n") + 8;
  const auto policy = ParsePolicy(page.substr(begin, page.find("```", begin) - begin));
  ASSERT_TRUE(policy.ok()) << policy.status();
  const auto cells = GatedCells(*policy, {});
  ASSERT_TRUE(cells.ok()) << cells.status();
  ASSERT_EQ(cells->size(), 3U);
  EXPECT_THAT(NamesOf((*cells)[0]), ElementsAre("p50"));
  EXPECT_EQ((*cells)[0].c.seconds, 0.3);
  EXPECT_THAT(NamesOf((*cells)[1]), ElementsAre("p50", "p99"));
  EXPECT_EQ((*cells)[1].metrics[1].margin(), 0.1);
  EXPECT_THAT(NamesOf((*cells)[2]), ElementsAre("p50", "p99", "goodput_per_s"));
  EXPECT_EQ((*cells)[2].metrics[1].margin(), 0.2);
}

}  // namespace
}  // namespace normbench
