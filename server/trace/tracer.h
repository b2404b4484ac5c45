// SPDX-License-Identifier: Apache-2.0
// Which requests are traced, and where their lines go. Both are said when the server starts, and
// stay so: nobody moves the file over the network.
#pragma once

#include <atomic>
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
#include "server/trace/trace_file.h"
#include "server/trace/trace_parent.h"

namespace normbench {

// Thread-safe.
class Tracer {
 public:
  struct Options {
    std::string file;
    int64_t rate = 1000;         // every so many requests one is traced; 0: none for that
    std::function<void()> lost;  // a line could not be written; thread-safe
  };

  // Errors as TraceFile::Open.
  static absl::StatusOr<std::unique_ptr<Tracer>> Open(Options options);

  // Called for every request, in the order of which the rate counts. Returns null for one that is
  // not traced; one whose parent is sampled always is.
  std::shared_ptr<RequestTrace> Begin(std::optional<TraceParent> parent);

  // Writes its line.
  void End(const RequestTrace& trace);

  const Options& options() const { return options_; }

 private:
  Tracer(Options options, std::unique_ptr<TraceFile> file);

  const Options options_;
  const std::unique_ptr<TraceFile> file_;
  std::atomic<int64_t> requests_{0};
  absl::Mutex mutex_;
  uint64_t traces_ ABSL_GUARDED_BY(mutex_) = 0;
  std::mt19937_64 random_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace normbench
