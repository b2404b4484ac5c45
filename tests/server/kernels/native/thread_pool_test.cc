// SPDX-License-Identifier: Apache-2.0
// Where a helper must come, a task waits for it: if none comes, the test never ends.
#include "server/kernels/native/thread_pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <barrier>
#include <chrono>
#include <functional>
#include <latch>
#include <numeric>
#include <thread>
#include <utility>
#include <vector>

namespace normbench {
namespace {

// Sees each task of a call begin and end.
class Watch {
 public:
  explicit Watch(int max_threads) : max_threads_(max_threads) {}

  void Begin(int slot) {
    const bool in_range = slot >= 0 && slot < max_threads_;
    if (!in_range || busy_[slot].exchange(true)) ++faults_;
    const int now = ++at_work_;
    for (int seen = most_; now > seen && !most_.compare_exchange_weak(seen, now);) continue;
  }
  void End(int slot) {
    --at_work_;
    busy_[slot] = false;
  }

  int faults() const { return faults_; }  // slots out of range or not alone
  int most() const { return most_; }      // at work at once

 private:
  const int max_threads_;
  std::array<std::atomic<bool>, 16> busy_{};
  std::atomic<int> at_work_{0}, most_{0}, faults_{0};
};

void InThreads(int count, const std::function<void(int index)>& run) {
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back(run, i);
  for (std::thread& thread : threads) thread.join();
}

void YieldUntil(const std::atomic<bool>& flag) {
  while (!flag) std::this_thread::yield();
}

// Plain memory: the thread sanitizer sees whether the pool orders the accesses.
void ExpectEachTaskOnce(ThreadPool& pool, int64_t tasks, int max_threads) {
  Watch watch(max_threads);
  std::vector<int> runs(tasks);
  std::array<int64_t, 16> runs_of_slot{};
  pool.ParallelFor(tasks, max_threads, [&](int slot, int64_t task) {
    watch.Begin(slot);
    ++runs[task];
    ++runs_of_slot[slot];
    watch.End(slot);
  });
  EXPECT_EQ(runs, std::vector<int>(tasks, 1)) << tasks << " tasks, " << max_threads << " threads";
  EXPECT_EQ(std::reduce(runs_of_slot.begin(), runs_of_slot.end()), tasks);
  EXPECT_EQ(watch.faults(), 0);
  EXPECT_LE(watch.most(), std::min(max_threads, pool.threads()));
}

// As many tasks as threads, each of which waits until all have begun.
void ExpectThatAllMeet(ThreadPool& pool, int threads) {
  std::latch all(threads);
  pool.ParallelFor(threads, threads, [&](int, int64_t) { all.arrive_and_wait(); });
}

TEST(ThreadPool, EachTaskRunsOnce) {
  for (int threads : {1, 2, 3, 4}) {
    ThreadPool pool(threads);
    EXPECT_EQ(pool.threads(), threads);
    for (int max_threads : {1, 2, 4, 16}) {
      for (int64_t tasks : {0, 1, 2, 3, 4, 5, 17, 1000}) {
        ExpectEachTaskOnce(pool, tasks, max_threads);
      }
    }
  }
}

TEST(ThreadPool, TheCallerAloneTakesTasksInOrder) {
  for (int threads : {1, 3}) {
    ThreadPool pool(threads);
    std::vector<int64_t> order;
    pool.ParallelFor(50, threads == 1 ? 8 : 1, [&](int slot, int64_t task) {
      EXPECT_EQ(slot, 0);
      order.push_back(task);
    });
    std::vector<int64_t> ascending(50);
    std::iota(ascending.begin(), ascending.end(), 0);
    EXPECT_EQ(order, ascending);
  }
}

TEST(ThreadPool, TheCallerHasSlotZero) {
  ThreadPool pool(3);
  const std::thread::id caller = std::this_thread::get_id();
  std::atomic<int> wrong{0};
  for (int i = 0; i < 500; ++i) {
    pool.ParallelFor(8, 3, [&](int slot, int64_t) {
      wrong += (slot == 0) != (std::this_thread::get_id() == caller);
    });
  }
  EXPECT_EQ(wrong, 0);
}

TEST(ThreadPool, HelpersComeAtOnceAndAgain) {
  for (int threads : {2, 3, 5}) {
    for (int fresh = 0; fresh < 20; ++fresh) {
      ThreadPool pool(threads);
      for (int i = 0; i < 20; ++i) ExpectThatAllMeet(pool, threads);
    }
  }
}

TEST(ThreadPool, HelpersComeThatHaveGoneToSleep) {
  ThreadPool pool(4);
  for (int i = 0; i < 20; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    ExpectThatAllMeet(pool, i % 2 == 0 ? 4 : 2);
  }
}

TEST(ThreadPool, WaitsForHelpersThatTakeLong) {
  ThreadPool pool(2);
  for (int i = 0; i < 20; ++i) {
    std::latch both(2);
    bool ended = false;
    pool.ParallelFor(2, 2, [&](int slot, int64_t) {
      both.arrive_and_wait();
      if (slot == 0) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));  // longer than the caller spins
      ended = true;
    });
    EXPECT_TRUE(ended);
  }
}

