// SPDX-License-Identifier: Apache-2.0
// With a real executor; every interleaving is forced by holding a batch or by a function in place
// of the executor's queue.
#include "server/exec/batcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <latch>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "server/exec/executor.h"
#include "tests/server/exec/executor_fixture.h"

namespace normbench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// What became of the items, by their numbers.
class Log {
 public:
  struct Dropped {
    int number;
    absl::Status reason;
  };

  void Ran(std::vector<int> batch) {
    MutexLock lock(&mutex_);
    batches_.push_back(std::move(batch));
    changed_.NotifyAll();
  }
  void Drop(int number, const absl::Status& reason) {
    MutexLock lock(&mutex_);
    dropped_.push_back({number, reason});
    changed_.NotifyAll();
  }
  std::vector<std::vector<int>> AwaitBatches(size_t count) {
    MutexLock lock(&mutex_);
    while (batches_.size() < count) changed_.Wait(&mutex_);
    return batches_;
  }
  std::vector<Dropped> AwaitDrops(size_t count) {
    MutexLock lock(&mutex_);
    while (dropped_.size() < count) changed_.Wait(&mutex_);
    return dropped_;
  }
  size_t ended() {
    MutexLock lock(&mutex_);
    size_t ended = dropped_.size();
    for (const auto& batch : batches_) ended += batch.size();
    return ended;
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  std::vector<std::vector<int>> batches_ ABSL_GUARDED_BY(mutex_);
  std::vector<Dropped> dropped_ ABSL_GUARDED_BY(mutex_);
};

class Item : public BatchItem {
 public:
  Item(int number, Log& log) : number(number), log_(log) {}
  void Drop(const absl::Status& reason) override { log_.Drop(number, reason); }
  const int number;

 private:
  Log& log_;
};

class BatcherTest : public testing::Test {
 protected:
  BatcherTest() {
    rules_.max_samples = 8;
    rules_.joins = true;
  }

  Batcher::Options Options() {
    return {.submit = [this](Job job) { return executor_.Submit(std::move(job)); },
            .run =
                [this](Batch batch, const std::function<void()>& computed) {
                  Run(std::move(batch));
                  computed();
                },
            .max_waiting = 1024,
            .count_waiting = [this](int more) { waiting_ += more; }};
  }

  void Run(Batch batch) {
    std::vector<int> numbers;
    for (const auto& item : batch) numbers.push_back(static_cast<const Item&>(*item).number);
    begun_.fetch_add(1);
    while (held_) std::this_thread::yield();
    log_.Ran(std::move(numbers));
  }

  // Begins with a batch that runs until Release().
  void Hold(Batcher& batcher, int number = 0) {
    held_ = true;
    ASSERT_TRUE(batcher.Submit(Entry(number)).ok());
    WaitUntil([this] { return begun_ > 0; });
  }
  void Release() { held_ = false; }

  BatchEntry Entry(int number) {
    BatchEntry entry;
    entry.item = std::make_unique<Item>(number, log_);
    entry.rules = std::make_shared<const BatchRules>(rules_);
    return entry;
  }

