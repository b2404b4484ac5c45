// SPDX-License-Identifier: Apache-2.0
#include "server/repository/load_threads.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <latch>
#include <thread>

namespace normbench {
namespace {

TEST(ForEachIndex, CallsOnceWithEach) {
  std::array<std::atomic<int>, 100> calls = {};
  ForEachIndex(calls.size(), {.count = 7}, [&](size_t index) { ++calls[index]; });
  for (const std::atomic<int>& count : calls) EXPECT_EQ(count, 1);
}

TEST(ForEachIndex, NothingIsNoCall) {
  int inits = 0;
  ForEachIndex(0, {.count = 3, .init = [&] { ++inits; }}, [](size_t) { FAIL(); });
  EXPECT_EQ(inits, 0);
}

TEST(ForEachIndex, SoManyRunAtOnce) {
  std::latch all{3};
  std::atomic<int> met{0};
  ForEachIndex(3, {.count = 3}, [&](size_t) {
    all.count_down();
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!all.try_wait() && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::yield();
    }
    met += all.try_wait() ? 1 : 0;
  });
  EXPECT_EQ(met, 3);
}

TEST(ForEachIndex, EachThreadIsSetUpBeforeItsFirst) {
  thread_local bool ready = false;
  std::atomic<int> inits{0}, unready{0};
  const LoadThreads threads{.count = 2, .init = [&] {
                              ready = true;
                              ++inits;
                            }};
  ForEachIndex(20, threads, [&](size_t) { unready += ready ? 0 : 1; });
  EXPECT_EQ(inits, 2);
  EXPECT_EQ(unready, 0);
  EXPECT_FALSE(ready) << "not on the caller's thread";
}

TEST(ForEachIndex, NoMoreThreadsThanCalls) {
  std::atomic<int> inits{0};
  ForEachIndex(2, {.count = 8, .init = [&] { ++inits; }}, [](size_t) {});
  EXPECT_EQ(inits, 2);
}

}  // namespace
}  // namespace normbench
