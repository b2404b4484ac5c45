// SPDX-License-Identifier: Apache-2.0
// What goes on with runs just now, for those who watch: wakes them when there is news, and keeps
// the latest of what is too short-lived for the history.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "normbench/v1/runs.pb.h"

namespace normbench {

// How far a run is; a later one has a higher version.
struct LiveProgress {
  v1::CaseProgress progress;
  int64_t version = 0;
};

// Thread-safe.
class RunBoard {
 public:
  using Token = uint64_t;

  explicit RunBoard(int max_watchers = 256) : max_watchers_(max_watchers) {}

  // From now on `wake` is called when there may be news of the run: on any thread, one call at a
  // time, without waiting; it does not call the board. Returns RESOURCE_EXHAUSTED for too many
  // watchers.
  absl::StatusOr<Token> Subscribe(const std::string& run_id, std::function<void()> wake);

  // When it returns `wake` is not called any more.
  void Unsubscribe(Token token);

  // Something new of the run is in the history.
  void Tell(const std::string& run_id);

  // Or of any: places in the queue have moved.
  void TellAll();

  // Of the run under way, the only one that has progress.
  void SetProgress(const std::string& run_id, v1::CaseProgress progress);
  std::optional<LiveProgress> ProgressOf(const std::string& run_id) const;

  // What happens with the run cannot be kept: its watchers get that. OK ends it.
  void SetTrouble(const std::string& run_id, const absl::Status& status);
  absl::Status TroubleOf(const std::string& run_id) const;

  // The server stops: watchers are told so.
  void Close();
  bool closed() const;

 private:
  struct Watcher {
    std::string run_id;
    std::function<void()> wake;
  };

  void Wake(const std::string& run_id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const int max_watchers_;
  mutable absl::Mutex mutex_;
  Token next_ ABSL_GUARDED_BY(mutex_) = 1;
  std::map<Token, Watcher> watchers_ ABSL_GUARDED_BY(mutex_);
  std::string running_ ABSL_GUARDED_BY(mutex_);  // whose progress it is
  LiveProgress progress_ ABSL_GUARDED_BY(mutex_);
  std::string troubled_ ABSL_GUARDED_BY(mutex_);
  absl::Status trouble_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace normbench
