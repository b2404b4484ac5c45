// SPDX-License-Identifier: Apache-2.0
#include "server/exec/batch_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <vector>

namespace normbench {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;

const Deadline kStart{std::chrono::hours(1)};

class Item : public BatchItem {
 public:
  explicit Item(int number) : number(number) {}
  void Drop(const absl::Status&) override {}
  const int number;
};

class BatchQueueTest : public testing::Test {
 protected:
  BatchQueueTest() {
    rules_.max_samples = 8;
    rules_.joins = true;
  }

  struct Options {
    int64_t samples = 1;
    int64_t kind = 0;
    uint64_t level = 0;
    milliseconds arrived{0};
    Deadline deadline = Deadline::max();
    Deadline timeout = Deadline::max();
    bool delays = false;
  };

  void Push(int number, const Options& options) {
    BatchEntry entry;
    entry.item = std::make_unique<Item>(number);
    entry.rules = std::make_shared<const BatchRules>(rules_);
    entry.kind = {options.kind};
    entry.samples = options.samples;
    entry.level = options.level;
    entry.arrived = kStart + options.arrived;
    entry.deadline = options.deadline;
    entry.timeout = options.timeout;
    entry.delays = options.delays;
    entry.cost_seconds = 0.25;
    queue_.Push(static_cast<JobId>(number), std::move(entry));
  }
  void Push(int number) { Push(number, {}); }

  static std::vector<int> Numbers(const std::vector<BatchEntry>& entries) {
    std::vector<int> numbers;
    for (const BatchEntry& entry : entries) {
      numbers.push_back(static_cast<const Item&>(*entry.item).number);
    }
    return numbers;
  }

  std::vector<int> Take(milliseconds after = milliseconds(0)) {
    return Numbers(queue_.Take(kStart + after));
  }

