// SPDX-License-Identifier: Apache-2.0
#include "server/kernels/native/steps.h"

#include <algorithm>
#include <array>
#include <atomic>

#include "absl/functional/function_ref.h"

namespace normbench {
namespace {

// Less than this is not worth a thread: it takes about as long as waking one.
constexpr int64_t kBytesPerThread = 32 << 10;
// Small units are taken several at a time.
constexpr int64_t kBytesPerTask = 32 << 10;
// With fewer units a thread than this, units are shared chunk by chunk.
constexpr int64_t kUnitsPerThread = 4;

// More threads than this take no part.
constexpr int kMostThreads = 64;

bool SharesUnits(const StepSizes& sizes, int threads) {
  return threads > 1 && sizes.chunks > 1 && sizes.units < kUnitsPerThread * threads;
}

size_t UnitBytes(const StepSizes& sizes) {
  return sizes.state + static_cast<size_t>(sizes.chunks) * sizes.sums;
}

int ThreadsFor(const StepSizes& sizes, int threads) {
  const int64_t worth = sizes.units * sizes.unit_bytes / kBytesPerThread;
  return static_cast<int>(std::clamp<int64_t>(worth, 1, std::min(threads, kMostThreads)));
}

// Tasks in as many neighbouring ranges as threads. A thread works through its own, from call to
// call the same memory, so that its caches know it; then it helps with the others'.
class Ranges {
 public:
  Ranges(int64_t tasks, int count) : count_(count) {
    for (int i = 0; i < count; ++i) {
      ranges_[static_cast<size_t>(i)].next = tasks * i / count;
      ranges_[static_cast<size_t>(i)].end = tasks * (i + 1) / count;
    }
  }

  void Work(int slot, absl::FunctionRef<void(int slot, int64_t task)> work) {
    for (int i = 0; i < count_; ++i) {
      Range& range = ranges_[static_cast<size_t>((slot + i) % count_)];
      for (int64_t task = range.next++; task < range.end; task = range.next++) work(slot, task);
    }
  }

 private:
  struct alignas(64) Range {
    std::atomic<int64_t> next = 0;
    int64_t end = 0;
  };
  const int count_;
  std::array<Range, kMostThreads> ranges_;
};

class Runner {
 public:
  Runner(const Steps& steps, const NativeBuffers& buffers, std::byte* scratch, ThreadPool* pool,
         int threads)
      : steps_(steps),
        sizes_(steps.sizes()),
        call_{buffers, scratch},
        units_(scratch + sizes_.shared),
        pool_(pool),
        threads_(pool == nullptr ? 1 : ThreadsFor(sizes_, threads)) {}

  void Run() const {
    steps_.Prepare(call_);
    if (SharesUnits(sizes_, threads_)) {
      ByChunk();
    } else {
      ByUnit();
    }
  }

 private:
  UnitMemory Memory(int64_t place) const {
    std::byte* state = units_ + static_cast<size_t>(place) * UnitBytes(sizes_);
    return {state, state + sizes_.state};
  }

  void Loop(int64_t tasks, absl::FunctionRef<void(int slot, int64_t task)> work) const {
    if (threads_ == 1) {
      for (int64_t task = 0; task < tasks; ++task) work(0, task);
      return;
    }
    Ranges ranges(tasks, threads_);
    pool_->ParallelFor(threads_, threads_, [&](int slot, int64_t) { ranges.Work(slot, work); });
  }

  // First to last both times: what the caches still have of the last chunk is worth less than
  // memory that is read forwards (README.md).
  void WholeUnit(int64_t unit, UnitMemory memory) const {
    steps_.Begin(call_, unit, memory);
    for (int64_t c = 0; c < sizes_.chunks; ++c) steps_.Sum(call_, unit, c, memory);
    steps_.Finish(call_, unit, memory);
    for (int64_t c = 0; c < sizes_.chunks; ++c) steps_.Apply(call_, unit, c, memory);
  }

  void ByUnit() const {
    const int64_t at_once = std::clamp<int64_t>(
        kBytesPerTask / std::max<int64_t>(sizes_.unit_bytes, 1), 1, sizes_.units);
    const int64_t tasks = (sizes_.units + at_once - 1) / at_once;
    Loop(tasks, [&](int slot, int64_t task) {
      const int64_t end = std::min(sizes_.units, (task + 1) * at_once);
      for (int64_t unit = task * at_once; unit < end; ++unit) WholeUnit(unit, Memory(slot));
    });
  }

  void ByChunk() const {
    const int64_t chunks = sizes_.units * sizes_.chunks;
    Loop(sizes_.units, [&](int, int64_t u) { steps_.Begin(call_, u, Memory(u)); });
    Loop(chunks, [&](int, int64_t i) {
      steps_.Sum(call_, i / sizes_.chunks, i % sizes_.chunks, Memory(i / sizes_.chunks));
    });
    Loop(sizes_.units, [&](int, int64_t u) { steps_.Finish(call_, u, Memory(u)); });
    Loop(chunks, [&](int, int64_t i) {
      steps_.Apply(call_, i / sizes_.chunks, i % sizes_.chunks, Memory(i / sizes_.chunks));
    });
  }

  const Steps& steps_;
  const StepSizes sizes_;
  const NormCall call_;
  std::byte* const units_;
  ThreadPool* const pool_;
  const int threads_;
};

}  // namespace

size_t ScratchBytes(const StepSizes& sizes, int threads) {
  // Whole units: one a thread. Shared ones: all there are.
  const int64_t shared = std::min(sizes.units, kUnitsPerThread * threads);
  const int64_t at_once = threads == 1 ? 1 : std::max<int64_t>(threads, shared);
  return sizes.shared + static_cast<size_t>(at_once) * UnitBytes(sizes);
}

void RunSteps(const Steps& steps, const NativeBuffers& buffers, std::byte* scratch,
              ThreadPool* pool, int threads) {
  Runner(steps, buffers, scratch, pool, threads).Run();
}

}  // namespace normbench
