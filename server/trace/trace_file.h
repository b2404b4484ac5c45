// SPDX-License-Identifier: Apache-2.0
// A file that lines are appended to, one write each: nothing is kept in memory, and what the system
// does not take is lost and said so.
#pragma once

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

namespace normbench {

// Thread-safe.
class TraceFile {
 public:
  // Opens `path`, or makes it, for its owner and group to read. Returns FAILED_PRECONDITION with
  // the reason.
  static absl::StatusOr<std::unique_ptr<TraceFile>> Open(const std::string& path);
  ~TraceFile();
  TraceFile(const TraceFile&) = delete;
  TraceFile& operator=(const TraceFile&) = delete;

  // Appends `line` and its end. Returns whether all of it was written: a full disk, or a pipe that
  // nobody empties, does not make the caller wait. The next line begins at the start of one.
  bool Append(std::string line);

 private:
  explicit TraceFile(int descriptor) : descriptor_(descriptor) {}

  const int descriptor_;
  absl::Mutex mutex_;
  bool is_torn_ ABSL_GUARDED_BY(mutex_) = false;  // the last line has no end
};

}  // namespace normbench
