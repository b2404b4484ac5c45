// SPDX-License-Identifier: Apache-2.0
#include "bench/gate/visit_order.h"

#include <map>
#include <set>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace normbench {
namespace {

using Order = std::vector<std::string_view>;

TEST(VisitOrder, EverySixRoundsHaveEveryOrderOnce) {
  for (const int first : {1, 7, 61}) {
    std::set<Order> orders;
    for (int number = first; number < first + 6; ++number) {
      orders.insert(VisitOrder(1, number, /*with_floor=*/true));
    }
    EXPECT_EQ(orders.size(), 6U) << first;
    for (const Order& order : orders) {
      EXPECT_THAT(order, ::testing::UnorderedElementsAre("A", "A'", "B"));
    }
  }
}

TEST(VisitOrder, EachArmComesEquallyOftenInEachPlace) {
  std::map<std::pair<std::string_view, size_t>, int> places;
  for (int number = 1; number <= 12; ++number) {
    const Order order = VisitOrder(3, number, true);
    for (size_t place = 0; place < order.size(); ++place) ++places[{order[place], place}];
  }
  EXPECT_EQ(places.size(), 9U);
  for (const auto& [place, count] : places) EXPECT_EQ(count, 4) << place.first << place.second;
}

TEST(VisitOrder, WithoutFloorBothOrdersComeEquallyOften) {
  int a_first = 0;
  for (int number = 13; number <= 24; ++number) {
    const Order order = VisitOrder(1, number, /*with_floor=*/false);
    ASSERT_THAT(order, ::testing::UnorderedElementsAre("A", "B"));
    a_first += order.front() == "A" ? 1 : 0;
  }
  EXPECT_EQ(a_first, 6);
}

TEST(VisitOrder, DependsOnSeedAndNumberOnly) {
  std::set<std::vector<Order>> courses;
  for (int seed = 1; seed <= 20; ++seed) {
    std::vector<Order> course;
    for (int number = 1; number <= 12; ++number) course.push_back(VisitOrder(seed, number, true));
    for (int number = 12; number >= 1; --number) {
      EXPECT_EQ(VisitOrder(seed, number, true), course[static_cast<size_t>(number - 1)]);
    }
    courses.insert(course);
    EXPECT_NE(Order(course[0]), Order()) << seed;
  }
  EXPECT_EQ(courses.size(), 20U) << "720 orders of a block, twice";
}

TEST(VisitOrder, BlocksDiffer) {
  std::set<std::vector<Order>> blocks;
  for (int block = 0; block < 10; ++block) {
    std::vector<Order> orders;
    for (int i = 1; i <= 6; ++i) orders.push_back(VisitOrder(1, 6 * block + i, true));
    blocks.insert(orders);
  }
  EXPECT_GT(blocks.size(), 5U);
}

}  // namespace
}  // namespace normbench
