// SPDX-License-Identifier: Apache-2.0
#include "server/kernels/native/steps.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <deque>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "tests/server/kernels/native/native_run.h"

namespace normbench {
namespace {

enum class What { kPrepare, kBegin, kSum, kFinish, kApply };
struct Event {
  What what;
  int64_t unit = 0, chunk = 0;
  bool operator==(const Event&) const = default;
};

// Fills all memory that it is given with marks of the unit and chunk, and looks in each step
// whether those of the steps before are still there.
class MarkingSteps final : public Steps {
 public:
  explicit MarkingSteps(const StepSizes& sizes, std::chrono::microseconds of_apply = {})
      : sizes_(sizes), of_apply_(of_apply), steps_(sizes.units * (2 * sizes.chunks + 2)) {}

  StepSizes sizes() const override { return sizes_; }

  void Prepare(const NormCall& call) const override {
    Record({What::kPrepare});
    Mark(call.shared, sizes_.shared, kShared);
  }
  void Begin(const NormCall& call, int64_t unit, UnitMemory memory) const override {
    Record({What::kBegin, unit});
    Expect(call.shared, sizes_.shared, kShared);
    Mark(memory.state, sizes_.state, OfUnit(unit));
  }
  void Sum(const NormCall&, int64_t unit, int64_t chunk, UnitMemory memory) const override {
    Record({What::kSum, unit, chunk});
    Expect(memory.state, sizes_.state, OfUnit(unit));
    Mark(SumsOf(memory, chunk), sizes_.sums, OfChunk(unit, chunk));
  }
  void Finish(const NormCall&, int64_t unit, UnitMemory memory) const override {
    Record({What::kFinish, unit});
    Expect(memory.state, sizes_.state, OfUnit(unit));
    for (int64_t c = 0; c < sizes_.chunks; ++c)
      Expect(SumsOf(memory, c), sizes_.sums, OfChunk(unit, c));
    Mark(memory.state, sizes_.state, ~OfUnit(unit));
  }
  void Apply(const NormCall& call, int64_t unit, int64_t chunk, UnitMemory memory) const override {
    Record({What::kApply, unit, chunk});
    Expect(call.shared, sizes_.shared, kShared);
    if (of_apply_.count() > 0) std::this_thread::sleep_for(of_apply_);
    Expect(memory.state, sizes_.state, ~OfUnit(unit));
  }

  int lost_marks() const { return lost_marks_; }
  const std::deque<Event>& events() const { return events_; }
  size_t threads() const { return threads_.size(); }
  int64_t steps() const { return steps_; }

 private:
  static constexpr uint64_t kShared = 0xabcdef;
  static uint64_t OfUnit(int64_t unit) { return 1000000 + static_cast<uint64_t>(unit); }
  static uint64_t OfChunk(int64_t unit, int64_t chunk) {
    return static_cast<uint64_t>(unit * 1000 + chunk);
  }
  std::byte* SumsOf(UnitMemory memory, int64_t chunk) const {
    return memory.sums + static_cast<size_t>(chunk) * sizes_.sums;
  }
  static void Mark(std::byte* at, size_t bytes, uint64_t mark) {
    std::fill_n(reinterpret_cast<uint64_t*>(at), bytes / sizeof(mark), mark);
  }
  void Expect(const std::byte* at, size_t bytes, uint64_t mark) const {
    const auto* marks = reinterpret_cast<const uint64_t*>(at);
    const auto count = static_cast<std::ptrdiff_t>(bytes / sizeof(mark));
    if (std::count(marks, marks + count, mark) != count) ++lost_marks_;
  }
  void Record(Event event) const {
    const std::lock_guard lock(mutex_);
    events_.push_back(event);
    threads_.insert(std::this_thread::get_id());
  }

