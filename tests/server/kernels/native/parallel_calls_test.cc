// SPDX-License-Identifier: Apache-2.0
#include "server/kernels/native/parallel_calls.h"

#include <gtest/gtest.h>

namespace normbench {
namespace {

using Share = ParallelCalls::Share;

constexpr auto kNothing = [](int, int64_t) {};

ParallelCall Call(int64_t tasks, int max_threads) {
  return {.work = kNothing, .tasks = tasks, .max_threads = max_threads};
}

TEST(ParallelCalls, WithoutCallsThereIsNothingToJoin) {
  ParallelCalls calls;
  EXPECT_TRUE(calls.empty());
  EXPECT_FALSE(calls.AnyOpen());
  EXPECT_FALSE(calls.Join().has_value());
}

TEST(ParallelCalls, EachHelperGetsASlotAndATaskUntilTheCallHasItsThreads) {
  ParallelCalls calls;
  ParallelCall call = Call(9, 3);
  calls.Add(&call);
  EXPECT_FALSE(calls.empty());
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(calls.AnyOpen());
    const std::optional<Share> share = calls.Join();
    ASSERT_TRUE(share.has_value());
    EXPECT_EQ(share->call, &call);
    EXPECT_EQ(share->slot, i + 1);
    EXPECT_EQ(share->first_task, i);
    EXPECT_EQ(call.helpers, i + 1);
  }
  EXPECT_FALSE(calls.AnyOpen());
  EXPECT_FALSE(calls.Join().has_value());
  EXPECT_EQ(call.next, 2) << "a refused helper takes no task";
}

TEST(ParallelCalls, WithoutATaskNobodyJoins) {
  ParallelCalls calls;
  ParallelCall call = Call(2, 9);
  calls.Add(&call);
  call.next = 1;
  EXPECT_EQ(calls.Join()->first_task, 1);
  EXPECT_FALSE(calls.AnyOpen());
  EXPECT_FALSE(calls.Join().has_value());
  EXPECT_EQ(call.helpers, 1);
}

TEST(ParallelCalls, AnotherHelperGetsTheSlotThatOneGaveBack) {
  ParallelCalls calls;
  ParallelCall call = Call(9, 3);
  calls.Add(&call);
  const Share first = *calls.Join();
  EXPECT_EQ(calls.Join()->slot, 2);
  calls.GiveBack(first);
  EXPECT_TRUE(calls.AnyOpen());
  EXPECT_EQ(calls.Join()->slot, 1);
  EXPECT_FALSE(calls.Join().has_value());
}

TEST(ParallelCalls, TheCallWithTheFewestThreadsComesFirst) {
  ParallelCalls calls;
  ParallelCall one = Call(9, 9), two = Call(9, 9);
  calls.Add(&one);
  const ParallelCall* const before = calls.Join()->call;
  calls.Add(&two);
  EXPECT_EQ(before, &one);
  EXPECT_EQ(calls.Join()->call, &two);
  calls.Join();
  calls.Join();
  EXPECT_EQ(one.helpers, 2);
  EXPECT_EQ(two.helpers, 2);
}

TEST(ParallelCalls, NobodyJoinsWhatWasRemoved) {
  ParallelCalls calls;
  ParallelCall one = Call(9, 9), two = Call(9, 9), three = Call(9, 9);
  for (ParallelCall* call : {&one, &two, &three}) calls.Add(call);
  calls.Remove(&two);
  for (int i = 0; i < 4; ++i) calls.Join();
  EXPECT_EQ(one.helpers, 2);
  EXPECT_EQ(two.helpers, 0);
  EXPECT_EQ(three.helpers, 2);
  calls.Remove(&three);
  EXPECT_EQ(calls.Join()->call, &one);
  calls.Remove(&one);
  EXPECT_TRUE(calls.empty());
  EXPECT_FALSE(calls.Join().has_value());
}

TEST(ParallelCalls, TheMostThreadsThatACallMayHaveAllGetASlot) {
  ParallelCalls calls;
  ParallelCall call = Call(1000, ParallelCall::kMostThreads);
  calls.Add(&call);
  for (int slot = 1; slot < ParallelCall::kMostThreads; ++slot) {
    EXPECT_EQ(calls.Join()->slot, slot);
  }
  EXPECT_FALSE(calls.Join().has_value());
}

}  // namespace
}  // namespace normbench
