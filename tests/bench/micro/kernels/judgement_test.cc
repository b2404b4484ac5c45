// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/kernels/judgement.h"

#include <gmock/gmock.h>

#include "tests/bench/micro/kernels/cases.h"
#include "tests/bench/micro/kernels/results.h"

namespace normbench {
namespace {

TEST(Judgement, ATargetIsNativeOnly) {
  BenchOptions options;
  options.target = 1.2;
  EXPECT_EQ(VerdictOf(RowOf("native", 1, 2.0), options), "met");
  EXPECT_EQ(VerdictOf(RowOf("native/streaming", 1, 1.0), options), "missed");
  EXPECT_EQ(VerdictOf(RowOf("native", 1, 1.15), options), "undecided");  // up to 1.25
  EXPECT_EQ(VerdictOf(RowOf("reference", 1, 0.1), options), "");
  options.target.reset();
  EXPECT_EQ(VerdictOf(RowOf("native", 1, 2.0), options), "");
}

TEST(ExitCodeOf, WrongIsWorseThanSlowAndOnlyNativeCounts) {
  BenchOptions options;
  options.target = 1.2;
  EXPECT_EQ(ExitCodeOf(ResultsOf({RowOf("native", 1, 2.0)}), options), 0);
  EXPECT_EQ(ExitCodeOf(ResultsOf({RowOf("torch", 1e6, 1.0)}), options), 0);
  EXPECT_EQ(ExitCodeOf(ResultsOf({RowOf("native", 1, 1.0)}), options), 3);
  EXPECT_EQ(ExitCodeOf(ResultsOf({RowOf("native", 1e6, 1.0)}), options), 4);
}

TEST(CorrectnessOf, SaysNothingWhereNobodyLooked) {
  EXPECT_EQ(CorrectnessOf(RowOf("torch", 1, 1)), "ok");
  EXPECT_EQ(CorrectnessOf(RowOf("torch", 31, 1)), "FAIL");
  EXPECT_EQ(CorrectnessOf(ContenderResult()), "");
}

}  // namespace
}  // namespace normbench
