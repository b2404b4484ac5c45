// SPDX-License-Identifier: Apache-2.0
#include "bench/stats/pairs.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace normbench {
namespace {

using ::testing::DoubleEq;

// An arm that returns `values` in order and writes its name into `order`.
Arm Scripted(std::vector<double> values, char name, std::string& order) {
  return [values, name, &order, next = size_t{0}]() mutable -> absl::StatusOr<double> {
    order += name;
    return values[next++];
  };
}

TEST(RunPairs, AlternatesWhichArmIsFirstAndDividesPairByPair) {
  std::string order;
  const auto ratio = RunPairs(6, Scripted({2, 4, 6, 8, 10, 12}, 'a', order),
                              Scripted({1, 1, 1, 1, 1, 1}, 'b', order));
  ASSERT_TRUE(ratio.ok());
  EXPECT_EQ(order, "abbaabbaabba");
  EXPECT_THAT(ratio->ratio, DoubleEq(6));  // nearest rank 3 of 6
  EXPECT_THAT(ratio->low, DoubleEq(2));    // 6 values bound their median at 96.9 %
  EXPECT_THAT(ratio->high, DoubleEq(12));
  EXPECT_EQ(ratio->pairs, 6);
}

TEST(RunPairs, FiveAreTooFewForAnInterval) {
  std::string order;
  const std::vector<double> ones(5, 1.0);
  EXPECT_TRUE(absl::IsInvalidArgument(
      RunPairs(5, Scripted(ones, 'a', order), Scripted(ones, 'b', order)).status()));
}

TEST(RunPairs, TheFirstFailureEndsIt) {
  std::string order;
  const Arm broken = []() -> absl::StatusOr<double> { return absl::UnavailableError("gone"); };
  EXPECT_EQ(RunPairs(6, Scripted({1}, 'a', order), broken).status().message(), "gone");
  EXPECT_EQ(order, "a");
}

TEST(RatioOfPairs, DividesPairByPair) {
  const auto ratio =
      RatioOfPairs(std::vector<double>{2, 4, 6, 8, 10, 12}, std::vector<double>{2, 2, 2, 2, 2, 2});
  ASSERT_TRUE(ratio.ok());
  EXPECT_THAT(ratio->ratio, DoubleEq(3));
  EXPECT_THAT(ratio->a, DoubleEq(6));
  EXPECT_THAT(ratio->b, DoubleEq(2));
}

TEST(JudgeRatio, MetByTheMedianMissedByTheWholeInterval) {
  const PairedRatio ratio{.ratio = 1.3, .low = 1.1, .high = 1.5};
  EXPECT_EQ(JudgeRatio(ratio, Better::kLower, 1.4), "met");
  EXPECT_EQ(JudgeRatio(ratio, Better::kLower, 1.2), "undecided");
  EXPECT_EQ(JudgeRatio(ratio, Better::kLower, 1.0), "missed");
  EXPECT_EQ(JudgeRatio(ratio, Better::kHigher, 1.2), "met");
  EXPECT_EQ(JudgeRatio(ratio, Better::kHigher, 1.4), "undecided");
  EXPECT_EQ(JudgeRatio(ratio, Better::kHigher, 1.6), "missed");
}

}  // namespace
}  // namespace normbench
