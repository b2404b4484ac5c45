// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/comparison_table.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/bench/gate/sample.h"

namespace normbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

v1::Comparison WithCell(const std::string& cell) {
  return Parse<v1::Comparison>("cells { key: 'k' metric: 'p50' margin: 0.05 " + cell + " }");
}

std::string TableWith(const std::string& cell) {
  return VerdictTable(WithCell(cell)).ToString();
}

TEST(VerdictTable, SaysHowManyRoundsMoreItWouldTake) {
  EXPECT_THAT(TableWith("worse: 0.04 more_rounds: 41 verdict: 'INCONCLUSIVE'"),
              HasSubstr("INCONCLUSIVE (about 41 rounds more)"));
  EXPECT_THAT(TableWith("worse: 0.05 more_rounds: 1001 verdict: 'INCONCLUSIVE'"),
              HasSubstr("INCONCLUSIVE (at its margin)"));
  EXPECT_THAT(TableWith("verdict: 'INCONCLUSIVE'"), HasSubstr("INCONCLUSIVE (no values)"));
  EXPECT_THAT(TableWith("worse: 0.2 verdict: 'INCONCLUSIVE' confirmation: 'not confirmed'"),
              HasSubstr("INCONCLUSIVE (not confirmed)"));
  EXPECT_THAT(TableWith("a: 9 verdict: 'INCONCLUSIVE' "
                        "confirmation: 'its interval is not in these reports'"),
              HasSubstr("INCONCLUSIVE (its interval is not in these reports)"));
  EXPECT_THAT(TableWith("worse: 0.2 verdict: 'REGRESSED' confirmation: 'confirmed'"),
              HasSubstr("REGRESSED (confirmed)"));
}

TEST(VerdictTable, LeavesOutBoundsThatDoNotExist) {
  EXPECT_THAT(TableWith("worse: 0.04 low: 0.01 verdict: 'OK'"), HasSubstr("+4.0 [+1.0, ]"));
  EXPECT_THAT(TableWith("verdict: 'OK'"), Not(HasSubstr("[")));
}

TEST(VerdictTable, AccuracyIsARow) {
  v1::Comparison comparison;
  EXPECT_THAT(VerdictTable(comparison).ToString(), HasSubstr("not compared"));
  comparison.mutable_accuracy()->set_unchanged(true);
  EXPECT_THAT(VerdictTable(comparison).ToString(), HasSubstr("unchanged"));
  comparison.mutable_accuracy()->set_unchanged(false);
  comparison.mutable_accuracy()->add_notes("n");
  EXPECT_THAT(VerdictTable(comparison).ToString(), HasSubstr("changed in 1, not worse"));
  comparison.mutable_accuracy()->add_worse("w");
  EXPECT_THAT(VerdictTable(comparison).ToString(), HasSubstr("WORSE in 1, see below"));
}

TEST(ChangeOf, IsAShareWithItsBounds) {
  EXPECT_EQ(ChangeOf(Parse<v1::CellVerdict>("worse: 0.068 low: 0.051 high: 0.088")),
            "+6.8 % [+5.1, +8.8]");
  EXPECT_EQ(ChangeOf(Parse<v1::CellVerdict>("worse: inf low: inf high: inf")),
            "+inf % [+inf, +inf]");
  EXPECT_EQ(ChangeOf(Parse<v1::CellVerdict>("worse: -1")), "-100.0 % [, ]");
  EXPECT_EQ(ChangeOf({}), "no values");
  EXPECT_EQ(
      ChangeOf(Parse<v1::CellVerdict>("confirmation: 'its interval is not in these reports'")),
      "its interval is not in these reports");
}

TEST(ArmsLine, NamesBuildsOrAddresses) {
  EXPECT_EQ(ArmsLine(SampleComparison()),
            "A v0.1.0 (3f2c9a1)   B 10.0.0.7:8001   24 rounds A A' B, 4m12s");
  v1::Comparison kept = SampleComparison();
  kept.clear_rounds();
  EXPECT_EQ(ArmsLine(kept), "A v0.1.0 (3f2c9a1)   B 10.0.0.7:8001");
}

TEST(FloorLine, IsOfTheCellWhoseNoiseHidesMost) {
  EXPECT_EQ(FloorLine(SampleComparison()),
            "A/A' samples_per_s -0.1 % [-1.2, +1.0]   noise sd 3.1 %   MDE(80 %) +7.5 %   "
            "(service/rms?shape=1x4|a)");
  EXPECT_EQ(FloorLine({}), "");
  EXPECT_EQ(FloorLine(WithCell("floor: 0.1")), "") << "without bounds";
}

TEST(VerdictLine, EndsWithTheExitCode) {
  EXPECT_EQ(VerdictLine(SampleComparison()),
            "VERDICT  ACCURACY, norm/rms?shape=1x4: err_scaled 4.00 -> 40.1, its bound is 28.1; "
            "family-wise alpha 5 % (Holm)   exit 4");
}

TEST(Remarks, AreWhatTheTableDoesNotSay) {
  v1::Comparison comparison = SampleComparison();
  comparison.set_outcome("out_of_time");
  comparison.add_notes("only in the baseline: norm/rms?shape=1x8");
  EXPECT_THAT(Remarks(comparison),
              ElementsAre("worse    norm/rms?shape=1x4: err_scaled 4.00 -> 40.1, its bound is 28.1",
                          "changed  service/rms?shape=1x4|a: err_scaled 4.00 -> 4.10",
                          "note     only in the baseline: norm/rms?shape=1x8",
                          "void     round 5: steal 12.5 % while B was visited, above 10 %",
                          "time     the budget of 5m00s was over before all rounds were"));
  EXPECT_THAT(Remarks({}), IsEmpty());
}

TEST(Lines, NothingThatAServerSaysEndsThem) {
  v1::Comparison comparison = SampleComparison();
  comparison.set_why(kHostile);
  comparison.mutable_b()->set_source(kHostile);
  comparison.mutable_accuracy()->add_worse(kHostile);
  comparison.mutable_cells(0)->set_key(kHostile);
  EXPECT_THAT(VerdictTable(comparison).ToString(), HasSubstr("  a ::error::x  [2J <b>"));
  for (const std::string& line :
       {VerdictLine(comparison), ArmsLine(comparison), Remarks(comparison)[1]}) {
    EXPECT_THAT(line, HasSubstr("a ::error::x  [2J <b>"));
  }
}

}  // namespace
}  // namespace normbench
