// SPDX-License-Identifier: Apache-2.0
// Benchmark runs on request, as the methods of service Benchmark have them: queued and executed one
// at a time, kept in a history. What is acknowledged is on disk.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "normbench/v1/benchmark.pb.h"
#include "normbench/v1/runs.pb.h"
#include "server/history/history.h"
#include "server/metrics/metrics.h"
#include "server/runs/board.h"
#include "server/runs/cursor.h"
#include "server/runs/run_request.h"
#include "server/runs/runner.h"

namespace normbench {

struct RunsOptions {
  std::string file;  // the history
  int keep = 10000;  // of the runs that have ended, the newest so many ...
  double days = 90;  // ... that ended in the last so many days
  absl::Duration retire_every = absl::Hours(1);  // so often the others go while nothing runs
  std::function<absl::Time()> now = [] { return absl::Now(); };  // ages are measured from it
  RunLimits limits = {};
};

// Thread-safe, but for Start and Stop. All but those and Watch wait for the disk, so they are for
// threads that may.
class Runs {
 public:
  // Opens the history, ends what was under way when its last server was killed, and deletes what is
  // over the limits; where the disk is full the runner ends it once there is room. Errors as
  // History::Open. `metrics` outlives it.
  static absl::StatusOr<std::unique_ptr<Runs>> Open(const RunsOptions& options,
                                                    ServerMetrics& metrics);

  // Begins to execute what waits.
  void Start(RunHost host);

  // Ends the run under way as interrupted and tells the watchers that the server stops. Idempotent.
  void Stop();

  // Errors: those of the contract (benchmark.proto).
  absl::StatusOr<v1::Run> Submit(const v1::SubmitRequest& request);
  absl::StatusOr<v1::Run> Get(const v1::GetRequest& request);
  absl::StatusOr<v1::ListResponse> List(const v1::ListRequest& request);
  absl::StatusOr<v1::Run> Cancel(const v1::CancelRequest& request);
  absl::StatusOr<v1::DeleteResponse> Delete(const v1::DeleteRequest& request);

  RunBoard& board() { return board_; }

  // For a watcher that is woken by the board.
  std::unique_ptr<RunCursor> Watch(const v1::WatchRequest& request);

 private:
  Runs(const RunsOptions& options, std::unique_ptr<History> history, ServerMetrics& metrics);

  // The run of an earlier request with the same key.
  absl::StatusOr<std::optional<v1::Run>> Known(const v1::SubmitRequest& request);
  absl::StatusOr<v1::Run> Insert(const v1::SubmitRequest& request);
  absl::StatusOr<v1::Run> WithPosition(v1::Run run);
  void Retire();

  const RunsOptions options_;
  const std::unique_ptr<History> history_;
  RunBoard board_;
  absl::Mutex submit_mutex_;  // one submission at a time: its key, its place and the queue's length
  Runner runner_;
};

}  // namespace normbench
