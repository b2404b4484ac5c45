// SPDX-License-Identifier: Apache-2.0
#include "bench/run/find_max.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <thread>

#include "bench/report/case_key.h"
#include "bench/report/closed_probe.h"
#include "bench/report/format.h"
#include "bench/run/service_case.h"
#include "tests/bench/run/fake_server.h"

namespace normbench {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Property;

class FindMaxTest : public ::testing::Test {
 protected:
  FindMaxTest() {
    c_.key = "service/rms?shape=1x4";
    c_.spec = *ParseCaseKey(c_.key);
    c_.warmup_seconds = 0;
    c_.seconds = 0.05;
    // As if it had been measured: the rates that are tried do not depend on the machine.
    session_.maxima->emplace(ClosedProbe(c_).key, 800);
  }

  v1::CaseResult Find(const std::string& goal) {
    session_.find_max = *ParseMaxGoal(goal);
    return RunServiceCase(c_, session_).result;
  }

  Case c_;
  FakeServer server_;
  Session session_ = server_.session();
};

TEST_F(FindMaxTest, EndsAtTwiceTheMaximumWhereEverythingHolds) {
  const v1::CaseResult result = Find("p50<60s");
  ASSERT_EQ(result.status(), "ok") << result.error();
  EXPECT_EQ(result.find_max().text(), "p50<60s");
  EXPECT_EQ(result.find_max().rate(), 1600);
  ASSERT_EQ(result.find_max().steps_size(), 5) << "100, 200, 400, 800, 1600";
  EXPECT_EQ(result.find_max().steps(1).rate(), 200);
  EXPECT_THAT(result.find_max().steps(), Each(Property(&v1::FindMaxStep::verdict, "holds")));
  EXPECT_GE(result.find_max().steps(0).requests(), 7) << "p50 needs seven at 99 %";
  EXPECT_EQ(result.find_max().steps(0).looks(), 1);
  EXPECT_THAT(result.key(), HasSubstr("arrivals=poisson:1600"));
  EXPECT_EQ(result.service().load().arrivals(), "poisson:1600");
  EXPECT_TRUE(result.has_open_loop()) << "the case at that rate, measured afresh";
}

TEST_F(FindMaxTest, SaysThatNothingHolds) {
  const v1::CaseResult result = Find("p50<1ns");
  EXPECT_EQ(result.status(), "ok") << result.error();
  EXPECT_FALSE(result.find_max().has_rate());
  EXPECT_EQ(result.find_max().steps(0).verdict(), "fails");
  EXPECT_EQ(result.find_max().steps(0).looks(), 1);
  const v1::FindMaxStep& last = *result.find_max().steps().rbegin();
  EXPECT_EQ(last.looks(), 2) << "one disturbance is not enough";
  EXPECT_EQ(last.rate(), result.find_max().steps(result.find_max().steps_size() - 2).rate());
  ASSERT_EQ(result.expectations_size(), 1);
  EXPECT_EQ(result.expectations(0).text(), "p50<1ns");
  EXPECT_FALSE(result.expectations(0).holds());
}

// One in six of the requests of a loop that is reported is refused: progress is told every 0.25 s.
class DisturbedFindMaxTest : public FindMaxTest {
 protected:
  DisturbedFindMaxTest() {
    c_.seconds = 0.5;
    session_.observe = [this](const LoopProgress& progress) {
      if (times_ == 0 || progress.fraction > 0.8) return;
      server_.normalization.refuse = 140;
      --times_;
    };
  }

