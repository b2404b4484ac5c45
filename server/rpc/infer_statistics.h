// SPDX-License-Identifier: Apache-2.0
// What the requests of one model version came to, since the server started, as V2 load generators
// ask for it twice per measurement: counts and total times of each stage.
#pragma once

#include <cstdint>
#include <map>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "inference/grpc_service.pb.h"

namespace normbench {

// Where the time of one request went, in seconds.
struct InferTimes {
  int64_t batch = 1;   // samples
  int64_t formed = 1;  // samples that the model ran on at once, those of other requests too
  bool leads = true;   // the first of its batch
  double queue = 0;
  double input = 0;  // gathering the tensors
  double infer = 0;
  double output = 0;  // building the answer
};

// Thread-safe.
class InferStatistics {
 public:
  // The model ran; of `times` only formed, input and infer count.
  void Executed(const InferTimes& times);

  // A request that was answered, `seconds` after its handler began. Its four stages are counted
  // together, so their counts never differ.
  void Succeeded(const InferTimes& times, double seconds);

  // A request that ended otherwise, whatever the reason.
  void Failed(double seconds);

  // Fills in everything but name, version and memory_usage.
  void Describe(inference::ModelStatistics& statistics) const;

 private:
  struct Total {
    uint64_t count = 0;
    double seconds = 0;
    void Add(double more);
    void Write(inference::StatisticDuration& duration) const;
  };
  struct Compute {
    Total input, infer, output;
    void Add(const InferTimes& times);
  };

  mutable absl::Mutex mutex_;
  Total success_ ABSL_GUARDED_BY(mutex_);
  Total fail_ ABSL_GUARDED_BY(mutex_);
  Total queue_ ABSL_GUARDED_BY(mutex_);
  Compute compute_ ABSL_GUARDED_BY(mutex_);
  // By formed batch, one count an execution; at most max_batch_size entries. Output is that of the
  // first request, if it was answered.
  std::map<int64_t, Compute> by_batch_ ABSL_GUARDED_BY(mutex_);
  uint64_t samples_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t executions_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t last_ms_ ABSL_GUARDED_BY(mutex_) = 0;  // since 1970
};

}  // namespace normbench
