// SPDX-License-Identifier: Apache-2.0
// Writes the lines of traces on a thread of its own: whoever ends a request, be it a timer, never
// waits for a disk.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "server/trace/request_trace.h"
#include "server/trace/trace_file.h"

namespace normbench {

// Thread-safe.
class TraceWriter {
 public:
  static constexpr size_t kMaxWaiting = 1024;  // traces; one more is lost

  // `lost` is called for each trace that is not written; thread-safe.
  TraceWriter(std::unique_ptr<TraceFile> file, std::function<void()> lost);
  ~TraceWriter();  // writes what waits
  TraceWriter(const TraceWriter&) = delete;
  TraceWriter& operator=(const TraceWriter&) = delete;

  void Write(const RequestTrace& trace);

  // Waits until all that was given to Write before is written or lost.
  void Flush();

 private:
  void Work();

  const std::unique_ptr<TraceFile> file_;
  const std::function<void()> lost_;
  absl::Mutex mutex_;
  std::deque<RequestTrace> waiting_ ABSL_GUARDED_BY(mutex_);
  bool is_writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace normbench
