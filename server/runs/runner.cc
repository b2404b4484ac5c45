// SPDX-License-Identifier: Apache-2.0
#include "server/runs/runner.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "server/runs/run_report.h"

namespace normbench {
namespace {

// Until the history is tried again after it could not be written: somebody has to make room.
constexpr absl::Duration kRetry = absl::Seconds(2);

}  // namespace

void Runner::Start(RunHost host) {
  host_ = std::move(host);
  TellQueue();
  thread_ = std::thread([this] { Loop(); });
}

void Runner::Wake() {
  {
    const absl::MutexLock lock(&mutex_);
    woken_ = true;
  }
  TellQueue();
}

void Runner::Stop() {
  {
    const absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

// What a server before this one left under way, where the disk was full when this one opened it.
void Runner::Recover() {
  while (!stopping_) {
    absl::Status recovered;
    {
      const absl::MutexLock lock(&mutex_);
      recovered = RecoverRuns(history_);
    }
    if (recovered.ok()) break;
    Pause();
  }
  board_.TellAll();
}

void Runner::Loop() {
  Recover();
  const RunStop stop = {.cancelled = [this] { return cancelled_.load(); },
                        .stopping = [this] { return stopping_.load(); }};
  while (!stopping_) {
    std::optional<v1::Run> run = Next();
    if (run) Execute(*std::move(run), stop);
    chores_.tidy();
  }
}

void Runner::Execute(v1::Run run, const RunStop& stop) {
  TellQueue();
  metrics_.run_active().Set(1);
  Keep(ExecuteRun(std::move(run), history_, board_, host_, stop));
  metrics_.run_active().Set(0);
  TellQueue();
}

std::optional<v1::Run> Runner::Next() {
  const absl::MutexLock lock(&mutex_);
  const absl::Time idle_until = absl::Now() + chores_.every;
  while (!stopping_) {
    absl::StatusOr<std::optional<v1::Run>> run = TakeQueued();
    if (run.ok() && run->has_value()) return *std::move(run);
    const absl::Duration idle = idle_until - absl::Now();
    if (idle <= absl::ZeroDuration()) break;
    woken_ = false;
    const auto goes_on = [this] {
      mutex_.AssertReaderHeld();
      return woken_ || stopping_;
    };
    mutex_.AwaitWithTimeout(absl::Condition(&goes_on), run.ok() ? idle : std::min(idle, kRetry));
  }
  return std::nullopt;
}

absl::StatusOr<std::optional<v1::Run>> Runner::TakeQueued() {
  const auto ids = history_.IdsOf("queued");
  if (!ids.ok()) return ids.status();
  if (ids->empty()) return std::nullopt;
  absl::StatusOr<v1::Run> run = history_.Get(ids->front(), /*with_report=*/false);
  if (!run.ok()) return run.status();
  run->set_state("running");
  run->set_started(FormatRunTime(absl::Now()));
  if (absl::Status status = history_.Update(*run); !status.ok()) return status;
  current_ = run->run_id();
  cancelled_ = false;
  return *std::move(run);
}

// Nobody is told of an end that is not on disk.
void Runner::Keep(const EndedRun& ended) {
  absl::Status kept;
  while (true) {
    kept = history_.Finish(ended.run, ended.report ? &*ended.report : nullptr);
    board_.SetTrouble(ended.run.run_id(), kept);
    if (kept.ok() || stopping_) break;
    Pause();
  }
  if (kept.ok() && ended.run.exit_code() == 0) {
    metrics_.RunSucceeded(ended.run.name(), absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch()));
  }
  {
    const absl::MutexLock lock(&mutex_);
    current_.clear();
  }
}

void Runner::Pause() {
  const absl::MutexLock lock(&mutex_);
  const auto stops = [this] { return stopping_.load(); };
  mutex_.AwaitWithTimeout(absl::Condition(&stops), kRetry);
}

absl::StatusOr<v1::Run> Runner::Cancel(const std::string& run_id) {
  absl::StatusOr<v1::Run> run;
  {
    const absl::MutexLock lock(&mutex_);
    run = history_.Get(run_id, /*with_report=*/false);
    if (!run.ok() || HasEnded(run->state())) return run;
    if (run->state() == "running") {  // another than the current one is yet to be recovered
      cancelled_ = cancelled_ || run_id == current_;
      return run;
    }
    EndWithout("cancelled", absl::OkStatus(), &*run);
    if (absl::Status status = history_.Finish(*run, nullptr); !status.ok()) return status;
  }
  TellQueue();
  return run;
}

void Runner::TellQueue() {
  {
    const absl::MutexLock lock(&telling_mutex_);
    const auto queued = history_.IdsOf("queued");
    if (queued.ok()) metrics_.run_queue_length().Set(static_cast<double>(queued->size()));
  }
  board_.TellAll();
}

}  // namespace normbench
