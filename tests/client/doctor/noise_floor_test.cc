// SPDX-License-Identifier: Apache-2.0
#include "client/doctor/noise_floor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace normbench {
namespace {

using ::testing::ElementsAre;

// Work that takes as long as it says, on a clock of its own.
class NoiseFloorTest : public ::testing::Test {
 protected:
  Work Takes(const std::string& name, std::function<double()> seconds) {
    return {name, [this, name, seconds = std::move(seconds)] {
              clock_ += seconds();
              ++pieces_;
              if (visits_.empty() || visits_.back() != name) visits_.push_back(name);
              return absl::OkStatus();
            }};
  }

  std::vector<NoiseRow> Measure(const std::vector<Work>& works, int most_pieces = 1'000'000) {
    const auto rows = MeasureNoise(works, {.seconds = 1,
                                           .stop = [=, this] { return pieces_ >= most_pieces; },
                                           .now = [this] { return clock_; }});
    EXPECT_TRUE(rows.ok()) << rows.status();
    return rows.ok() ? *rows : std::vector<NoiseRow>();
  }

  double clock_ = 0;
  int pieces_ = 0;
  std::vector<std::string> visits_;
};

TEST_F(NoiseFloorTest, WorkThatIsAlwaysTheSameHasNone) {
  const auto rows = Measure({Takes("steady", [] { return 0.001; })});
  ASSERT_EQ(rows.size(), 2);
  for (const NoiseRow& row : rows) {
    EXPECT_EQ(row.work, "steady");
    EXPECT_GE(row.pairs, 15);
    EXPECT_LE(row.pairs, 20);
    EXPECT_NEAR(row.seconds, 0.001, 1e-9);
    EXPECT_NEAR(row.sd.value_or(1), 0, 1e-9);
  }
  EXPECT_EQ(rows[0].figure, "p50");
  EXPECT_EQ(rows[1].figure, "mean");
}

// The later window of a pair is always slower, always by the same.
TEST_F(NoiseFloorTest, DriftIsNoise) {
  const auto rows = Measure({Takes("drift", [this] { return 0.0005 * std::exp(clock_); })});
  ASSERT_EQ(rows.size(), 2);
  EXPECT_NEAR(*rows[0].sd, 1.4826 * 0.025, 0.003) << "a window is 25 ms";
  EXPECT_NEAR(*rows[1].sd, 1.4826 * 0.025, 0.003);
}

TEST_F(NoiseFloorTest, RareWaitsAreInTheMeanAndNotInTheMedian) {
  const auto rows = Measure({Takes("waits", [this] { return pieces_ % 67 == 0 ? 0.011 : 0.001; })});
  ASSERT_EQ(rows.size(), 2);
  EXPECT_NEAR(*rows[0].sd, 0, 1e-9);
  EXPECT_GT(*rows[1].sd, 0.1);
}

TEST_F(NoiseFloorTest, ArmsVisitAllWorksInTurn) {
  const auto rows = Measure({Takes("a", [] { return 0.001; }), Takes("b", [] { return 0.002; })});
  ASSERT_EQ(rows.size(), 4);
  EXPECT_EQ(rows[1].work, "a");
  EXPECT_EQ(rows[2].work, "b");
  EXPECT_NEAR(rows[2].seconds, 0.002, 1e-9);
  EXPECT_EQ(visits_.size(), 2 + 4 * static_cast<size_t>(rows[0].pairs)) << "once to warm up";
  for (size_t i = 0; i < visits_.size(); ++i) EXPECT_EQ(visits_[i], i % 2 == 0 ? "a" : "b");
}

TEST_F(NoiseFloorTest, EndsInTime) {
  Measure({Takes("steady", [] { return 0.003; })});
  EXPECT_GT(clock_, 0.8);
  EXPECT_LE(clock_, 1 + 2 * 0.003);
}

TEST_F(NoiseFloorTest, EndsWhenAskedTo) {
  const auto rows = Measure({Takes("steady", [] { return 0.001; })}, /*most_pieces=*/100);
  EXPECT_EQ(pieces_, 100);
  EXPECT_EQ(rows[0].pairs, 1) << "20 to warm up, two windows of 25, and a third";
}

TEST_F(NoiseFloorTest, SaysNothingWithoutAPair) {
  const auto rows = Measure({Takes("steady", [] { return 0.001; })}, /*most_pieces=*/1);
  ASSERT_EQ(rows.size(), 2);
  EXPECT_EQ(rows[0].pairs, 0);
  EXPECT_EQ(rows[0].seconds, 0);
  EXPECT_EQ(rows[0].sd, std::nullopt);
}

TEST_F(NoiseFloorTest, ReturnsWhatAWorkReturnsThatFails) {
  const std::vector<Work> works = {{"broken", [] { return absl::UnavailableError("gone"); }}};
  const auto rows = MeasureNoise(works, {.seconds = 1});
  EXPECT_EQ(rows.status(), absl::UnavailableError("gone"));
}

TEST(DeviationOfLogRatiosTest, IsThatOfNormalValuesAroundOne) {
  const std::vector<double> a = {1, 2, 4};
  const std::vector<double> b = {std::exp(0.1), 2, 4 * std::exp(-0.1)};
  EXPECT_NEAR(*DeviationOfLogRatios(a, b), 0.14826, 1e-12);
  const std::vector<double> all_slower = {std::exp(0.1), 2 * std::exp(0.1), 4 * std::exp(0.1)};
  EXPECT_NEAR(*DeviationOfLogRatios(a, all_slower), 0.14826, 1e-12);
}

TEST(DeviationOfLogRatiosTest, OneDisturbedPairHardlyCounts) {
  const std::vector<double> a = {1, 1, 1, 1, 1};
  const std::vector<double> b = {1.01, 0.99, 1.01, 0.99, 50};
  EXPECT_LT(*DeviationOfLogRatios(a, b), 0.03);
}

TEST(DeviationOfLogRatiosTest, EqualPairsDoNotHideTheOthers) {
  const std::vector<double> a = {1, 1, 1, 1};
  const std::vector<double> b = {1, 1, 1, std::exp(0.4)};
  EXPECT_NEAR(*DeviationOfLogRatios(a, b), 0.2, 1e-12);
}

TEST(DeviationOfLogRatiosTest, NeedsAPair) {
  EXPECT_EQ(DeviationOfLogRatios({}, {}), std::nullopt);
}

}  // namespace
}  // namespace normbench
