// SPDX-License-Identifier: Apache-2.0
// One watcher's place in what happens in a run. It holds nothing of the run: a watcher that is
// slow, or away for a while, costs no memory and holds nobody up.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "normbench/v1/runs.pb.h"
#include "server/history/history.h"
#include "server/runs/board.h"

namespace normbench {

struct WatchStep {
  std::vector<v1::RunEvent> events = {};
  bool more = false;   // there may be more at once
  bool ended = false;  // these were the last ones
};

// Not thread-safe.
class RunCursor {
 public:
  // Behind the kept event number `after`. History and board outlive it.
  RunCursor(History& history, const RunBoard& board, std::string run_id, int after)
      : history_(history), board_(board), run_id_(std::move(run_id)), after_(after) {}

  // What is new since the last time: kept events, a few at a time, or how far it is by now. Waits
  // for the disk. Returns NOT_FOUND for a run that is not there (any more), UNAVAILABLE where the
  // server stops, and the trouble that the run has.
  absl::StatusOr<WatchStep> Next();

 private:
  absl::StatusOr<WatchStep> Passing(const std::string& state);

  History& history_;
  const RunBoard& board_;
  const std::string run_id_;
  int after_;                    // the last kept event that was given
  std::optional<int> position_;  // and the last place in the queue
  int64_t version_ = 0;          // and of the last progress
};

// Runs that are before this one: the one under way and those that were queued earlier. All, if it
// does not wait.
absl::StatusOr<int> PositionOf(History& history, const std::string& run_id);

}  // namespace normbench
