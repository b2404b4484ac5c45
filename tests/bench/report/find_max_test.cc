// SPDX-License-Identifier: Apache-2.0
#include "bench/report/find_max.h"

#include "bench/report/case_key.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace normbench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Case Of(const std::string& key) {
  Case c;
  c.key = key;
  c.spec = *ParseCaseKey(key);
  return c;
}

v1::FindMax Found(const std::string& text) {
  v1::FindMax found;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &found)) << text;
  return found;
}

void AddStep(double rate, const char* verdict, v1::FindMax* found) {
  v1::FindMaxStep* step = found->add_steps();
  step->set_rate(rate);
  step->set_verdict(verdict);
}

TEST(ParseMaxGoal, TakesAnUpperLimitOfAQuantile) {
  const auto goal = ParseMaxGoal("p99<20ms");
  ASSERT_TRUE(goal.ok()) << goal.status();
  EXPECT_EQ(goal->text, "p99<20ms");
  EXPECT_EQ(goal->q, 0.99);
  EXPECT_DOUBLE_EQ(goal->limit, 0.02);
  EXPECT_EQ(ParseMaxGoal("p999 <= 1s")->q, 0.999);
  for (const char* text : {"p99>20ms", "p99==20ms", "mean<1ms", "errors<1", "p99<0ms"}) {
    EXPECT_THAT(std::string(ParseMaxGoal(text).status().message()), HasSubstr("allowed: p50"))
        << text;
  }
  EXPECT_THAT(std::string(ParseMaxGoal("p99<20").status().message()), HasSubstr("unit ''"));
}

TEST(AtRate, IsTheSameCaseAsAnOpenLoop) {
  Case limited = Of("model/m?data=d.npy");
  limited.max_requests = 200;
  EXPECT_EQ(AtRate(limited, 412).max_requests, 0);
  EXPECT_EQ(AtRate(Of("model/m?data=d.npy&in_flight=8"), 412).key,
            "model/m?data=d.npy&request_batch=1&in_flight=1024&arrivals=poisson:412");
  EXPECT_EQ(
      AtRate(Of("service/rms?shape=1x4&in_flight=64&arrivals=constant:5&deadline=0.02"), 1.5).key,
      "service/rms?impl=auto&shape=1x4&dtype=f32&layout=nchw&dev=auto&in_flight=64"
      "&arrivals=poisson:1.5&deadline=0.02");
}

TEST(AddToStep, CountsWhatIsOverTheLimitAndJudges) {
  const MaxGoal goal = *ParseMaxGoal("p99<20ms");
  OpenLoopResult loop;
  for (int i = 0; i < 600; ++i) loop.recorder.Add({.latency_seconds = 0.019});
  v1::FindMaxStep step;
  AddToStep(loop, goal, &step);
  EXPECT_EQ(step.requests(), 600);
  EXPECT_EQ(step.over(), 0);
  EXPECT_EQ(step.verdict(), "holds") << "459 without one over are enough";
  loop.recorder.Add({.latency_seconds = 0.019, .lag_seconds = 0.002});  // from its scheduled send
  loop.recorder.Add({.latency_seconds = 0.001, .code = 14});
  loop.recorder.Add({.latency_seconds = 9, .ragged = true});
  loop.errors = 1;
  loop.dropped = 1;
  v1::FindMaxStep other;
  AddToStep(loop, goal, &other);
  EXPECT_EQ(other.requests(), 603);
  EXPECT_EQ(other.over(), 3);
  EXPECT_EQ(other.verdict(), "undecided");
  EXPECT_GT(other.more(), 100);
  AddToStep(loop, goal, &other);
  EXPECT_EQ(other.requests(), 1206) << "the loops of one rate count together";
}

TEST(AddToStep, FailsAndSaysThatTheClientWasTheLimit) {
  OpenLoopResult loop;
  for (int i = 0; i < 200; ++i) loop.recorder.Add({.latency_seconds = 1e-3, .lag_seconds = 1});
  v1::FindMaxStep step;
  AddToStep(loop, *ParseMaxGoal("p99<20ms"), &step);
  EXPECT_EQ(step.verdict(), "fails");
  EXPECT_EQ(step.more(), 0);
  EXPECT_TRUE(step.client_limited());
}

TEST(AddToStep, MoreThanIsKeptIsCountedInTheHistogram) {
  OpenLoopResult loop;
  const int64_t all = static_cast<int64_t>(Recorder::kMaxSamples) + 100;
  for (int64_t i = 0; i < all; ++i) loop.recorder.Add({.latency_seconds = i % 1000 ? 0.01 : 0.03});
  v1::FindMaxStep step;
  AddToStep(loop, *ParseMaxGoal("p99<20ms"), &step);
  EXPECT_EQ(step.requests(), all);
  EXPECT_EQ(step.over(), (all + 999) / 1000);
  EXPECT_EQ(step.verdict(), "holds");
}