  BatchRules rules_;
  Log log_;
  std::atomic<bool> held_{false};
  std::atomic<int> begun_{0};
  std::atomic<int> waiting_{0};
  Executor executor_{Workers(1)};
};

TEST_F(BatcherTest, ALoneRequestRunsAtOnce) {
  Batcher batcher(Options());
  ASSERT_TRUE(batcher.Submit(Entry(1)).ok());
  EXPECT_THAT(log_.AwaitBatches(1), ElementsAre(ElementsAre(1)));
}

TEST_F(BatcherTest, WhatWaitsForAWorkerMakesOneBatch) {
  Batcher batcher(Options());
  Hold(batcher);
  for (int i = 1; i <= 3; ++i) ASSERT_TRUE(batcher.Submit(Entry(i)).ok());
  EXPECT_EQ(batcher.waiting(), 3U);
  EXPECT_EQ(waiting_, 3);
  EXPECT_EQ(executor_.queued(), 1) << "one place, however many wait";
  Release();
  EXPECT_THAT(log_.AwaitBatches(2), ElementsAre(ElementsAre(0), ElementsAre(1, 2, 3)));
}

TEST_F(BatcherTest, TwoWorkersRunTwoBatches) {
  Executor two(Workers(2));
  Batcher::Options options = Options();
  options.submit = [&](Job job) { return two.Submit(std::move(job)); };
  Batcher batcher(options);
  Hold(batcher, 1);
  ASSERT_TRUE(batcher.Submit(Entry(2)).ok());
  WaitUntil([this] { return begun_ == 2; });  // would never be with one at a time
  Release();
  log_.AwaitBatches(2);
}

TEST_F(BatcherTest, NotMoreAtATimeThanTheRulesSay) {
  Executor two(Workers(2));
  Batcher::Options options = Options();
  options.submit = [&](Job job) { return two.Submit(std::move(job)); };
  rules_.max_running = 1;
  Batcher batcher(options);
  Hold(batcher);
  ASSERT_TRUE(batcher.Submit(Entry(1)).ok());
  ASSERT_TRUE(batcher.Submit(Entry(2)).ok());
  EXPECT_EQ(two.queued(), 0) << "no turn is asked for";
  EXPECT_EQ(begun_, 1);
  Release();
  EXPECT_THAT(log_.AwaitBatches(2), ElementsAre(ElementsAre(0), ElementsAre(1, 2)));
}

TEST_F(BatcherTest, AnotherOneComputesWhileOneAnswersItsCallers) {
  for (const bool keeps_order : {false, true}) {
    Executor two(Workers(2));
    std::atomic<int> began{0};
    std::latch answered(1);
    Batcher::Options options = Options();
    options.submit = [&](Job job) { return two.Submit(std::move(job)); };
    options.run = [&](Batch, const std::function<void()>& computed) {
      computed();
      if (++began == 1) answered.wait();
    };
    rules_.max_running = 1;
    rules_.keeps_order = keeps_order;
    Batcher batcher(options);
    ASSERT_TRUE(batcher.Submit(Entry(1)).ok());
    WaitUntil([&] { return began == 1; });
    ASSERT_TRUE(batcher.Submit(Entry(2)).ok());
    if (keeps_order) {
      EXPECT_EQ(batcher.waiting(), 1U);
    }
    if (!keeps_order) WaitUntil([&] { return began == 2; });
    answered.count_down();
    WaitUntil([&] { return began == 2; });
  }
}

TEST_F(BatcherTest, ADelayEndsByItself) {
  rules_.max_delay = milliseconds(20);
  Batcher batcher(Options());
  ASSERT_TRUE(batcher.Submit(Entry(1)).ok());
  ASSERT_TRUE(batcher.Submit(Entry(2)).ok());
  EXPECT_THAT(log_.AwaitBatches(1), ElementsAre(ElementsAre(1, 2)));
}

TEST_F(BatcherTest, AFullBatchEndsADelayOfAnHour) {
  rules_.max_delay = std::chrono::hours(1);
  rules_.max_samples = 2;
  Batcher batcher(Options());
  ASSERT_TRUE(batcher.Submit(Entry(1)).ok());
  EXPECT_EQ(executor_.queued() + executor_.running(), 0);
  ASSERT_TRUE(batcher.Submit(Entry(2)).ok());
  EXPECT_THAT(log_.AwaitBatches(1), ElementsAre(ElementsAre(1, 2)));
}

TEST_F(BatcherTest, TimesOutWhileABatchIsHeld) {
  Batcher batcher(Options());
  Hold(batcher);
  BatchEntry entry = Entry(1);
  entry.timeout = In(milliseconds(5));
  ASSERT_TRUE(batcher.Submit(std::move(entry)).ok());
  const auto dropped = log_.AwaitDrops(1);  // would never be, if it took a worker
  EXPECT_EQ(dropped[0].number, 1);
  EXPECT_TRUE(absl::IsResourceExhausted(dropped[0].reason));
  EXPECT_THAT(std::string(dropped[0].reason.message()), HasSubstr("timeout of its queue policy"));
  Release();
}

TEST_F(BatcherTest, ExpiresWhileABatchIsHeld) {
  Batcher batcher(Options());
  Hold(batcher);
  BatchEntry entry = Entry(1);
  entry.deadline = In(milliseconds(5));
  ASSERT_TRUE(batcher.Submit(std::move(entry)).ok());
  EXPECT_TRUE(absl::IsDeadlineExceeded(log_.AwaitDrops(1)[0].reason));
  EXPECT_EQ(batcher.waiting(), 0U);
  Release();
}

TEST_F(BatcherTest, ADeadlineThatHasPassedIsRefused) {
  Batcher batcher(Options());
  BatchEntry entry = Entry(1);
  entry.deadline = In(milliseconds(-1));
  EXPECT_TRUE(absl::IsDeadlineExceeded(batcher.Submit(std::move(entry)).status()));
}

TEST_F(BatcherTest, FullQueuesRefuse) {
  Batcher::Options options = Options();
  options.max_waiting = 3;
  rules_.levels = 2;
  rules_.policies[1].max_waiting = 1;
  Batcher batcher(options);
  Hold(batcher);
  const auto submit = [&](int number, uint64_t level) {
    BatchEntry entry = Entry(number);
    entry.level = level;
    return batcher.Submit(std::move(entry)).status();
  };
  EXPECT_TRUE(submit(1, 1).ok());
  const absl::Status of_level = submit(2, 1);
  EXPECT_TRUE(absl::IsResourceExhausted(of_level));
  EXPECT_THAT(std::string(of_level.message()), HasSubstr("maximum queue size: 1"));
  EXPECT_TRUE(submit(3, 2).ok());
  EXPECT_TRUE(submit(4, 2).ok());
  EXPECT_THAT(std::string(submit(5, 2).message()), HasSubstr("maximum queue size: 3"));
  Release();
}

TEST_F(BatcherTest, CancelledOnesLeaveAtOnce) {
  Batcher batcher(Options());
  Hold(batcher);
  const auto id = batcher.Submit(Entry(1));
  ASSERT_TRUE(id.ok());
  EXPECT_TRUE(batcher.Cancel(*id, absl::CancelledError("gone")));
  EXPECT_FALSE(batcher.Cancel(*id, absl::CancelledError("gone")));
  EXPECT_TRUE(absl::IsCancelled(log_.AwaitDrops(1)[0].reason));
  Release();
}

TEST_F(BatcherTest, IsRefusedWithTheExecutorsReason) {
  Batcher::Options options = Options();
  options.submit = [](Job) { return absl::ResourceExhaustedError("no place"); };
  Batcher batcher(options);
  EXPECT_EQ(batcher.Submit(Entry(1)).status().message(), "no place");
  EXPECT_EQ(batcher.waiting(), 0U);
}

TEST_F(BatcherTest, GoesOnByItselfWhereTheExecutorHasNoPlace) {
  std::atomic<bool> full{false};
  Batcher::Options options = Options();
  options.submit = [&](Job job) -> absl::StatusOr<JobId> {
    if (full) return absl::ResourceExhaustedError("no place");
    return executor_.Submit(std::move(job));
  };
  Batcher batcher(options);
  Hold(batcher);
  full = true;
  ASSERT_TRUE(batcher.Submit(Entry(1)).ok()) << "what runs takes it afterwards";
  Release();
  EXPECT_THAT(log_.AwaitBatches(2), ElementsAre(ElementsAre(0), ElementsAre(1)));
}

TEST_F(BatcherTest, ADueBatchWithoutAPlaceIsRefused) {
  Batcher::Options options = Options();
  options.submit = [](Job) { return absl::ResourceExhaustedError("no place"); };
  rules_.max_delay = milliseconds(5);
  Batcher batcher(options);
  ASSERT_TRUE(batcher.Submit(Entry(1)).ok()) << "it is not due yet";
  EXPECT_EQ(log_.AwaitDrops(1)[0].reason.message(), "no place");
}

TEST_F(BatcherTest, TheExecutorsShutdownDropsWhatWaits) {
  Batcher batcher(Options());
  Hold(batcher);
  ASSERT_TRUE(batcher.Submit(Entry(1)).ok());
  std::thread releases([this] {
    log_.AwaitDrops(1);
    Release();
  });
  executor_.Shutdown(milliseconds(0));
  releases.join();
  EXPECT_TRUE(absl::IsUnavailable(log_.AwaitDrops(1)[0].reason));
  EXPECT_TRUE(absl::IsUnavailable(batcher.Submit(Entry(2)).status()));
}

TEST_F(BatcherTest, EndsWithoutWaitingForADelay) {
  rules_.max_delay = std::chrono::hours(1);
  {
    Batcher batcher(Options());
    ASSERT_TRUE(batcher.Submit(Entry(1)).ok());
  }
  EXPECT_TRUE(absl::IsUnavailable(log_.AwaitDrops(1)[0].reason));
}

// Many callers, cancellations, expiries and two workers: each item ends once, none is lost.
TEST_F(BatcherTest, EveryItemEndsOnce) {
  constexpr int kThreads = 4, kEach = 500;
  Executor two(Workers(2));
  Batcher::Options options = Options();
  options.submit = [&](Job job) { return two.Submit(std::move(job)); };
  rules_.max_delay = std::chrono::microseconds(50);
  std::atomic<int> refused{0};
  {
    Batcher batcher(options);
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < kEach; ++i) {
          BatchEntry entry = Entry(t * kEach + i);
          if (i % 3 == 0) entry.timeout = In(milliseconds(i % 2));
          if (i % 5 == 0) entry.deadline = In(milliseconds(1));
          const auto id = batcher.Submit(std::move(entry));
          refused += id.ok() ? 0 : 1;
          if (id.ok() && i % 7 == 0) batcher.Cancel(*id, absl::CancelledError("gone"));
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_EQ(waiting_, 0);
  EXPECT_EQ(log_.ended() + static_cast<size_t>(refused), size_t{kThreads} * kEach);
}

// Expiries free the lock in the middle of a turn.
TEST_F(BatcherTest, OneAtATimeHoldsWhileOthersExpire) {
  Executor two(Workers(2));
  std::atomic<int> computing{0}, most{0};
  Batcher::Options options = Options();
  options.submit = [&](Job job) { return two.Submit(std::move(job)); };
  options.run = [&](Batch batch, const std::function<void()>& computed) {
    const int now = ++computing;
    most = std::max(most.load(), now);
    Run(std::move(batch));
    --computing;
    computed();
  };
  rules_.keeps_order = true;
  rules_.max_samples = 2;
  {
    Batcher batcher(options);
    for (int i = 0; i < 3000; ++i) {
      BatchEntry entry = Entry(i);
      if (i % 2 == 0) entry.timeout = In(milliseconds(0)) + std::chrono::microseconds(i % 90);
      batcher.Submit(std::move(entry)).IgnoreError();
    }
    log_.AwaitBatches(1);
  }
  EXPECT_EQ(most, 1);
}

}  // namespace
}  // namespace normbench
