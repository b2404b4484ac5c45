// SPDX-License-Identifier: Apache-2.0
#include "client/compare_servers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <sstream>
#include <string>
#include <thread>

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
    policy.set_max_steal(1);  // a tick of it is a lot of so short a visit
    policy.set_max_throttled(1);
    what_.policy = *CompletePolicy(policy);
    what_.show_plan = [this](const std::string& text) { plan_ += text; };
  }

  v1::Comparison Go() {
    return CompareServers(
        what_, {.a = a_.address, .b = b_.address, .stop = [this] { return a_.stop.load(); }});
  }

  FakeServer a_, b_;
  ServersToCompare what_;
  std::string plan_;
};

// The fake answers of both take the same time, by its own word.
TEST_F(CompareServersTest, PlansMeasuresAndJudges) {
  const v1::Comparison comparison = Go();
  EXPECT_THAT(plan_, HasSubstr("6 rounds"));
  EXPECT_EQ(comparison.outcome(), "complete");
  EXPECT_EQ(comparison.rounds_size(), 6);
  EXPECT_EQ(comparison.cells_size(), 1);
  EXPECT_TRUE(comparison.accuracy().unchanged());
  EXPECT_EQ(comparison.a().source(), a_.address);
}

TEST_F(CompareServersTest, WrongAnswersAlwaysConvict) {
  b_.benchmark.err_scaled = 1e6;
  const v1::Comparison comparison = Go();
  EXPECT_EQ(comparison.exit_code(), 4);
  EXPECT_EQ(comparison.verdict(), "ACCURACY");
}

TEST_F(CompareServersTest, AnArmThatEndsInARoundIsAResult) {
  int calls = 0;
  b_.benchmark.on_call = [&] {
    if (++calls == 1 + 3) b_.benchmark.silent = true;  // one is the rehearsal
  };
  const v1::Comparison comparison = Go();
  EXPECT_EQ(comparison.outcome(), "arm_failed");
  EXPECT_EQ(comparison.exit_code(), 1);
  EXPECT_EQ(comparison.rounds_size(), 2);
  EXPECT_THAT(comparison.why(), HasSubstr("round 3, B"));
}

TEST_F(CompareServersTest, WhatCannotBeMeasuredIsFoundByTheRehearsal) {
  b_.benchmark.on_call = [&] { b_.benchmark.silent = true; };
  const v1::Comparison comparison = Go();
  EXPECT_EQ(comparison.verdict(), "FAILED");
  EXPECT_EQ(comparison.exit_code(), 1);
  EXPECT_EQ(comparison.rounds_size(), 0);
  EXPECT_THAT(comparison.why(), ::testing::StartsWith("rehearsal, B (" + b_.address));
  EXPECT_EQ(plan_, "");
}

TEST_F(CompareServersTest, AnArmThatIsNotThereIsAResult) {
  b_.Stop();
  const v1::Comparison comparison = CompareServers(
      what_,
      {.a = a_.address, .b = b_.address, .start_seconds = 0.3, .stop = [] { return false; }});
  EXPECT_EQ(comparison.verdict(), "FAILED");
  EXPECT_EQ(comparison.exit_code(), 1);
  EXPECT_EQ(comparison.outcome(), "arm_failed");
  EXPECT_THAT(comparison.why(), ::testing::StartsWith("B: "));
  EXPECT_EQ(comparison.b().source(), b_.address) << "it is not described, but named";
  EXPECT_GT(comparison.duration_seconds(), 0);
}

TEST_F(CompareServersTest, WhoStopsItBeforehandInterruptsIt) {
  a_.stop = true;
  EXPECT_EQ(Go().exit_code(), 130);
}

TEST_F(CompareServersTest, CellsThatDoNotFitAreFoundBeforehand) {
  what_.policy.mutable_cells(0)->set_key(0, "norm/rms?impl=torch&shape=8x4x");
  EXPECT_THAT(std::string(DescribePlan(what_.policy).status().message()), HasSubstr("cells[0]"));
  b_.Stop();  // nobody asks it
  const v1::Comparison comparison = Go();
  EXPECT_EQ(comparison.outcome(), "refused");
  EXPECT_EQ(comparison.verdict(), "CONFIGURATION");
  EXPECT_EQ(comparison.exit_code(), 2);
  EXPECT_THAT(comparison.why(), HasSubstr("cells[0]"));
}

// Before anybody asks them it is not known on what they compute.
TEST_F(CompareServersTest, CellsThatDoNotFitTheServersDevicesAreRefused) {
  what_.policy.mutable_metrics(0)->set_cells("dev=cuda:0");
  const v1::Comparison comparison = Go();
  EXPECT_EQ(comparison.verdict(), "CONFIGURATION");
  EXPECT_THAT(comparison.why(), HasSubstr("dev=cuda:0"));
  EXPECT_EQ(comparison.a().server().host(), "another-host") << "it was asked";
  EXPECT_TRUE(a_.benchmark.batch_sizes().empty());
}

// 18 visits of 0.11 s would fit, if servers were no slower than that.
TEST_F(CompareServersTest, APlanThatDoesNotFitIsRefusedAfterASecondRehearsal) {
  a_.benchmark.on_call =
      b_.benchmark.on_call = [] { std::this_thread::sleep_for(std::chrono::milliseconds(200)); };
  what_.policy.set_budget_seconds(2.2);
  const v1::Comparison comparison = Go();
  EXPECT_EQ(comparison.verdict(), "CONFIGURATION") << comparison.why();
  EXPECT_EQ(comparison.exit_code(), 2);
  EXPECT_THAT(comparison.why(), HasSubstr("budget_seconds: 2.2"));
  EXPECT_EQ(a_.benchmark.batch_sizes().size(), 2U);
  EXPECT_EQ(plan_, "");
}

TEST_F(CompareServersTest, ShowsHowMuchThereIsToDo) {
  double now = 0;
  std::ostringstream out;
  Progress progress(out, {.now = [&now] { return now += 10; }});
  CompareServers(what_, {.a = a_.address,
                         .b = b_.address,
                         .stop = [this] { return a_.stop.load(); },
                         .progress = &progress});
  EXPECT_THAT(out.str(), HasSubstr("[2/2] "));
  EXPECT_THAT(out.str(), HasSubstr("[1/18] "));
  EXPECT_THAT(out.str(), HasSubstr("[18/18] "));
}

}  // namespace
}  // namespace normbench
