// SPDX-License-Identifier: Apache-2.0
#include "server/history/schema.h"

#include "absl/strings/str_cat.h"

namespace normbench {
namespace {

constexpr int64_t kApplicationId = 0x6e6f726d;  // "norm": tells our files from those of others

// Times are milliseconds since 1970. `number` is the order of submission and never used again, so
// that pages of a list stay where they are. A run has as many events as `events` says; the events
// with a case_index are the results of its cases.
constexpr const char* kTables[] = {
    "CREATE TABLE runs (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,"
    " state TEXT NOT NULL, name TEXT NOT NULL, submitted INTEGER NOT NULL, ended INTEGER,"
    " idempotency_key TEXT UNIQUE, events INTEGER NOT NULL DEFAULT 0, run BLOB NOT NULL,"
    " request BLOB NOT NULL)",
    "CREATE INDEX runs_state ON runs (state, number)",
    "CREATE INDEX runs_name ON runs (name, number)",
    "CREATE TABLE labels (run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,"
    " key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (run, key)) WITHOUT ROWID",
    "CREATE TABLE events (run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,"
    " sequence INTEGER NOT NULL, case_index INTEGER, event BLOB NOT NULL,"
    " PRIMARY KEY (run, sequence))",
    "CREATE TABLE reports (run INTEGER PRIMARY KEY REFERENCES runs ON DELETE CASCADE,"
    " report BLOB NOT NULL)"};

absl::StatusOr<int64_t> Number(Database& database, const char* sql) {
  const auto rows = database.Select(sql);
  if (!rows.ok()) return rows.status();
  return Int((*rows)[0][0]);
}

absl::Status Make(Database& database) {
  absl::StatusOr<Transaction> transaction = Transaction::Begin(database);
  if (!transaction.ok()) return transaction.status();
  for (const char* table : kTables) {
    if (absl::Status status = database.Run(table); !status.ok()) return status;
  }
  for (const std::string& mark : {absl::StrCat("PRAGMA application_id = ", kApplicationId),
                                  absl::StrCat("PRAGMA user_version = ", kHistoryVersion)}) {
    if (absl::Status status = database.Run(mark); !status.ok()) return status;
  }
  return transaction->Commit();
}

}  // namespace

absl::Status PrepareSchema(Database& database, const std::string& path) {
  const auto tables = Number(database, "SELECT count(*) FROM sqlite_schema");
  if (!tables.ok()) return tables.status();
  if (*tables == 0) return Make(database);
  const auto owner = Number(database, "PRAGMA application_id");
  if (!owner.ok()) return owner.status();
  if (*owner != kApplicationId) {
    return absl::FailedPreconditionError(absl::StrCat(path, ": is another program's database"));
  }
  const auto version = Number(database, "PRAGMA user_version");
  if (!version.ok()) return version.status();
  if (*version == kHistoryVersion) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(path, ": a history of version ", *version,
                                                    "; this server reads and writes ",
                                                    kHistoryVersion));
}

}  // namespace normbench
