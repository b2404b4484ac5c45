// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/infer_statistics.h"

#include <chrono>
#include <cmath>

namespace normbench {
namespace {

uint64_t MillisecondsSince1970() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

}  // namespace

void InferStatistics::Total::Add(double more) {
  ++count;
  seconds += more;
}

void InferStatistics::Total::Write(inference::StatisticDuration& duration) const {
  duration.set_count(count);
  duration.set_ns(static_cast<uint64_t>(std::llround(seconds * 1e9)));
}

void InferStatistics::Compute::Add(const InferTimes& times) {
  input.Add(times.input);
  infer.Add(times.infer);
  output.Add(times.output);
}

void InferStatistics::Succeeded(const InferTimes& times, double seconds) {
  const uint64_t now = MillisecondsSince1970();
  const absl::MutexLock lock(&mutex_);
  success_.Add(seconds);
  queue_.Add(times.queue);
  compute_.Add(times);
  if (times.leads) by_batch_[times.formed].output.Add(times.output);
  samples_ += static_cast<uint64_t>(times.batch);
  last_ms_ = now;
}

void InferStatistics::Executed(const InferTimes& times) {
  const absl::MutexLock lock(&mutex_);
  ++executions_;
  Compute& of_batch = by_batch_[times.formed];
  of_batch.input.Add(times.input);
  of_batch.infer.Add(times.infer);
}

void InferStatistics::Failed(double seconds) {
  const absl::MutexLock lock(&mutex_);
  fail_.Add(seconds);
}

void InferStatistics::Describe(inference::ModelStatistics& statistics) const {
  const absl::MutexLock lock(&mutex_);
  statistics.set_last_inference(last_ms_);
  statistics.set_inference_count(samples_);
  statistics.set_execution_count(executions_);
  inference::InferStatistics& stages = *statistics.mutable_inference_stats();
  success_.Write(*stages.mutable_success());
  fail_.Write(*stages.mutable_fail());
  queue_.Write(*stages.mutable_queue());
  compute_.input.Write(*stages.mutable_compute_input());
  compute_.infer.Write(*stages.mutable_compute_infer());
  compute_.output.Write(*stages.mutable_compute_output());
  stages.mutable_cache_hit();  // there is no cache: zeros, but set, as clients read them
  stages.mutable_cache_miss();
  for (const auto& [batch, compute] : by_batch_) {
    inference::InferBatchStatistics& of_batch = *statistics.add_batch_stats();
    of_batch.set_batch_size(static_cast<uint64_t>(batch));
    compute.input.Write(*of_batch.mutable_compute_input());
    compute.infer.Write(*of_batch.mutable_compute_infer());
    compute.output.Write(*of_batch.mutable_compute_output());
  }
}

}  // namespace normbench