  int times_ = 1;
};

TEST_F(DisturbedFindMaxTest, GoesOnBelowARateThatDoesNotHoldInTheEnd) {
  const v1::CaseResult result = Find("p90<60s");
  ASSERT_EQ(result.status(), "ok") << result.error();
  const auto& steps = result.find_max().steps();
  ASSERT_GT(steps.size(), 6);  // 100, 200, 400, 800, 1600, and there
  EXPECT_EQ(steps[5].rate(), 1600);
  EXPECT_EQ(steps[5].verdict(), "fails");
  EXPECT_EQ(steps[6].rate(), 1130);
  EXPECT_EQ(steps[6].verdict(), "holds");
  EXPECT_GE(result.find_max().rate(), 1130);
  EXPECT_LT(result.find_max().rate(), 1600);
  EXPECT_TRUE(result.expectations().empty());
}

TEST_F(DisturbedFindMaxTest, WithoutTimeForMoreItReportsTheNextBest) {
  // Over in the loop that is reported, after five of half a second.
  session_.find_max_seconds = 2.7;
  const v1::CaseResult result = Find("p90<60s");
  ASSERT_EQ(result.status(), "ok") << result.error();
  const v1::FindMax& found = result.find_max();
  EXPECT_TRUE(found.cut());
  ASSERT_TRUE(found.has_rate());
  EXPECT_LT(found.rate(), 1600);
  EXPECT_EQ(result.service().load().arrivals(), "poisson:" + FormatNumber(found.rate()));
  EXPECT_TRUE(result.expectations().empty());
}

TEST_F(DisturbedFindMaxTest, ARateThatNeverHoldsInTheEndIsAMissedExpectation) {
  times_ = std::numeric_limits<int>::max();
  const v1::CaseResult result = Find("p90<60s");
  ASSERT_EQ(result.status(), "ok") << result.error();
  const v1::FindMaxStep& last = *result.find_max().steps().rbegin();
  EXPECT_NE(last.verdict(), "holds");
  EXPECT_FALSE(result.find_max().has_rate());
  EXPECT_FALSE(result.find_max().cut());
  ASSERT_EQ(result.expectations_size(), 1);
  EXPECT_FALSE(result.expectations(0).holds());
  EXPECT_THAT(result.expectations(0).observed(), HasSubstr("held, but not when measured afresh"));
}

TEST_F(FindMaxTest, EndsWhenItsTimeIsOver) {
  session_.find_max_seconds = 1e-3;
  c_.seconds = 1;  // a hundred requests: seven independent ones are among them
  const v1::CaseResult result = Find("p50<60s");
  EXPECT_EQ(result.find_max().steps_size(), 1);
  EXPECT_EQ(result.find_max().rate(), 100);
  EXPECT_TRUE(result.find_max().cut());
  EXPECT_EQ(result.status(), "ok") << "measured afresh nevertheless";
}

// Time for one loop, and nothing that 50 ms could show of one request in a thousand.
TEST_F(FindMaxTest, WhatIsUndecidedWhenItsTimeIsOverIsNoRate) {
  session_.find_max_seconds = 1e-3;
  session_.find_max = *ParseMaxGoal("p999<60s");
  session_.maxima->begin()->second = 1e6;  // the loop takes no longer for it
  server_.normalization.refuse = 1;
  const v1::CaseResult result = Find("p999<60s");
  ASSERT_EQ(result.status(), "ok") << result.error();
  EXPECT_EQ(result.find_max().steps(0).verdict(), "undecided");
  EXPECT_FALSE(result.find_max().has_rate());
  EXPECT_TRUE(result.find_max().cut());
  ASSERT_EQ(result.expectations_size(), 1);
  EXPECT_THAT(result.expectations(0).observed(), HasSubstr("no rate is decided"));
}

// Ctrl-C in the third loop, as a rule the one at 400 requests a second.
TEST_F(FindMaxTest, WhatWasFoundUntilItWasToldToStopIsReported) {
  c_.seconds = 0.5;
  session_.stop = [this] { return server_.normalization.calls > 250; };
  const v1::CaseResult result = Find("p50<60s");
  EXPECT_EQ(result.status(), "interrupted");
  EXPECT_GE(result.find_max().rate(), 100) << "200, unless that took a second loop";
  EXPECT_TRUE(result.find_max().cut());
  EXPECT_TRUE(result.expectations().empty());
}

TEST_F(FindMaxTest, StopsWhenItIsTold) {
  server_.stop = true;
  EXPECT_EQ(Find("p50<60s").status(), "skipped");
}

// Else one rate after the other is tried on a server that is gone, and none holds.
TEST_F(FindMaxTest, AServerThatDiesEndsTheSearch) {
  std::thread killer([&] {
    while (server_.normalization.calls < 30) std::this_thread::yield();
    server_.Stop();
  });
  session_.find_max = *ParseMaxGoal("p50<60s");
  c_.seconds = 0.5;
  const CaseRun run = RunServiceCase(c_, session_);
  killer.join();
  EXPECT_TRUE(run.lost);
  EXPECT_EQ(run.result.status(), "failed");
  EXPECT_EQ(run.result.error_code(), "UNAVAILABLE");
  EXPECT_THAT(run.result.error(), HasSubstr("lost during the search"));
  EXPECT_FALSE(run.result.has_find_max());
}

TEST_F(FindMaxTest, WithoutASearchTheCaseIsMeasuredAsItIs) {
  const v1::CaseResult result = RunServiceCase(c_, session_).result;
  EXPECT_FALSE(result.has_find_max());
  EXPECT_FALSE(result.has_open_loop());
}

}  // namespace
}  // namespace normbench
