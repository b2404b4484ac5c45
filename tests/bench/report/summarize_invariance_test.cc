// SPDX-License-Identifier: Apache-2.0
// From what the server found to the row that people read.
#include "bench/report/blocks.h"
#include "bench/report/case_key.h"
#include "bench/report/exit_code.h"
#include "bench/report/summarize.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace normbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Case GroupCase(const std::string& layout) {
  Case c;
  c.key = "invariance/group?impl=torch&shape=1x64x56x56&g=32&dtype=f32&layout=" + layout +
          "&dev=cpu&n=1,2,33";
  c.spec = *ParseCaseKey(c.key);
  c.expect = {"equal==1", "max_diff<=1e-6", "first_failing_n>32"};
  return c;
}

v1::InvarianceResult Found(const Case& c, const std::string& numbers) {
  v1::InvarianceResult found;
  *found.mutable_invariance_case() = std::get<v1::InvarianceCase>(c.spec);
  found.mutable_invariance_case()->add_threads(1);
  found.mutable_invariance_case()->add_threads(2);
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(numbers, found.mutable_numbers()));
  found.set_seconds(0.5);
  return found;
}

v1::CaseResult AllEqual() {
  const Case c = GroupCase("nchw");
  return SummarizeInvariance(c, Found(c, R"(all { comparisons: 50 equal: 50 }
                                            batch { comparisons: 6 equal: 6 })"));
}

v1::CaseResult NotAllEqual() {
  const Case c = GroupCase("nhwc");
  return SummarizeInvariance(
      c,
      Found(c, R"(all { comparisons: 50 equal: 47 max_abs: 5e-7 max_scaled: 3 first_failing_n: 33 }
                     batch { comparisons: 6 equal: 6 } threads { comparisons: 6 equal: 3 }
                     neighbours { comparisons: 20 equal: 20 })"));
}

TEST(SummarizeInvariance, EqualBitsMeetEveryExpectation) {
  const v1::CaseResult result = AllEqual();
  EXPECT_EQ(result.kind(), "invariance");
  EXPECT_EQ(result.status(), "ok");
  EXPECT_EQ(result.measured_seconds(), 0.5);
  EXPECT_THAT(result.invariance().threads(), ElementsAre(1, 2)) << "what the server had";
  EXPECT_THAT(result.warnings(), IsEmpty());
  for (const v1::Expectation& expectation : result.expectations()) {
    EXPECT_TRUE(expectation.holds()) << expectation.text();
  }
}

TEST(SummarizeInvariance, DifferentBitsAreAWarningAndExitFourWhereEqualIsExpected) {
  const v1::CaseResult result = NotAllEqual();
  EXPECT_THAT(result.warnings(), ElementsAre("NB125"));
  EXPECT_FALSE(result.expectations(0).holds());
  EXPECT_EQ(result.expectations(0).observed(), "0.940");
  EXPECT_TRUE(result.expectations(0).accuracy());
  EXPECT_TRUE(result.expectations(1).holds());
  EXPECT_TRUE(result.expectations(2).holds());
  v1::Report report;
  *report.add_cases() = result;
  EXPECT_EQ(ExitCodeOf(report), ExitCode::kAccuracy);
  report.mutable_cases(0)->clear_expectations();
  EXPECT_EQ(ExitCodeOf(report), ExitCode::kOk) << "nobody asked for it";
}

TEST(InvarianceTable, IsOneForAllFormatsOfASample) {
  v1::Report report;
  *report.add_cases() = AllEqual();
  *report.add_cases() = NotAllEqual();
  const std::vector<Block> blocks = BlocksOf(report);
  ASSERT_EQ(blocks.size(), 1u);
  EXPECT_EQ(blocks[0].title, "invariance group 64x56x56 g=32 cpu   n 1 2 33, threads 1 2");
  EXPECT_EQ(TablesOf(blocks[0])[0].ToString(),
            "  impl   dtype  layout  equal  max diff  scaled  first n  batch  threads  neighbours  "
            "alignment\n"
            "  torch  f32    nchw    50/50         0       0        -    6/6        -           -  "
            "        -\n"
            "  torch  f32    nhwc    47/50     5e-07    3.00       33    6/6      3/6       20/20  "
            "        -\n");
}

}  // namespace
}  // namespace normbench