  const StepSizes sizes_;
  const std::chrono::microseconds of_apply_;  // how long it takes at least
  const int64_t steps_;                       // but for Prepare
  mutable std::atomic<int> lost_marks_{0};
  mutable std::mutex mutex_;
  mutable std::deque<Event> events_;           // guarded by mutex_
  mutable std::set<std::thread::id> threads_;  // likewise
};

void Take(const MarkingSteps& steps, ThreadPool* pool, int threads) {
  const GuardedMemory scratch(ScratchBytes(steps.sizes(), threads));
  RunSteps(steps, {}, scratch.data(), pool, threads);
  EXPECT_TRUE(scratch.intact());
}

// Every step once, and none before what it depends on.
void ExpectAllInOrder(const MarkingSteps& steps) {
  const StepSizes sizes = steps.sizes();
  std::vector<int64_t> begun(sizes.units), summed(sizes.units), finished(sizes.units);
  std::vector<int64_t> sums(sizes.units * sizes.chunks), applied(sums);
  ASSERT_EQ(std::ssize(steps.events()), 1 + steps.steps());
  EXPECT_EQ(steps.events().front(), Event{What::kPrepare});
  int64_t wrong = 0;
  for (const auto& [what, unit, chunk] : steps.events()) {
    const int64_t i = unit * sizes.chunks + chunk;
    if (what == What::kBegin) wrong += begun[unit]++ != 0;
    if (what == What::kSum) wrong += begun[unit] != 1 || sums[i]++ != 0 || finished[unit] != 0;
    if (what == What::kSum) ++summed[unit];
    if (what == What::kFinish) wrong += summed[unit] != sizes.chunks || finished[unit]++ != 0;
    if (what == What::kApply) wrong += finished[unit] != 1 || applied[i]++ != 0;
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(steps.lost_marks(), 0) << "memory of different units or chunks overlaps";
}

TEST(Steps, AreTakenOnceEachAndInOrder) {
  for (int64_t units : {1, 2, 3, 7, 8, 9, 31, 100}) {
    for (int64_t chunks : {1, 2, 5, 17}) {
      for (int64_t unit_bytes : {0, 100, 5000, 20000, 1 << 20}) {
        for (int threads : {1, 2, 3, 4, 8}) {
          for (ThreadPool* pool : {static_cast<ThreadPool*>(nullptr), &SharedPool()}) {
            SCOPED_TRACE(testing::Message() << units << " units of " << chunks << " chunks, "
                                            << unit_bytes << " bytes, " << threads << " threads");
            const MarkingSteps steps({units, chunks, unit_bytes, 128, 64, 192});
            Take(steps, pool, threads);
            ExpectAllInOrder(steps);
          }
        }
      }
    }
  }
}

// Long enough for a helper to come, were one called.
TEST(Steps, LittleWorkIsTheCallersAlone) {
  const StepSizes little = {.units = 60, .unit_bytes = 1000},
                  enough = {.units = 60, .unit_bytes = 10000};
  const MarkingSteps alone(little, std::chrono::microseconds(1000));
  Take(alone, &SharedPool(), 4);
  EXPECT_EQ(alone.threads(), 1u);
  const MarkingSteps helped(enough, std::chrono::microseconds(1000));
  Take(helped, &SharedPool(), 4);
  EXPECT_GT(helped.threads(), 1u);
}

// Several units at work at a time, long enough to find another's marks in memory that they share.
TEST(Steps, UnitsAtWorkAtOnceHaveMemoryOfTheirOwn) {
  const StepSizes sizes = {.units = 40, .chunks = 2, .unit_bytes = 100000, .state = 64, .sums = 64};
  const MarkingSteps steps(sizes, std::chrono::microseconds(1000));
  Take(steps, &SharedPool(), 4);
  EXPECT_GT(steps.threads(), 1u);
  ExpectAllInOrder(steps);
}

// With fewer units than threads the chunks of one are shared: all sums before any finish.
TEST(Steps, FewUnitsAreSharedByChunks) {
  const MarkingSteps steps({.units = 2, .chunks = 8, .unit_bytes = 1 << 20});
  Take(steps, &SharedPool(), 2);
  const auto is = [](What what) { return [what](const Event& e) { return e.what == what; }; };
  const auto& events = steps.events();
  EXPECT_TRUE(
      std::ranges::is_partitioned(events, [](const Event& e) { return e.what < What::kFinish; }));
  EXPECT_EQ(std::ranges::count_if(events, is(What::kSum)), 16);
  const MarkingSteps many({.units = 8, .chunks = 8, .unit_bytes = 1 << 20});
  Take(many, &SharedPool(), 2);
  EXPECT_FALSE(std::ranges::is_partitioned(many.events(), [](const Event& e) {
    return e.what < What::kFinish;
  })) << "enough units: each is finished while the caches have it";
}

TEST(Steps, ScratchMemoryIsForTheUnitsAtWork) {
  const StepSizes sizes = {100, 3, 1 << 20, 1024, 64, 128};
  constexpr size_t kUnit = 64 + 3 * 128;
  EXPECT_EQ(ScratchBytes(sizes, 1), 1024 + kUnit);
  EXPECT_EQ(ScratchBytes(sizes, 4), 1024 + 16 * kUnit);
  StepSizes few = sizes;
  few.units = 2;
  EXPECT_EQ(ScratchBytes(few, 2), 1024 + 2 * kUnit);
  EXPECT_EQ(ScratchBytes(few, 8), 1024 + 8 * kUnit);
}

TEST(Steps, LinesAreWhole) {
  EXPECT_EQ(Lines(0), 0u);
  EXPECT_EQ(Lines(1), 64u);
  EXPECT_EQ(Lines(64), 64u);
  EXPECT_EQ(Lines(65), 128u);
}

}  // namespace
}  // namespace normbench