  BatchRules rules_;
  BatchQueue queue_;
};

TEST_F(BatchQueueTest, TakesWhatIsThereWithoutADelay) {
  EXPECT_EQ(queue_.ReadyAt(), Deadline::max());
  EXPECT_THAT(Take(), IsEmpty());
  for (int i = 1; i <= 3; ++i) Push(i);
  EXPECT_EQ(queue_.ReadyAt(), Deadline::min());
  EXPECT_THAT(Take(), ElementsAre(1, 2, 3));
  EXPECT_TRUE(queue_.empty());
}

TEST_F(BatchQueueTest, NeverMoreThanTheLargestBatchAndNeverPartOfARequest) {
  Push(1, {.samples = 5});
  Push(2, {.samples = 4});
  Push(3, {.samples = 3});
  Push(4, {.samples = 1});
  EXPECT_THAT(Take(), ElementsAre(1, 3));
  EXPECT_THAT(Take(), ElementsAre(2, 4));
}

TEST_F(BatchQueueTest, JoinsOnlyEqualKinds) {
  Push(1, {.kind = 7});
  Push(2, {.kind = 9});
  Push(3, {.kind = 7});
  EXPECT_THAT(Take(), ElementsAre(1, 3));
  EXPECT_THAT(Take(), ElementsAre(2));
}

TEST_F(BatchQueueTest, NothingIsOvertakenWhereTheOrderIsKept) {
  rules_.keeps_order = true;
  Push(1, {.kind = 7});
  Push(2, {.kind = 9});
  Push(3, {.kind = 7});
  EXPECT_THAT(Take(), ElementsAre(1));
  EXPECT_THAT(Take(), ElementsAre(2));
  EXPECT_THAT(Take(), ElementsAre(3));
}

TEST_F(BatchQueueTest, WithoutJoiningOneAtATime) {
  rules_.joins = false;
  Push(1);
  Push(2);
  EXPECT_THAT(Take(), ElementsAre(1));
  EXPECT_THAT(Take(), ElementsAre(2));
}

TEST_F(BatchQueueTest, ARequestLargerThanABatchRunsAlone) {
  Push(1, {.samples = 20});
  Push(2);
  EXPECT_THAT(Take(), ElementsAre(1));
}

TEST_F(BatchQueueTest, WaitsForMoreUntilTheDelayOfTheFirst) {
  rules_.max_delay = milliseconds(2);
  Push(1, {.arrived = milliseconds(1)});
  Push(2, {.arrived = milliseconds(2)});
  EXPECT_EQ(queue_.ReadyAt(), kStart + milliseconds(3));
  EXPECT_THAT(Take(milliseconds(2)), IsEmpty());
  EXPECT_THAT(Take(milliseconds(3)), ElementsAre(1, 2));
}

TEST_F(BatchQueueTest, AFullBatchDoesNotWait) {
  rules_.max_delay = milliseconds(2);
  Push(1, {.samples = 7});
  EXPECT_NE(queue_.ReadyAt(), Deadline::min());
  Push(2, {.samples = 1});
  EXPECT_EQ(queue_.ReadyAt(), Deadline::min());
  EXPECT_THAT(Take(), ElementsAre(1, 2));
}

TEST_F(BatchQueueTest, NorOneBesideWhichTheNextDoesNotFit) {
  rules_.max_delay = milliseconds(2);
  Push(1, {.samples = 5});
  Push(2, {.samples = 4});
  EXPECT_THAT(Take(), ElementsAre(1));
  EXPECT_THAT(Take(), IsEmpty()) << "the second waits for others";
}

TEST_F(BatchQueueTest, AnotherKindEndsTheWait) {
  rules_.max_delay = milliseconds(2);
  Push(1, {.kind = 7});
  Push(2, {.kind = 9});
  Push(3, {.kind = 7});
  EXPECT_DOUBLE_EQ(queue_.NextCost(), 0.5) << "of those that run, not of all";
  EXPECT_THAT(Take(), ElementsAre(1, 3));
  EXPECT_THAT(Take(), IsEmpty()) << "alone it waits for more";
}

TEST_F(BatchQueueTest, APreferredSizeDoesNotWaitAndIsNotExceeded) {
  rules_.max_delay = milliseconds(2);
  rules_.preferred = {2, 4};
  Push(1);
  EXPECT_NE(queue_.ReadyAt(), Deadline::min());
  for (int i = 2; i <= 5; ++i) Push(i);
  EXPECT_THAT(Take(), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(Take(), IsEmpty()) << "one is no preferred size: it waits";
  EXPECT_THAT(Take(milliseconds(2)), ElementsAre(5));
}

TEST_F(BatchQueueTest, LowerLevelsFirst) {
  Push(1, {.kind = 1, .level = 2});
  Push(2, {.kind = 2, .level = 1});
  Push(3, {.kind = 2, .level = 2});
  EXPECT_EQ(queue_.WaitingAt(1), 1U);
  EXPECT_EQ(queue_.WaitingAt(2), 2U);
  EXPECT_THAT(Take(), ElementsAre(2, 3)) << "a place that is left may be taken by any level";
  EXPECT_THAT(Take(), ElementsAre(1));
  EXPECT_EQ(queue_.WaitingAt(2), 0U);
}

TEST_F(BatchQueueTest, ExpiresByDeadlineAndByTimeout) {
  Push(1, {.deadline = kStart + milliseconds(5)});
  Push(2, {.timeout = kStart + milliseconds(3)});
  Push(3);
  EXPECT_EQ(queue_.NextExpiry(), kStart + milliseconds(3));
  EXPECT_TRUE(queue_.Expire(kStart + milliseconds(2)).empty());
  BatchQueue::Expired expired = queue_.Expire(kStart + milliseconds(5));
  EXPECT_THAT(Numbers(expired.deadline), ElementsAre(1));
  EXPECT_THAT(Numbers(expired.timeout), ElementsAre(2));
  EXPECT_EQ(queue_.NextExpiry(), Deadline::max());
  EXPECT_THAT(Take(), ElementsAre(3));
}

TEST_F(BatchQueueTest, DelaysBehindThoseOfItsLevelOnly) {
  rules_.joins = false;
  Push(1, {.level = 1, .timeout = kStart + milliseconds(1), .delays = true});
  Push(2, {.level = 1});
  Push(3, {.level = 2});
  EXPECT_TRUE(queue_.Expire(kStart + milliseconds(1)).empty());
  EXPECT_EQ(queue_.size(), 3U);
  EXPECT_EQ(queue_.NextExpiry(), Deadline::max()) << "once";
  EXPECT_THAT(Take(), ElementsAre(2));
  EXPECT_THAT(Take(), ElementsAre(1));
  EXPECT_THAT(Take(), ElementsAre(3));
}

TEST_F(BatchQueueTest, ADelayedOneStillHasItsDeadline) {
  Push(1,
       {.deadline = kStart + milliseconds(9), .timeout = kStart + milliseconds(1), .delays = true});
  EXPECT_TRUE(queue_.Expire(kStart + milliseconds(1)).empty());
  EXPECT_EQ(queue_.NextExpiry(), kStart + milliseconds(9));
  EXPECT_THAT(Numbers(queue_.Expire(kStart + milliseconds(9)).deadline), ElementsAre(1));
  EXPECT_TRUE(queue_.empty());
}

TEST_F(BatchQueueTest, WhatIsRemovedIsForgotten) {
  Push(1, {.deadline = kStart + milliseconds(1)});
  Push(2);
  EXPECT_DOUBLE_EQ(queue_.NextCost(), 0.5);
  ASSERT_TRUE(queue_.Remove(1).has_value());
  EXPECT_FALSE(queue_.Remove(1).has_value());
  EXPECT_EQ(queue_.NextExpiry(), Deadline::max());
  EXPECT_DOUBLE_EQ(queue_.NextCost(), 0.25);
  EXPECT_EQ(queue_.RemoveAll().size(), 1U);
  EXPECT_EQ(queue_.ReadyAt(), Deadline::max());
}

TEST(BatchRules, AnUnknownPriorityIsTheDefault) {
  BatchRules rules;
  EXPECT_EQ(rules.LevelOf(1), 0U) << "there are no levels";
  rules.levels = 3;
  rules.default_level = 2;
  rules.policies[3].timeout = microseconds(7);
  EXPECT_EQ(rules.LevelOf(0), 2U);
  EXPECT_EQ(rules.LevelOf(1), 1U);
  EXPECT_EQ(rules.LevelOf(4), 2U);
  EXPECT_EQ(rules.PolicyOf(3).timeout.count(), 7);
  EXPECT_EQ(rules.PolicyOf(2).timeout.count(), 0);
}

}  // namespace
}  // namespace normbench
