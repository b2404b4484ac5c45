// SPDX-License-Identifier: Apache-2.0
#include "server/history/history.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/history/schema.h"

namespace normbench {
namespace {

absl::Status NotThere(const std::string& run_id) {
  return absl::NotFoundError(
      absl::StrCat("run_id: '", run_id, "' is not known (any more); List names those that are"));
}

SqlValue MillisOf(const std::string& time) {
  const auto parsed = ParseRunTime("", time);
  return parsed.ok() ? SqlValue(absl::ToUnixMillis(*parsed)) : SqlValue();
}

template <typename Message>
Message Parsed(const SqlValue& value) {
  Message message;
  message.ParseFromString(Bytes(value));  // our own bytes
  return message;
}

SqlValue Serialized(const google::protobuf::MessageLite& message) {
  return Blob{message.SerializeAsString()};
}

// What belongs to a moment, or has a place of its own, is not kept with the run.
v1::Run Lasting(v1::Run run) {
  run.clear_report();
  run.clear_position();
  return run;
}

}  // namespace

bool HasEnded(const std::string& state) {
  return state != "queued" && state != "running";
}

std::string FormatRunTime(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone());
}

absl::StatusOr<absl::Time> ParseRunTime(const std::string& field, const std::string& text) {
  absl::Time time;
  std::string error;
  if (absl::ParseTime(absl::RFC3339_full, text, &time, &error)) return time;
  return absl::InvalidArgumentError(
      absl::StrCat(field, ": '", text, "'; allowed: RFC 3339, for example 2026-01-31T12:00:00Z"));
}

absl::StatusOr<std::unique_ptr<History>> History::Open(const std::string& path) {
  auto database = Database::Open(path);
  if (!database.ok()) return database.status();
  if (absl::Status status = PrepareSchema(**database, path); !status.ok()) return status;
  return std::unique_ptr<History>(new History(*std::move(database)));
}

absl::StatusOr<int64_t> History::NumberOf(const std::string& run_id) {
  const auto rows = database_->Select("SELECT number FROM runs WHERE id = ?1", {run_id});
  if (!rows.ok()) return rows.status();
  if (rows->empty()) return NotThere(run_id);
  return Int((*rows)[0][0]);
}

absl::Status History::Insert(const v1::SubmitRequest& request, const v1::Run& run) {
  const absl::MutexLock lock(&mutex_);
  absl::StatusOr<Transaction> transaction = Transaction::Begin(*database_);
  if (!transaction.ok()) return transaction.status();
  const std::string& key = request.idempotency_key();
  absl::Status status = database_->Run(
      "INSERT INTO runs (id, state, name, submitted, ended, idempotency_key, run, request)"
      " VALUES (?1, ?2, ?3, ?4, NULL, ?5, ?6, ?7)",
      {run.run_id(), run.state(), run.name(), MillisOf(run.submitted()),
       key.empty() ? SqlValue() : SqlValue(key), Serialized(Lasting(run)), Serialized(request)});
  if (!status.ok()) return status;
  const int64_t number = database_->last_row();
  for (const auto& [name, value] : run.labels()) {
    status = database_->Run("INSERT INTO labels (run, key, value) VALUES (?1, ?2, ?3)",
                            {number, std::string(name), std::string(value)});
    if (!status.ok()) return status;
  }
  return transaction->Commit();
}

absl::StatusOr<std::optional<KeyedRun>> History::FindKey(const std::string& idempotency_key) {
  const absl::MutexLock lock(&mutex_);
  const auto rows = database_->Select("SELECT id, request FROM runs WHERE idempotency_key = ?1",
                                      {idempotency_key});
  if (!rows.ok()) return rows.status();
  if (rows->empty()) return std::nullopt;
  return KeyedRun{Text((*rows)[0][0]), Parsed<v1::SubmitRequest>((*rows)[0][1])};
}

absl::StatusOr<v1::SubmitRequest> History::RequestOf(const std::string& run_id) {
  const absl::MutexLock lock(&mutex_);
  const auto rows = database_->Select("SELECT request FROM runs WHERE id = ?1", {run_id});
  if (!rows.ok()) return rows.status();
  if (rows->empty()) return NotThere(run_id);
  return Parsed<v1::SubmitRequest>((*rows)[0][0]);
}

absl::StatusOr<std::vector<std::string>> History::IdsOf(const std::string& state) {
  const absl::MutexLock lock(&mutex_);
  const auto rows =
      database_->Select("SELECT id FROM runs WHERE state = ?1 ORDER BY number", {state});
  if (!rows.ok()) return rows.status();
  std::vector<std::string> ids;
  for (const SqlRow& row : *rows) ids.push_back(Text(row[0]));
  return ids;
}

absl::Status History::Write(const v1::Run& run) {
  absl::Status status =
      database_->Run("UPDATE runs SET state = ?2, ended = ?3, run = ?4 WHERE id = ?1",
                     {run.run_id(), run.state(), MillisOf(run.ended()), Serialized(Lasting(run))});
  if (!status.ok() || database_->changes() > 0) return status;
  return NotThere(run.run_id());
}

absl::Status History::WriteReport(const std::string& run_id, const v1::Report& report) {
  return database_->Run(
      "INSERT INTO reports (run, report) SELECT number, ?2 FROM runs WHERE id = ?1"
      " ON CONFLICT (run) DO UPDATE SET report = excluded.report",
      {run_id, Serialized(report)});
}

