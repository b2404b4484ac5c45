// SPDX-License-Identifier: Apache-2.0
#include "bench/paper/train_all.h"

#include <chrono>
#include <utility>

namespace normbench {
namespace {

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace

struct TrainAll::Run {
  TrainJob job;
  TrainControl control;
  absl::Mutex mutex;
  bool started ABSL_GUARDED_BY(mutex) = false;
  Clock::time_point start ABSL_GUARDED_BY(mutex);
  bool ended ABSL_GUARDED_BY(mutex) = false;
  double seconds ABSL_GUARDED_BY(mutex) = 0;
  absl::StatusOr<TrainOutcome> outcome ABSL_GUARDED_BY(mutex) = TrainOutcome{};
};

TrainAll::TrainAll(std::vector<TrainJob> jobs, const TrainingData& data, int threads) {
  for (TrainJob& job : jobs) {
    runs_.push_back(std::make_unique<Run>());
    runs_.back()->job = std::move(job);
  }
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this, &data] { Work(data); });
}

TrainAll::~TrainAll() {
  Stop();
}

TrainAll::Run* TrainAll::Next() {
  const absl::MutexLock lock(&mutex_);
  return next_ < runs_.size() ? runs_[next_++].get() : nullptr;
}

void TrainAll::Work(const TrainingData& data) {
  for (Run* run = Next(); run != nullptr; run = Next()) {
    const Clock::time_point start = Clock::now();
    {
      const absl::MutexLock lock(&run->mutex);
      run->started = true;
      run->start = start;
    }
    absl::StatusOr<TrainOutcome> outcome = Train(run->job, data, run->control);
    const bool failed = !outcome.ok();
    {
      const absl::MutexLock lock(&run->mutex);
      run->ended = true;
      run->seconds = SecondsSince(start);
      run->outcome = std::move(outcome);
    }
    if (failed) Stop();  // the other models would be for nothing
  }
}

void TrainAll::Stop() {
  for (const std::unique_ptr<Run>& run : runs_) run->control.stop = true;
}

bool TrainAll::finished() {
  for (const std::unique_ptr<Run>& run : runs_) {
    const absl::MutexLock lock(&run->mutex);
    if (!run->ended) return false;
  }
  return true;
}

std::vector<RunProgress> TrainAll::progress() {
  std::vector<RunProgress> all;
  for (const std::unique_ptr<Run>& run : runs_) {
    const absl::MutexLock lock(&run->mutex);
    const double running = run->started ? SecondsSince(run->start) : 0;
    all.push_back({.name = run->job.run.served[0].model,
                   .done = run->control.done,
                   .total = WorkUnits(run->job.recipe, run->job.run),
                   .seconds = run->ended ? run->seconds : running});
  }
  return all;
}

absl::StatusOr<std::vector<RunOutcome>> TrainAll::Join() {
  for (std::jthread& thread : threads_) thread.join();
  threads_.clear();
  std::vector<RunOutcome> all;
  absl::Status failure;
  for (const std::unique_ptr<Run>& run : runs_) {
    const absl::MutexLock lock(&run->mutex);
    if (run->outcome.ok()) {
      all.push_back({.outcome = *run->outcome, .seconds = run->seconds});
    } else if (failure.ok() || absl::IsCancelled(failure)) {
      failure = run->outcome.status();  // the cause rather than those it stopped
    }
  }
  if (!failure.ok()) return failure;
  return all;
}

}  // namespace normbench
