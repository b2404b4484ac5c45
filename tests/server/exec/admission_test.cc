// SPDX-License-Identifier: Apache-2.0
#include "server/exec/admission.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <limits>
#include <optional>
#include <thread>
#include <vector>

namespace normbench {
namespace {

using testing::HasSubstr;

constexpr AdmissionOptions kSmall{.slots = 3, .bytes = 100, .cost_seconds = 10};

TEST(Admission, ATicketHoldsItsShareUntilItGoes) {
  Admission admission(kSmall);
  {
    absl::StatusOr<Admission::Ticket> ticket = admission.Admit({60, 4});
    ASSERT_TRUE(ticket.ok());
    EXPECT_EQ(admission.usage().slots, 1);
    EXPECT_EQ(admission.usage().bytes, 60);
    EXPECT_EQ(admission.usage().cost_seconds, 4);
  }
  EXPECT_EQ(admission.usage().slots, 0);
  EXPECT_EQ(admission.usage().bytes, 0);
  EXPECT_EQ(admission.usage().cost_seconds, 0);
}

TEST(Admission, MovingATicketMovesItsShare) {
  Admission admission(kSmall);
  Admission::Ticket empty;
  Admission::Ticket first = *admission.Admit({10, 1});
  Admission::Ticket second = std::move(first);
  EXPECT_EQ(admission.usage().slots, 1);
  Admission::Ticket third = *admission.Admit({20, 2});
  EXPECT_EQ(admission.usage().bytes, 30);
  second = std::move(third);  // what it held before goes at once
  EXPECT_EQ(admission.usage().bytes, 20);
  EXPECT_EQ(admission.usage().slots, 1);
  second = std::move(empty);
  EXPECT_EQ(admission.usage().slots, 0);
}

TEST(Admission, AShrunkTicketKeepsItsSlotAndSomeBytes) {
  Admission admission(kSmall);
  {
    Admission::Ticket ticket = *admission.Admit({50, 2});
    ticket.ShrinkTo(20);
    EXPECT_EQ(admission.usage().slots, 1);
    EXPECT_EQ(admission.usage().bytes, 20);
    EXPECT_EQ(admission.usage().cost_seconds, 0);
    ticket.ShrinkTo(30);
    EXPECT_EQ(admission.usage().bytes, 20) << "it never grows";
  }
  EXPECT_EQ(admission.usage().slots, 0);
  EXPECT_EQ(admission.usage().bytes, 0);
  Admission::Ticket().ShrinkTo(5);
}

TEST(Admission, ATicketGrowsWhereThereIsRoom) {
  Admission admission(kSmall);
  {
    Admission::Ticket ticket = *admission.Admit({10, 2});
    const Admission::Ticket other = *admission.Admit({30, 0});
    EXPECT_TRUE(ticket.GrowTo(70).ok());
    EXPECT_EQ(admission.usage().bytes, 100);
    EXPECT_TRUE(ticket.GrowTo(20).ok()) << "it never shrinks";
    EXPECT_EQ(admission.usage().bytes, 100);
    const absl::Status full = ticket.GrowTo(71);
    EXPECT_TRUE(absl::IsResourceExhausted(full));
    EXPECT_THAT(std::string(full.message()), HasSubstr("bytes: the request needs 71, 100 of 100"));
    EXPECT_TRUE(absl::IsInvalidArgument(ticket.GrowTo(101))) << "never";
    EXPECT_EQ(admission.usage().bytes, 100);
  }
  EXPECT_EQ(admission.usage().bytes, 0);
  EXPECT_TRUE(Admission::Ticket().GrowTo(5).ok());
}

TEST(Admission, EachBudgetRefusesByName) {
  struct Case {
    JobCost held;
    int count;
    JobCost asked;
    const char* budget;
    const char* text;
  };
  for (const Case& c : {Case{{1, 1}, 3, {1, 1}, "slots", "3 of 3 are in use"},
                        Case{{60, 1}, 1, {41, 1}, "bytes", "needs 41, 60 of 100"},
                        Case{{1, 8}, 1, {1, 2.5}, "cost", "needs 2.5, 8 of 10"}}) {
    Admission admission(kSmall);
    std::vector<Admission::Ticket> held;
    for (int i = 0; i < c.count; ++i) held.push_back(*admission.Admit(c.held));
    std::string budget;
    const absl::Status refusal = admission.Admit(c.asked, &budget).status();
    EXPECT_EQ(refusal.code(), absl::StatusCode::kResourceExhausted);
    EXPECT_EQ(budget, c.budget);
    EXPECT_THAT(std::string(refusal.message()), HasSubstr(c.budget));
    EXPECT_THAT(std::string(refusal.message()), HasSubstr(c.text));
    EXPECT_EQ(admission.usage().slots, c.count);  // a refusal takes nothing
    held.pop_back();
    EXPECT_TRUE(admission.Admit(c.asked).ok());
  }
}

TEST(Admission, ExactlyTheBudgetFits) {
  Admission admission(kSmall);
  Admission::Ticket one = *admission.Admit({60, 4});
  EXPECT_TRUE(admission.Admit({40, 6}).ok());
}

TEST(Admission, WhatNeverFitsIsInvalid) {
  Admission admission(kSmall);
  std::string budget;
  EXPECT_EQ(admission.Admit({101, 1}, &budget).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(budget, "bytes");
  EXPECT_EQ(admission.Admit({std::numeric_limits<int64_t>::max(), 1}).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(admission.Admit({1, 10.5}, &budget).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(budget, "cost");
  EXPECT_EQ(admission.usage().slots, 0);
}

TEST(Admission, ByteCountsAreWrittenOut) {
  Admission admission({.slots = 3, .bytes = 1073741824, .cost_seconds = 10});
  EXPECT_THAT(std::string(admission.Admit({2147483648, 1}).status().message()),
              HasSubstr("needs 2147483648, more than the whole budget of 1073741824"));
  Admission::Ticket held = *admission.Admit({1073741823, 1});
  EXPECT_THAT(std::string(admission.Admit({100000007, 1}).status().message()),
              HasSubstr("needs 100000007, 1073741823 of 1073741824 are in use"));
}

TEST(Admission, NonsenseCostsCountAsNothing) {
  Admission admission(kSmall);
  Admission::Ticket ticket = *admission.Admit({-50, std::numeric_limits<double>::quiet_NaN()});
  EXPECT_EQ(admission.usage().bytes, 0);
  EXPECT_EQ(admission.usage().cost_seconds, 0);
}

TEST(Admission, RoundingDoesNotPileUp) {
  Admission admission(kSmall);
  for (int i = 0; i < 1000; ++i) {
    Admission::Ticket one = *admission.Admit({1, 0.1});
    Admission::Ticket two = *admission.Admit({1, 0.7});
    one = Admission::Ticket();
  }
  EXPECT_EQ(admission.usage().cost_seconds, 0);
}

TEST(Admission, ManyThreadsNeverExceedABudget) {
  Admission admission(kSmall);
  std::atomic<int> inside{0}, most{0};
  std::atomic<int64_t> admitted{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 5000; ++k) {
        std::optional<Admission::Ticket> ticket;
        absl::StatusOr<Admission::Ticket> got = admission.Admit({40, 1});
        if (!got.ok()) continue;
        ++admitted;
        const int now = ++inside;
        for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) continue;
        --inside;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(admitted, 0);
  EXPECT_LE(most, 2);  // 2 x 40 of 100 bytes
  EXPECT_EQ(admission.usage().slots, 0);
  EXPECT_EQ(admission.usage().bytes, 0);
}

}  // namespace
}  // namespace normbench
