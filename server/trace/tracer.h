// SPDX-License-Identifier: Apache-2.0
// Which requests are traced, and where their lines go. Both are said when the server starts, and
// stay so: nobody moves the file over the network.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "server/trace/request_trace.h"
#include "server/trace/trace_parent.h"
#include "server/trace/trace_writer.h"

namespace normbench {

// Thread-safe.
class Tracer {
 public:
  static constexpr int kMaxSampledPerSecond = 100;

  struct Options {
    std::string file;
    int64_t rate = 1000;         // every so many requests one is traced; 0: none for that
    std::function<void()> lost;  // a line could not be written; thread-safe
  };

  // Errors as TraceFile::Open.
  static absl::StatusOr<std::unique_ptr<Tracer>> Open(Options options);

  // Called for every request, in the order of which the rate counts. Returns null for one that is
  // not traced; one whose parent is sampled is, as long as callers ask for no more than
  // kMaxSampledPerSecond.
  std::shared_ptr<RequestTrace> Begin(std::optional<TraceParent> parent);

  // Has its line written soon, without waiting for it.
  void End(const RequestTrace& trace) { writer_.Write(trace); }

  // Waits until the lines of all that have ended are written.
  void Flush() { writer_.Flush(); }

  const Options& options() const { return options_; }

 private:
  Tracer(Options options, std::unique_ptr<TraceFile> file);

  bool MaySample() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Options options_;
  TraceWriter writer_;
  std::atomic<int64_t> requests_{0};
  absl::Mutex mutex_;
  uint64_t traces_ ABSL_GUARDED_BY(mutex_) = 0;
  std::mt19937_64 random_ ABSL_GUARDED_BY(mutex_);
  std::chrono::steady_clock::time_point second_ ABSL_GUARDED_BY(mutex_);  // when it began
  int sampled_ ABSL_GUARDED_BY(mutex_) = 0;                               // in it
};

}  // namespace normbench
