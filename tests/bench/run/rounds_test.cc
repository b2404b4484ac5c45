// SPDX-License-Identifier: Apache-2.0
#include "bench/run/rounds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "bench/report/case_key.h"
#include "bench/report/closed_probe.h"
#include "tests/bench/run/fake_server.h"

namespace normbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class RoundsTest : public ::testing::Test {
 protected:
  RoundsTest() {
    for (const char* key : {"norm/rms?impl=torch&shape=1x4", "norm/rms?impl=torch&shape=8x4",
                            "norm/rms?impl=torch&shape=9x4"}) {
      Case c{.key = key, .spec = *ParseCaseKey(key), .expect = {"p50<1s"}};
      c.visits = 3;
      cases_.push_back(c);
    }
    cases_[1].visits = 1;
  }

  std::string Run() { return RunRounds(cases_, server_.session(), &report_); }

  std::vector<Case> cases_;
  FakeServer server_;
  v1::Report report_;
};

TEST_F(RoundsTest, VisitsEveryCaseInRounds) {
  EXPECT_EQ(Run(), "complete");
  EXPECT_THAT(server_.benchmark.batch_sizes(), ElementsAre(1, 8, 9, 1, 9, 1, 9));
  ASSERT_EQ(report_.cases_size(), 3);
  for (size_t i = 0; i < cases_.size(); ++i) {
    const v1::CaseResult& result = report_.cases(static_cast<int>(i));
    EXPECT_EQ(result.key(), cases_[i].key);
    EXPECT_EQ(result.status(), "ok");
    EXPECT_EQ(result.visits(), cases_[i].visits);
    EXPECT_EQ(result.latency_ok().p50().ci_scope(), i == 1 ? "process" : "visits");
    EXPECT_THAT(result.rerun(), HasSubstr(result.key()));
    EXPECT_EQ(result.expectations_size(), 1);
  }
}

TEST_F(RoundsTest, SharesOutWhatAKernelIsAskedFor) {
  cases_[0].seconds = 0.6;
  Run();
  const v1::MeasureBudget budget = server_.benchmark.budgets().front();
  EXPECT_DOUBLE_EQ(budget.seconds(), 0.2);
  EXPECT_EQ(budget.min_samples(), 20);
}

TEST_F(RoundsTest, TellsOfEveryVisitAndOfTheLastOnesResult) {
  Run();
  const std::string a = cases_[0].key, b = cases_[1].key, c = cases_[2].key;
  EXPECT_THAT(server_.watcher.started, ElementsAre(a, b, c, a, c, a, c));
  EXPECT_THAT(server_.watcher.finished, ElementsAre(b, a, c));
  EXPECT_EQ(server_.watcher.results[1].visits(), 3);
}

TEST_F(RoundsTest, TheRateThatWasFoundIsNoOtherCaseToWatchers) {
  Case c;
  c.key = "service/rms?shape=1x4";
  c.spec = *ParseCaseKey(c.key);
  c.seconds = 0.05;
  cases_ = {c};
  Session session = server_.session();
  session.find_max = *ParseMaxGoal("p50<60s");
  session.maxima->emplace(ClosedProbe(c).key, 50);
  RunRounds(cases_, session, &report_);
  EXPECT_THAT(report_.cases(0).key(), HasSubstr("arrivals=poisson:100"));
  EXPECT_THAT(server_.watcher.finished, ElementsAre(c.key));
}

TEST_F(RoundsTest, WhatFailedIsNotVisitedAgain) {
  Case c;
  c.key = "norm/rms?impl=nobody&shape=7x4";
  c.spec = *ParseCaseKey("norm/rms?impl=torch&shape=7x4");
  std::get<v1::NormCase>(c.spec).set_impl("nobody");
  c.visits = 3;
  cases_ = {c};
  EXPECT_EQ(Run(), "complete");
  EXPECT_THAT(server_.benchmark.batch_sizes(), ElementsAre(7));
  EXPECT_EQ(report_.cases(0).status(), "failed");
}

TEST_F(RoundsTest, AnInterruptedRunHasWhatTheVisitsFound) {
  int calls = 0;
  server_.benchmark.on_call = [&] { server_.stop = ++calls == 5; };  // in the second round
  EXPECT_EQ(Run(), "interrupted");
  EXPECT_EQ(report_.cases(0).status(), "interrupted");
  EXPECT_EQ(report_.cases(0).visits(), 2);
  EXPECT_GT(report_.cases(0).requests(), report_.cases(1).requests());
  EXPECT_EQ(report_.cases(1).status(), "ok");
  EXPECT_EQ(report_.cases(2).status(), "interrupted");
}

TEST_F(RoundsTest, ARunThatIsStoppedAtOnceSkipsAll) {
  server_.stop = true;
  EXPECT_EQ(Run(), "interrupted");
  for (const v1::CaseResult& result : report_.cases()) EXPECT_EQ(result.status(), "skipped");
}

TEST_F(RoundsTest, AServerThatIsLostEndsTheRounds) {
  server_.Stop();
  EXPECT_EQ(Run(), "server_lost");
  EXPECT_EQ(report_.cases(0).status(), "failed");
  EXPECT_EQ(report_.cases(1).status(), "skipped");
}

}  // namespace
}  // namespace normbench