TEST(ThreadPool, NoMoreThreadsThanAskedFor) {
  ThreadPool pool(4);
  for (int i = 0; i < 300; ++i) {
    Watch watch(2);
    pool.ParallelFor(20, 2, [&](int slot, int64_t) {
      watch.Begin(slot);
      std::this_thread::yield();
      watch.End(slot);
    });
    EXPECT_EQ(watch.faults(), 0);
    EXPECT_LE(watch.most(), 2);
  }
}

TEST(ThreadPool, GoesWithHelpersInAnyState) {
  for (int i = 0; i < 200; ++i) {
    ThreadPool pool(3);
    if (i % 3 > 0) ExpectEachTaskOnce(pool, i % 5, 3);
    if (i % 3 > 1) std::this_thread::sleep_for(std::chrono::microseconds(100));
  }
}

TEST(ThreadPool, ThousandsOfTinyCalls) {
  ThreadPool pool(3);
  int64_t done = 0;
  for (int i = 0; i < 20000; ++i) {
    std::array<int, 4> runs{};
    pool.ParallelFor(2 + i % 3, 3, [&](int, int64_t task) { ++runs[task]; });
    done += std::reduce(runs.begin(), runs.end());
  }
  EXPECT_EQ(done, 6667 * 2 + 6667 * 3 + 6666 * 4);
}

TEST(ThreadPool, SeveralCallersAtOnce) {
  for (int threads : {1, 2, 4}) {
    ThreadPool pool(threads);
    InThreads(5, [&](int index) {
      for (int i = 0; i < 150; ++i) ExpectEachTaskOnce(pool, (i * 7 + index) % 40, 1 + i % 4);
    });
  }
}

// While `callers` callers are in the pool, a helper beyond the room that they leave may finish the
// task that it has, and begin no other.
void ExpectThatHelpersMakeRoom(int threads, int callers) {
  ThreadPool pool(threads);
  std::atomic<bool> all_in = false;
  std::barrier turn(callers, [&]() noexcept { all_in = !all_in; });
  std::atomic<int> helping{0}, too_many{0};
  InThreads(callers, [&](int) {
    bool waited = false;  // of the caller
    pool.ParallelFor(5000, threads, [&](int slot, int64_t) {
      if (slot == 0) {
        if (std::exchange(waited, true)) return;
        turn.arrive_and_wait();
        for (int i = 0; i < 500; ++i) std::this_thread::yield();
        turn.arrive_and_wait();
      } else {
        const bool counts = all_in;
        if (++helping > threads - callers && counts) ++too_many;
        std::this_thread::yield();
        --helping;
      }
    });
  });
  EXPECT_LE(too_many, threads - 1);  // helpers, each of which may have had a task
}

TEST(ThreadPool, HelpersMakeRoomForCallers) {
  for (int i = 0; i < 5; ++i) {
    ExpectThatHelpersMakeRoom(2, 2);
    ExpectThatHelpersMakeRoom(4, 2);
    ExpectThatHelpersMakeRoom(4, 4);
    ExpectThatHelpersMakeRoom(2, 4);
  }
}

// One helper, and a second caller that needs no help but takes its room for a while.
TEST(ThreadPool, HelpersComeBackWhenThereIsRoomAgain) {
  ThreadPool pool(2);
  for (int i = 0; i < 50; ++i) {
    std::atomic<bool> helping = false, second_in = false, task_ends = false, second_gone = false;
    std::latch back(2);
    const auto second = [&](int) {
      pool.ParallelFor(1, 2, [&](int, int64_t) {
        second_in = true;
        YieldUntil(task_ends);
      });
    };
    pool.ParallelFor(3, 2, [&](int slot, int64_t) {
      if (slot == 0) {
        YieldUntil(helping);
        InThreads(1, second);
        second_gone = true;
        back.arrive_and_wait();
      } else if (!helping.exchange(true)) {
        YieldUntil(second_in);
        task_ends = true;
      } else {
        YieldUntil(second_gone);
        back.arrive_and_wait();
      }
    });
  }
}

}  // namespace
}  // namespace normbench
