// SPDX-License-Identifier: Apache-2.0
#include "bench/report/blocks.h"

#include "gmock/gmock.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;

v1::CaseResult* Add(const std::string& status, const std::string& norm, v1::Report* report) {
  v1::CaseResult* result = report->add_cases();
  result->set_kind("kernel");
  result->set_status(status);
  result->mutable_kernel()->mutable_spec()->set_norm(norm);
  return result;
}

TEST(Blocks, JoinCasesOfOneTitleInTheOrderOfTheFirst) {
  v1::Report report;
  Add("ok", "rms", &report);
  Add("ok", "group", &report);
  Add("ok", "rms", &report);
  const std::vector<Block> blocks = BlocksOf(report);
  ASSERT_EQ(blocks.size(), 2u);
  EXPECT_THAT(blocks[0].title, HasSubstr("kernel rms"));
  EXPECT_EQ(blocks[0].results.size(), 2u);
  EXPECT_THAT(TablesOf(blocks[0])[0].ToString(), HasSubstr("GB/s"));
}

TEST(Blocks, LeaveOutCasesWithoutNumbers) {
  v1::Report report;
  Add("failed", "rms", &report);
  Add("skipped", "rms", &report);
  Add("failed", "rms", &report)->mutable_latency_all()->set_n(5);
  ASSERT_EQ(BlocksOf(report).size(), 1u);
  EXPECT_EQ(BlocksOf(report)[0].results.front(), &report.cases(2));
}

}  // namespace
}  // namespace normbench
