// SPDX-License-Identifier: Apache-2.0
// One SQLite file, opened by one process at a time. What is committed is on disk when the call
// returns, whatever happens to the process or the machine afterwards. The only file that knows
// SQLite.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

struct sqlite3;
struct sqlite3_stmt;

namespace normbench {

// Bytes that are no text: SQLite tells the two apart when it compares.
struct Blob {
  std::string bytes;
};

// Of a parameter or a column; monostate: NULL.
using SqlValue = std::variant<std::monostate, int64_t, std::string, Blob>;
using SqlRow = std::vector<SqlValue>;

// REQUIRES: the value is of that kind. NULL is 0 and "".
int64_t Int(const SqlValue& value);
std::string Text(const SqlValue& value);
std::string Bytes(const SqlValue& value);

// Not thread-safe.
class Database {
 public:
  // Makes the file where there is none; its folder exists. Returns FAILED_PRECONDITION where
  // another process has it open or it cannot be opened or written, DATA_LOSS where it is no
  // database or a damaged one.
  static absl::StatusOr<std::unique_ptr<Database>> Open(const std::string& path);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Runs one statement with its parameters (?1, ?2 ...) and returns its rows. Returns
  // RESOURCE_EXHAUSTED where the disk is full or the file may not grow, ALREADY_EXISTS where a
  // value has to be unique and is not, INTERNAL with SQLite's words otherwise.
  absl::StatusOr<std::vector<SqlRow>> Select(std::string_view sql,
                                             const std::vector<SqlValue>& values = {});

  // The same where no row is wanted.
  absl::Status Run(std::string_view sql, const std::vector<SqlValue>& values = {});

  // Number of the row that the latest INSERT made; rows that the latest statement changed.
  int64_t last_row() const;
  int64_t changes() const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

  Database(std::string path, sqlite3* handle) : path_(std::move(path)), handle_(handle) {}

  absl::StatusOr<sqlite3_stmt*> Prepare(std::string_view sql);
  absl::Status Error(int code) const;

  const std::string path_;
  sqlite3* const handle_;
  std::map<std::string, Statement, std::less<>> statements_;  // by their text, for the next time
};

// All that is run while it lives is done together, or not at all. One at a time.
class Transaction {
 public:
  static absl::StatusOr<Transaction> Begin(Database& database);
  // Undoes what was not committed.
  ~Transaction();
  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;

  absl::Status Commit();

 private:
  explicit Transaction(Database* database) : database_(database) {}

  Database* database_;  // null: ended
};

}  // namespace normbench
