// SPDX-License-Identifier: Apache-2.0
#include "client/compare_servers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "bench/gate/policy.h"
#include "tests/bench/run/fake_server.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;

class CompareServersTest : public ::testing::Test {
 protected:
  CompareServersTest() {
    v1::Policy policy = DefaultPolicy("test");
    v1::KeyedSweep& cell = *policy.add_cells();
    cell.add_key("norm/rms?impl=torch&shape=8x4");
    cell.set_seconds(0.01);
    policy.set_rounds(6);
    policy.set_extension_rounds(0);
    policy.set_confirmation_rounds(0);
    what_.policy = *CompletePolicy(policy);
    what_.show_plan = [this](const std::string& text) { plan_ += text; };
  }

  absl::StatusOr<v1::Comparison> Go() {
    return CompareServers(
        what_, {.a = a_.address, .b = b_.address, .stop = [this] { return a_.stop.load(); }});
  }

  FakeServer a_, b_;
  ServersToCompare what_;
  std::string plan_;
};

// The fake answers of both take the same time, by its own word.
TEST_F(CompareServersTest, PlansMeasuresAndJudges) {
  const auto comparison = Go();
  ASSERT_TRUE(comparison.ok()) << comparison.status();
  EXPECT_THAT(plan_, HasSubstr("6 rounds"));
  EXPECT_EQ(comparison->outcome(), "complete");
  EXPECT_EQ(comparison->rounds_size(), 6);
  EXPECT_EQ(comparison->cells_size(), 1);
  EXPECT_TRUE(comparison->accuracy().unchanged());
  EXPECT_EQ(comparison->a().source(), a_.address);
}

TEST_F(CompareServersTest, WrongAnswersAlwaysConvict) {
  b_.benchmark.err_scaled = 1e6;
  const auto comparison = Go();
  ASSERT_TRUE(comparison.ok()) << comparison.status();
  EXPECT_EQ(comparison->exit_code(), 4);
  EXPECT_EQ(comparison->verdict(), "ACCURACY");
}

TEST_F(CompareServersTest, AnArmThatEndsInARoundIsAResult) {
  int calls = 0;
  b_.benchmark.on_call = [&] {
    if (++calls == 1 + 3) b_.benchmark.silent = true;  // one is the rehearsal
  };
  const auto comparison = Go();
  ASSERT_TRUE(comparison.ok()) << comparison.status();
  EXPECT_EQ(comparison->outcome(), "arm_failed");
  EXPECT_EQ(comparison->exit_code(), 1);
  EXPECT_EQ(comparison->rounds_size(), 2);
  EXPECT_THAT(comparison->why(), HasSubstr("round 3, B"));
}

TEST_F(CompareServersTest, WhatCannotBeMeasuredIsFoundByTheRehearsal) {
  b_.benchmark.on_call = [&] { b_.benchmark.silent = true; };
  const auto comparison = Go();
  ASSERT_TRUE(comparison.ok()) << comparison.status();
  EXPECT_EQ(comparison->verdict(), "FAILED");
  EXPECT_EQ(comparison->exit_code(), 1);
  EXPECT_EQ(comparison->rounds_size(), 0);
  EXPECT_THAT(comparison->why(), ::testing::StartsWith("rehearsal, B (" + b_.address));
  EXPECT_EQ(plan_, "");
}

TEST_F(CompareServersTest, SaysWhichArmIsNotThere) {
  b_.Stop();
  const auto comparison = CompareServers(
      what_,
      {.a = a_.address, .b = b_.address, .start_seconds = 0.3, .stop = [] { return false; }});
  EXPECT_THAT(std::string(comparison.status().message()), ::testing::StartsWith("B: "));
}

TEST_F(CompareServersTest, CellsThatDoNotFitAreFoundBeforehand) {
  what_.policy.mutable_cells(0)->set_key(0, "norm/rms?impl=torch&shape=8x4x");
  EXPECT_THAT(std::string(DescribePlan(what_.policy).status().message()), HasSubstr("cells[0]"));
  EXPECT_TRUE(absl::IsInvalidArgument(Go().status()));
}

}  // namespace
}  // namespace normbench
