// SPDX-License-Identifier: Apache-2.0
#include "bench/load/rate_search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace normbench {
namespace {

using ::testing::ElementsAre;

struct Search {
  std::vector<double> tried;
  std::optional<double> best;
};

// Every rate up to `limit` holds.
Search Find(double limit, const RateSearchOptions& options) {
  RateSearch search(options);
  Search found;
  while (const std::optional<double> rate = search.Next()) {
    found.tried.push_back(*rate);
    search.Judge(*rate <= limit);
  }
  found.best = search.best();
  return found;
}

TEST(RateSearch, DoublesThenBisects) {
  const Search found = Find(500, {.first = 100, .resolution = 0.1});
  EXPECT_THAT(found.tried, ElementsAre(100, 200, 400, 800, 566, 476, 519, 519));
  EXPECT_EQ(found.best, 476);
}

TEST(RateSearch, HalvesWhereTheFirstFails) {
  const Search found = Find(30, {.first = 100, .resolution = 0.5});
  EXPECT_THAT(found.tried, ElementsAre(100, 50, 25, 35.4, 35.4));
  EXPECT_EQ(found.best, 25);
}

TEST(RateSearch, EndsWithinTheResolutionOfTheLimit) {
  for (const double limit : {0.37, 1.0, 12.3, 999.0, 4321.0, 87654.0}) {
    const Search found = Find(limit, {.first = 50, .resolution = 0.05});
    ASSERT_TRUE(found.best.has_value()) << limit;
    EXPECT_LE(*found.best, limit);
    EXPECT_GE(*found.best * 1.0501, limit);
    EXPECT_LT(found.tried.size(), 20u);
  }
}

TEST(RateSearch, StaysWithinItsEnds) {
  EXPECT_FALSE(Find(0, {.first = 1, .lowest = 0.2}).best.has_value());
  EXPECT_THAT(Find(0, {.first = 1, .lowest = 0.2}).tried, ElementsAre(1, 0.5, 0.25, 0.2, 0.2));
  const Search all = Find(1e9, {.first = 1, .highest = 5});
  EXPECT_THAT(all.tried, ElementsAre(1, 2, 4, 5));
  EXPECT_EQ(all.best, 5);
  EXPECT_EQ(Find(4.5, {.first = 1, .highest = 5}).best, 4.47) << "above the last doubling";
}

// A machine that is slow for a while makes rates fail that hold as a rule.
TEST(RateSearch, GoesOnUpwardsWhereTheSecondLookHolds) {
  for (const int disturbed : {2, 3, 4, 5}) {
    RateSearch search({.first = 100, .resolution = 0.1});
    int looks = 0;
    bool second_look = false;
    while (const std::optional<double> rate = search.Next()) {
      second_look = search.is_second_look();
      search.Judge(*rate <= 500 && looks++ != disturbed);
    }
    EXPECT_LE(*search.best(), 500);
    EXPECT_GE(*search.best() * 1.1, 500) << disturbed;
    EXPECT_TRUE(second_look) << "the last one, at the rate that failed";
  }
}

TEST(RateSearch, GoesOnBelowARateThatIsWithdrawn) {
  RateSearch search({.first = 100, .resolution = 0.1});
  std::vector<double> tried;
  // 476 held by luck: the limit is 450.
  for (const double limit : {500.0, 450.0}) {
    while (const std::optional<double> rate = search.Next()) {
      tried.push_back(*rate);
      search.Judge(*rate <= limit);
    }
    if (limit == 500) search.Withdraw();
  }
  EXPECT_THAT(tried, ElementsAre(100, 200, 400, 800, 566, 476, 519, 519, 309, 384, 428, 451, 451))
      << "400 held in the same moments as 476: it is not taken as held";
  EXPECT_EQ(search.best(), 428);
}

TEST(RateSearch, AResolutionBelowThreeDigitsEnds) {
  EXPECT_EQ(Find(123, {.first = 100, .resolution = 1e-9}).best, 123);
}

}  // namespace
}  // namespace normbench
