// SPDX-License-Identifier: Apache-2.0
// Benchmark runs on disk: what was asked for, what happened, what was found. What a method returned
// OK for is there after any end of the process. One server at a time has a history.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "normbench/v1/runs.pb.h"
#include "server/history/database.h"
#include "server/history/run_query.h"

namespace normbench {

// A run that was submitted with an idempotency key.
struct KeyedRun {
  std::string run_id;
  v1::SubmitRequest request;
};

// A part of what happened in a run.
struct EventPage {
  std::string state;  // of the run
  std::vector<v1::RunEvent> events;
};

struct RunPage {
  std::vector<v1::Run> runs;    // newest first, without reports
  std::optional<int64_t> next;  // RunQuery::before of the next page; nothing: no more
};

// Thread-safe. Methods wait for the disk. Besides what they say they return what Database does, and
// NOT_FOUND for a run that is not there (any more).
class History {
 public:
  // Makes the file where there is none. Errors as Database::Open and PrepareSchema.
  static absl::StatusOr<std::unique_ptr<History>> Open(const std::string& path);

  // A run that waits. ALREADY_EXISTS where its id or idempotency key is known.
  absl::Status Insert(const v1::SubmitRequest& request, const v1::Run& run);

  absl::StatusOr<std::optional<KeyedRun>> FindKey(const std::string& idempotency_key);
  absl::StatusOr<v1::SubmitRequest> RequestOf(const std::string& run_id);

  // Ids of the runs in `state`, first submitted first.
  absl::StatusOr<std::vector<std::string>> IdsOf(const std::string& state);

  // The run as it is now: its state, and the fields that belong to that.
  absl::Status Update(const v1::Run& run);

  // What a run is to find, its cases as they are before they have a result.
  absl::Status KeepReport(const std::string& run_id, const v1::Report& report);

  // The next thing that happened, and the run as it is after it. Sets event->sequence.
  // `case_index`: of a case result, in the report.
  absl::Status Append(const v1::Run& run, std::optional<int> case_index, v1::RunEvent* event);

  // The run has ended: it, its last event, and the report but for its cases, if it has one.
  absl::Status Finish(const v1::Run& run, const v1::Report* report);

  // With the report of a run that has one: as it was kept, with all results so far.
  absl::StatusOr<v1::Run> Get(const std::string& run_id, bool with_report);

  // REQUIRES: query.count >= 1.
  absl::StatusOr<RunPage> List(const RunQuery& query);

  // At most `max` events, the first of them the one behind `after`.
  absl::StatusOr<EventPage> Events(const std::string& run_id, int after, int max);

  // FAILED_PRECONDITION where it has not ended.
  absl::Status Delete(const std::string& run_id);

  // Deletes what has ended, but for the newest `keep` runs, and what had ended before `since`.
  absl::Status Retire(int keep, absl::Time since);

 private:
  explicit History(std::unique_ptr<Database> database) : database_(std::move(database)) {}

  absl::StatusOr<int64_t> NumberOf(const std::string& run_id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Write(const v1::Run& run) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status WriteReport(const std::string& run_id, const v1::Report& report)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status WriteEvent(const std::string& run_id, std::optional<int> case_index,
                          v1::RunEvent* event) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status ReadReport(int64_t number, v1::Run* run) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  absl::Mutex mutex_;
  const std::unique_ptr<Database> database_ ABSL_PT_GUARDED_BY(mutex_);
};

// queued and running are not.
bool HasEnded(const std::string& state);

// Times of runs: RFC 3339 with milliseconds, UTC.
std::string FormatRunTime(absl::Time time);
// Returns INVALID_ARGUMENT naming `field`.
absl::StatusOr<absl::Time> ParseRunTime(const std::string& field, const std::string& text);

}  // namespace normbench
