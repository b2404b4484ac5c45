// SPDX-License-Identifier: Apache-2.0
#include "client/arm_rounds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "bench/gate/pair_series.h"
#include "bench/report/case_key.h"
#include "tests/bench/run/fake_server.h"

namespace normbench {
namespace {

using ::testing::HasSubstr;

TEST(IsAddressTest, TellsAddressesFromCommands) {
  EXPECT_TRUE(IsAddress("127.0.0.1:8001"));
  EXPECT_TRUE(IsAddress("host:1"));
  EXPECT_FALSE(IsAddress("normbench-server"));
  EXPECT_FALSE(IsAddress("./normbench-server --listen 127.0.0.1:8001"));
  EXPECT_FALSE(IsAddress("/bin/server:1"));
}

class ArmRoundsTest : public ::testing::Test {
 protected:
  ArmRoundsTest() {
    GatedCell cell{.c = {.key = "norm/rms?impl=torch&shape=8x4", .spec = {}, .expect = {}},
                   .metrics = {}};
    cell.c.spec = *ParseCaseKey(cell.c.key);
    cell.c.seconds = 0.01;
    v1::GatedMetric metric;
    metric.set_metric("p50");
    metric.set_margin(0.05);
    cell.metrics.push_back(metric);
    cells_.push_back(cell);
  }

  ArmRounds Rounds() {
    ArmRounds rounds({.a = a_.address, .b = b_.address, .start_seconds = 2, .stop = [this] {
                        return a_.stop.load();
                      }});
    rounds.SetCells(&cells_);
    return rounds;
  }

  FakeServer a_, b_;
  std::vector<GatedCell> cells_;
};

TEST_F(ArmRoundsTest, VisitsEveryArmOnce) {
  b_.benchmark.err_scaled = 7;
  ArmRounds rounds = Rounds();
  const auto round = rounds.Measure({.number = 1, .phase = "main", .cells = {0}});
  ASSERT_TRUE(round.ok()) << round.status();
  ASSERT_EQ(round->visits_size(), 3);
  EXPECT_EQ(a_.benchmark.batch_sizes().size(), 2);
  EXPECT_EQ(b_.benchmark.batch_sizes().size(), 1);
  const v1::CellSample* a = SampleOf(*round, "A", cells_[0].c.key);
  const v1::CellSample* b = SampleOf(*round, "B", cells_[0].c.key);
  ASSERT_TRUE(a != nullptr && b != nullptr && SampleOf(*round, "A'", cells_[0].c.key) != nullptr);
  EXPECT_GT(a->metrics().at("p50"), 0);
  EXPECT_EQ(a->accuracy().err_scaled(), 1);
  EXPECT_EQ(b->accuracy().err_scaled(), 7);
  EXPECT_GT(round->visits(0).host().seconds(), 0);
}

TEST_F(ArmRoundsTest, RehearsesAnArm) {
  ArmRounds rounds = Rounds();
  const auto rehearsal = rounds.Rehearse("A", cells_);
  ASSERT_TRUE(rehearsal.ok()) << rehearsal.status();
  EXPECT_GT(rehearsal->visit_seconds, 0);
  EXPECT_GE(rehearsal->spent_seconds, rehearsal->visit_seconds);
  EXPECT_LE(rehearsal->spent_seconds, rounds.Seconds());
  ASSERT_EQ(rehearsal->rate.count(cells_[0].c.key), 1U);
  EXPECT_GT(rehearsal->rate.at(cells_[0].c.key), 0);
  EXPECT_EQ(a_.benchmark.batch_sizes().size(), 1);
  EXPECT_EQ(b_.benchmark.batch_sizes().size(), 0);
  b_.Stop();
  EXPECT_THAT(std::string(rounds.Rehearse("B", cells_).status().message()),
              HasSubstr("rehearsal, B (" + b_.address));
}

TEST_F(ArmRoundsTest, AConfirmationHasNoThirdArm) {
  ArmRounds rounds = Rounds();
  const auto round = rounds.Measure({.number = 4, .phase = "confirmation", .cells = {0}});
  ASSERT_TRUE(round.ok()) << round.status();
  EXPECT_EQ(round->visits_size(), 2);
}

TEST_F(ArmRoundsTest, NamesTheArmThatIsGone) {
  b_.Stop();
  ArmRounds rounds = Rounds();
  const auto round = rounds.Measure({.number = 7, .phase = "main", .cells = {0}});
  EXPECT_TRUE(absl::IsUnavailable(round.status()));
  EXPECT_THAT(std::string(round.status().message()), HasSubstr("round 7, B (" + b_.address));
}

TEST_F(ArmRoundsTest, IsStopped) {
  a_.benchmark.on_call = [this] { a_.stop = true; };
  ArmRounds rounds = Rounds();
  const auto round = rounds.Measure({.number = 1, .phase = "main", .cells = {0}});
  EXPECT_TRUE(absl::IsCancelled(round.status()));
}

TEST_F(ArmRoundsTest, DescribesAnArm) {
  a_.normalization.host = "over-there";
  ArmRounds rounds = Rounds();
  const auto facts = rounds.Describe("A");
  ASSERT_TRUE(facts.ok()) << facts.status();
  EXPECT_EQ(facts->info.server().host(), "over-there");
  EXPECT_EQ(facts->info.source(), a_.address);
  EXPECT_FALSE(facts->info.started_by_us());
  EXPECT_FALSE(facts->devices.empty());
}

}  // namespace
}  // namespace normbench