// Bursts of 100 over the limit: the share of them is small enough, their number is not.
TEST(AddToStep, RequestsThatWaitForOneAnotherCountAsFewer) {
  const MaxGoal goal = *ParseMaxGoal("p90<20ms");
  const auto loop_of = [](int burst) {
    OpenLoopResult loop;
    for (int i = 0; i < 2000; ++i) {
      loop.recorder.Add({.latency_seconds = i / burst % (1000 / burst) == 0 ? 0.03 : 0.01});
    }
    return loop;
  };
  v1::FindMaxStep bursts, single;
  AddToStep(loop_of(1), goal, &single);
  EXPECT_EQ(single.over(), 2);
  EXPECT_EQ(single.verdict(), "holds");
  AddToStep(loop_of(50), goal, &bursts);
  EXPECT_EQ(bursts.over(), 100);
  EXPECT_LT(bursts.n_eff(), 100);
  EXPECT_EQ(bursts.verdict(), "undecided") << "2000 independent ones would hold";
  EXPECT_GT(bursts.more(), 100) << "of real ones";
  EXPECT_GT(RequestsNeeded(goal, bursts), 800);
  EXPECT_EQ(RequestsNeeded(goal, v1::FindMaxStep()), 44);
}

// Most of the loop is slow: as independent requests these are few.
TEST(AddToStep, ADisturbanceFailsByTheCount) {
  OpenLoopResult loop;
  for (int i = 0; i < 200; ++i) loop.recorder.Add({.latency_seconds = 0.01});
  for (int i = 0; i < 300; ++i) loop.recorder.Add({.latency_seconds = 0.03});
  v1::FindMaxStep step;
  AddToStep(loop, *ParseMaxGoal("p50<20ms"), &step);
  EXPECT_LT(step.n_eff(), 7);
  EXPECT_EQ(step.verdict(), "fails");
  EXPECT_EQ(step.more(), 0);
}

// Nothing is over the limit, but the queue grows all the time.
TEST(AddToStep, ASeriesThatOnlyRisesIsWorthFew) {
  OpenLoopResult loop;
  for (int i = 0; i < 2000; ++i) loop.recorder.Add({.latency_seconds = 1e-5 * i});
  v1::FindMaxStep step;
  AddToStep(loop, *ParseMaxGoal("p90<20ms"), &step);
  EXPECT_EQ(step.over(), 0);
  EXPECT_LT(step.n_eff(), 44);
  EXPECT_EQ(step.verdict(), "undecided");
}

constexpr char kSteps[] = R"(
  text: "p99<20ms" steps { rate: 100 verdict: "holds" } steps { rate: 400 verdict: "fails" }
  steps { rate: 200 verdict: "holds" } steps { rate: 210 verdict: "undecided" })";

TEST(JudgeFound, IsMissedWhereNoRateHolds) {
  v1::FindMax found = Found(kSteps);
  EXPECT_EQ(JudgeFound(found).text(), "p99<20ms");
  EXPECT_FALSE(JudgeFound(found).holds());
  EXPECT_EQ(JudgeFound(found).observed(), "not even 210 requests/s hold");
  found.set_rate(200);
  EXPECT_TRUE(JudgeFound(found).holds());
}

TEST(ReportedStep, IsTheOneThatHeldOrTheLowest) {
  v1::FindMax found = Found(R"(steps { rate: 8 verdict: "fails" looks: 1 }
    steps { rate: 4 verdict: "holds" } steps { rate: 8 verdict: "holds" looks: 2 })");
  EXPECT_EQ(ReportedStep(found).rate(), 4);
  found.set_rate(8);
  EXPECT_EQ(ReportedStep(found).looks(), 2);
}

TEST(FoundWords, SayWhatHoldsAndWhatDoesNot) {
  EXPECT_EQ(FoundWords(Found(R"(text: "p99<20ms" steps { rate: 50 verdict: "fails" }
                                steps { rate: 25 verdict: "undecided" })")),
            "p99<20ms: not even 25.0 requests/s hold; 2 rates tried");
  EXPECT_EQ(
      FoundWords(Found(R"(text: "p99<20ms" cut: true steps { rate: 50 verdict: "undecided" })")),
      "p99<20ms: no rate is decided; 1 rates tried, ended before the next rate was tried");
  v1::FindMax found = Found(kSteps);
  found.set_rate(200);
  EXPECT_EQ(FoundWords(found), "p99<20ms: 200 requests/s hold, 210 do not; 4 rates tried");
  found.set_rate(400);
  EXPECT_EQ(FoundWords(found), "p99<20ms: 400 requests/s hold; 4 rates tried");
  AddStep(205, "holds", &found);
  found.set_rate(200);
  EXPECT_EQ(FoundWords(found), "p99<20ms: 200 requests/s hold, 210 do not; 5 rates tried")
      << "205 held by luck";
  AddStep(200, "undecided", &found);
  found.clear_rate();
  EXPECT_EQ(FoundWords(found),
            "p99<20ms: 200 requests/s held, but not when measured afresh; 5 rates tried");
  found.set_cut(true);
  EXPECT_THAT(FoundWords(found), HasSubstr("5 rates tried, ended before the next"));
}

}  // namespace
}  // namespace normbench
