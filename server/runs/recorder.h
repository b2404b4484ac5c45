// SPDX-License-Identifier: Apache-2.0
// Looks on at a run that this server executes: what is worth keeping goes to the history, and only
// then to those who watch.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "bench/load/closed_loop.h"
#include "bench/run/run_watcher.h"
#include "normbench/v1/runs.pb.h"
#include "server/history/history.h"
#include "server/runs/board.h"

namespace normbench {

// Not thread-safe: of the thread that runs the cases.
class RunRecorder final : public RunWatcher {
 public:
  // `cases` in the order of the report. `run` is the one under way; its cases_done is kept up to
  // date. All outlive this.
  RunRecorder(History& history, RunBoard& board, const std::vector<Case>& cases, v1::Run* run);

  void Started(const std::string& key, double planned_seconds) override;
  void Phase(std::string_view phase, double fraction) override;
  void Finished(const Case& c, const v1::CaseResult& result) override;

  // Of the loop under way: how many samples there are.
  void Observe(const LoopProgress& loop);

  // Why something could not be kept, from when on nothing is.
  const absl::Status& status() const { return status_; }

 private:
  void Keep(std::optional<int> case_index, v1::RunEvent event);

  History& history_;
  RunBoard& board_;
  std::map<std::string, int> index_;  // by key
  v1::Run& run_;
  absl::Status status_;
  v1::CaseProgress progress_;
  std::chrono::steady_clock::time_point told_;  // when progress was, the last time
};

}  // namespace normbench