absl::Status History::WriteEvent(const std::string& run_id, std::optional<int> case_index,
                                 v1::RunEvent* event) {
  const auto rows = database_->Select(
      "UPDATE runs SET events = events + 1 WHERE id = ?1 RETURNING number, events", {run_id});
  if (!rows.ok()) return rows.status();
  if (rows->empty()) return NotThere(run_id);
  event->set_sequence(static_cast<int>(Int((*rows)[0][1])));
  return database_->Run(
      "INSERT INTO events (run, sequence, case_index, event) VALUES (?1, ?2, ?3, ?4)",
      {(*rows)[0][0], (*rows)[0][1], case_index ? SqlValue(int64_t{*case_index}) : SqlValue(),
       Serialized(*event)});
}

absl::Status History::Update(const v1::Run& run) {
  const absl::MutexLock lock(&mutex_);
  return Write(run);
}

absl::Status History::KeepReport(const std::string& run_id, const v1::Report& report) {
  const absl::MutexLock lock(&mutex_);
  return WriteReport(run_id, report);
}

absl::Status History::Append(const v1::Run& run, std::optional<int> case_index,
                             v1::RunEvent* event) {
  const absl::MutexLock lock(&mutex_);
  absl::StatusOr<Transaction> transaction = Transaction::Begin(*database_);
  if (!transaction.ok()) return transaction.status();
  if (absl::Status status = Write(run); !status.ok()) return status;
  const absl::Status status = WriteEvent(run.run_id(), case_index, event);
  return status.ok() ? transaction->Commit() : status;
}

absl::Status History::Finish(const v1::Run& run, const v1::Report* report) {
  const absl::MutexLock lock(&mutex_);
  absl::StatusOr<Transaction> transaction = Transaction::Begin(*database_);
  if (!transaction.ok()) return transaction.status();
  if (absl::Status status = Write(run); !status.ok()) return status;
  if (report != nullptr) {
    absl::Status status = WriteReport(run.run_id(), *report);
    if (!status.ok()) return status;
  }
  v1::RunEvent last;
  *last.mutable_finished() = Lasting(run);
  const absl::Status status = WriteEvent(run.run_id(), std::nullopt, &last);
  return status.ok() ? transaction->Commit() : status;
}

absl::Status History::ReadReport(int64_t number, v1::Run* run) {
  const auto kept = database_->Select("SELECT report FROM reports WHERE run = ?1", {number});
  if (!kept.ok()) return kept.status();
  if (kept->empty()) return absl::OkStatus();
  v1::Report& report = *run->mutable_report();
  report = Parsed<v1::Report>((*kept)[0][0]);
  const auto results = database_->Select(
      "SELECT case_index, event FROM events WHERE run = ?1 AND case_index IS NOT NULL", {number});
  if (!results.ok()) return results.status();
  for (const SqlRow& row : *results) {
    const auto index = static_cast<int>(Int(row[0]));
    if (index >= report.cases_size()) continue;
    auto event = Parsed<v1::RunEvent>(row[1]);
    *report.mutable_cases(index) = std::move(*event.mutable_case_result());
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::Run> History::Get(const std::string& run_id, bool with_report) {
  const absl::MutexLock lock(&mutex_);
  const auto rows = database_->Select("SELECT number, run FROM runs WHERE id = ?1", {run_id});
  if (!rows.ok()) return rows.status();
  if (rows->empty()) return NotThere(run_id);
  auto run = Parsed<v1::Run>((*rows)[0][1]);
  if (!with_report) return run;
  if (absl::Status status = ReadReport(Int((*rows)[0][0]), &run); !status.ok()) return status;
  return run;
}

absl::StatusOr<RunPage> History::List(const RunQuery& query) {
  const SqlQuery sql = ToSql(query);
  const absl::MutexLock lock(&mutex_);
  const auto rows = database_->Select(sql.sql, sql.values);
  if (!rows.ok()) return rows.status();
  RunPage page;
  const size_t shown = std::min(rows->size(), static_cast<size_t>(query.count));
  for (size_t i = 0; i < shown; ++i) page.runs.push_back(Parsed<v1::Run>((*rows)[i][1]));
  if (rows->size() > shown) page.next = Int((*rows)[shown - 1][0]);
  return page;
}

absl::StatusOr<EventPage> History::Events(const std::string& run_id, int after, int max) {
  const absl::MutexLock lock(&mutex_);
  const auto run = database_->Select("SELECT number, state FROM runs WHERE id = ?1", {run_id});
  if (!run.ok()) return run.status();
  if (run->empty()) return NotThere(run_id);
  const auto rows = database_->Select(
      "SELECT event FROM events WHERE run = ?1 AND sequence > ?2 ORDER BY sequence LIMIT ?3",
      {(*run)[0][0], int64_t{after}, int64_t{max}});
  if (!rows.ok()) return rows.status();
  EventPage page{Text((*run)[0][1]), {}};
  for (const SqlRow& row : *rows) page.events.push_back(Parsed<v1::RunEvent>(row[0]));
  return page;
}

absl::Status History::Delete(const std::string& run_id) {
  const absl::MutexLock lock(&mutex_);
  const absl::StatusOr<int64_t> number = NumberOf(run_id);
  if (!number.ok()) return number.status();
  absl::Status status = database_->Run(
      "DELETE FROM runs WHERE number = ?1 AND state NOT IN ('queued', 'running')", {*number});
  if (!status.ok() || database_->changes() > 0) return status;
  return absl::FailedPreconditionError(
      absl::StrCat("run_id: ", run_id, " has not ended; Cancel ends it"));
}

absl::Status History::Retire(int keep, absl::Time since) {
  const absl::MutexLock lock(&mutex_);
  return database_->Run(
      "DELETE FROM runs WHERE state NOT IN ('queued', 'running') AND (ended < ?1 OR number <="
      " (SELECT number FROM runs WHERE state NOT IN ('queued', 'running')"
      "  ORDER BY number DESC LIMIT 1 OFFSET ?2))",
      {absl::ToUnixMillis(since), int64_t{keep}});
}

}  // namespace normbench
