// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/kernels/result_table.h"

#include <gmock/gmock.h>

#include "tests/bench/micro/kernels/results.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(ResultTable, ALineForEachContender) {
  BenchOptions options;
  options.target = 1.2;
  ContenderResult native = RowOf("native", 5, 2);
  native.description = "rows of 98";
  ContenderResult torch = RowOf("torch", 40, 1);
  torch.over_torch.reset();
  EXPECT_EQ(TableRows(options, ResultsOf({torch, native})),
            "group 1x64x7x7 g=32 f32 nchw  12.5 kB a tensor\n"
            "    1  torch                 90.00     100.0     120.0     1   10.0     50"
            "                                    40.0 of 30.0 FAIL\n"
            "    1  native                90.00     100.0     120.0     1   10.0     50"
            "    2.00 [1.90, 2.10]    met        5.00 of 30.0 ok\n"
            "         = rows of 98\n");
}

TEST(ResultTable, SaysWhatIsNotOffered) {
  ContenderResult native;
  native.contender = "native";
  native.not_offered = "no f64";
  EXPECT_THAT(TableRows({}, ResultsOf({native})),
              HasSubstr("native            not offered: no f64\n"));
}

TEST(ResultTable, TheFootHasTheMeanAndTheVerdicts) {
  BenchOptions options;
  options.target = 1.2;
  std::vector<CaseResult> results = ResultsOf({RowOf("native", 5, 4)});
  results.push_back(ResultsOf({RowOf("native", 5, 1)}).front());
  const std::string foot = TableFoot(options, results);
  EXPECT_THAT(foot, HasSubstr("native, 1 thread: geometric mean 2.00 over 2 rows, worst 1.00\n"));
  EXPECT_THAT(foot, HasSubstr("met: 1 row\nmissed: 1 row\n"));
}

TEST(ResultTable, TheHeadWarnsOfOthersAndOfShortRuns) {
  BenchOptions options;
  options.target = 1.2;
  Surroundings surroundings;
  EXPECT_THAT(TableHead(options, surroundings), HasSubstr("not binding"));
  EXPECT_THAT(TableHead(options, surroundings), Not(HasSubstr("WARNING")));
  surroundings.others = 1.5;
  EXPECT_THAT(TableHead(options, surroundings), HasSubstr("WARNING: 1.5 other threads"));
}

}  // namespace
}  // namespace normbench
