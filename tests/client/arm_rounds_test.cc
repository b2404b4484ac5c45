// SPDX-License-Identifier: Apache-2.0
#include "client/arm_rounds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "bench/gate/pair_series.h"
#include "bench/report/case_key.h"
#include "tests/bench/run/fake_server.h"

namespace normbench {
namespace {

using ::testing::AllOf;
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

  ArmOptions Options() {
    return {.a = a_.address, .b = b_.address, .start_seconds = 2, .stop = [this] {
              return a_.stop.load();
            }};
  }

  ArmRounds Rounds() { return Rounds(Options()); }

  ArmRounds Rounds(const ArmOptions& options) {
    ArmRounds rounds(options);
    rounds.SetCells(&cells_);
    return rounds;
  }

  void MeasureOnly(const std::string& key) {
    Case& c = cells_[0].c;
    c.key = key;
    c.spec = *ParseCaseKey(key);
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

// Each visit has a connection of its own; x of all that came over it is the payload, their number
// is the schedule's, which is random but for its seed.
TEST_F(ArmRoundsTest, AllArmsOfARoundGetTheSameAndEachRoundSomethingElse) {
  MeasureOnly("service/rms?impl=torch&shape=8x4&arrivals=poisson:500");
  cells_[0].c.seconds = 0.2;
  std::set<size_t> counts;
  size_t visits = 0;
  ArmRounds rounds = Rounds();
  std::set<std::string> seen;
  for (int number = 1; number <= 3; ++number) {
    const auto round = rounds.Measure({.number = number, .phase = "main", .cells = {0}});
    ASSERT_TRUE(round.ok()) << round.status();
    std::vector<std::multiset<std::string>> received;
    for (FakeServer* server : {&a_, &b_}) {
      for (const auto& [peer, requests] : server->normalization.received()) {
        if (seen.insert(peer).second) received.push_back(requests);
      }
    }
    ASSERT_EQ(received.size(), 3U);
    EXPECT_GT(received[0].size(), 50U);
    EXPECT_EQ(received[0], received[1]);
    EXPECT_EQ(received[0], received[2]);
    counts.insert(received[0].size());
    visits += received.size();
  }
  EXPECT_EQ(visits, 9U);
  EXPECT_GT(counts.size(), 1U) << "three rounds with one schedule";
}

TEST_F(ArmRoundsTest, KnowsWhichImagesAreWrong) {
  const std::string data =
      WriteNpy("arm_rounds_x.npy", "<f4", "(3, 2)", BytesOf<float>({0, 1, 1, 0, 0, 1}));
  const std::string labels =
      WriteNpy("arm_rounds_y.npy", "<i8", "(3,)", BytesOf<int64_t>({1, 0, 0}));
  MeasureOnly("model/toy?data=" + data + "&labels=" + labels + "&request_batch=1&in_flight=1");
  ArmRounds rounds = Rounds();
  const auto round = rounds.Measure({.number = 1, .phase = "main", .cells = {0}});
  ASSERT_TRUE(round.ok()) << round.status();
  for (const v1::ArmVisit& visit : round->visits()) {
    EXPECT_THAT(visit.cells(0).accuracy().wrong(), ::testing::ElementsAre(2)) << visit.arm();
  }
}

TEST_F(ArmRoundsTest, ASilentServerHasWhatIsLeftOfTheBudget) {
  b_.benchmark.hang = true;
  ArmOptions options = Options();
  options.budget_seconds = 0;
  options.patience_seconds = 0.2;
  ArmRounds over = Rounds(options);
  const auto round = over.Measure({.number = 3, .phase = "main", .cells = {0}});
  EXPECT_TRUE(absl::IsUnavailable(round.status()));
  EXPECT_THAT(std::string(round.status().message()),
              AllOf(HasSubstr("round 3, B (" + b_.address), HasSubstr("said nothing for 0.2 s")));
  options.budget_seconds = 1;
  options.patience_seconds = 0;
  ArmRounds some = Rounds(options);
  EXPECT_THAT(std::string(some.Rehearse("B", cells_).status().message()),
              ::testing::ContainsRegex("said nothing for [0-4]"));
}

TEST_F(ArmRoundsTest, ShowsEachPhaseFromItsBeginning) {
  double now = 0;
  std::ostringstream out;
  Progress progress(out, {.now = [&now] { return now += 10; }});
  ArmOptions options = Options();
  options.progress = &progress;
  ArmRounds rounds = Rounds(options);
  const auto lines_of = [&](const RoundRequest& request) {
    out.str("");
    EXPECT_TRUE(rounds.Measure(request).ok());
    return out.str();
  };
  const std::string first =
      lines_of({.number = 1, .phase = "main", .cells = {0}, .left = 2, .left_seconds = 60});
  EXPECT_THAT(first,
              AllOf(HasSubstr("[1/6] about 1m"), HasSubstr("[3/6] "), HasSubstr("round 1 ")));
  // The first one does not count: there are two to come again, of which one was announced.
  EXPECT_THAT(lines_of({.number = 2, .phase = "main", .cells = {0}, .left = 2}),
              HasSubstr("[6/6] "));
  EXPECT_THAT(lines_of({.number = 3, .phase = "main", .cells = {0}, .left = 1}),
              AllOf(HasSubstr("[1/3] "), HasSubstr("[3/3] ")));
  EXPECT_THAT(
      lines_of({.number = 4, .phase = "extension", .cells = {0}, .left = 5, .left_seconds = 90}),
      AllOf(HasSubstr("[1/15] about 1m"), HasSubstr("[3/15] ")));
  EXPECT_THAT(lines_of({.number = 5, .phase = "confirmation", .cells = {0}, .left = 1}),
              AllOf(HasSubstr("[1/2] "), HasSubstr("[2/2] ")));
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
