// SPDX-License-Identifier: Apache-2.0
// All runs of a preset, a few side by side, one thread each: two single-thread trainings beat one
// with two threads.
#pragma once

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "bench/paper/progress.h"
#include "bench/paper/train.h"

namespace normbench {

struct RunOutcome {
  TrainOutcome outcome;
  double seconds = 0;
};

// Trains from construction on. The methods are for one thread.
class TrainAll {
 public:
  // `jobs` run in order; `data` must outlive this.
  TrainAll(std::vector<TrainJob> jobs, const TrainingData& data, int threads);
  TrainAll(const TrainAll&) = delete;
  TrainAll& operator=(const TrainAll&) = delete;
  ~TrainAll();  // stops and waits

  // Every run ends at its next step.
  void Stop();

  bool finished();
  std::vector<RunProgress> progress();

  // Waits. Returns one outcome for each job, or why the first that failed did.
  absl::StatusOr<std::vector<RunOutcome>> Join();

 private:
  struct Run;

  void Work(const TrainingData& data);
  Run* Next();

  std::vector<std::unique_ptr<Run>> runs_;
  absl::Mutex mutex_;
  size_t next_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<std::jthread> threads_;  // last: they use everything above
};

}  // namespace normbench
