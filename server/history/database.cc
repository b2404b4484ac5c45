// SPDX-License-Identifier: Apache-2.0
#include "server/history/database.h"

#include <sqlite3.h>

#include <cerrno>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"

namespace normbench {
namespace {

// A second process is refused, not let in for a while: the lock is held until this one ends,
// however it does. Every commit is written through to the disk.
constexpr const char* kSettings[] = {"PRAGMA locking_mode = EXCLUSIVE", "PRAGMA journal_mode = WAL",
                                     "PRAGMA synchronous = FULL", "PRAGMA foreign_keys = ON"};

// Where a file may not grow: a quota, the process's limit. What SQLite calls an error of writing,
// and tells of its files only: sqlite3_system_errno() does not know of those in a commit.
bool MayNotGrow(sqlite3* handle) {
  for (const int which : {SQLITE_FCNTL_FILE_POINTER, SQLITE_FCNTL_JOURNAL_POINTER}) {
    sqlite3_file* file = nullptr;
    sqlite3_file_control(handle, "main", which, &file);
    if (file == nullptr || file->pMethods == nullptr) continue;
    int error = 0;
    file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &error);
    if (error == EDQUOT || error == EFBIG || error == ENOSPC) return true;
  }
  return false;
}

int Bind(sqlite3_stmt* statement, int index, const SqlValue& value) {
  // Values outlive the statement's run.
  if (const auto* number = std::get_if<int64_t>(&value)) {
    return sqlite3_bind_int64(statement, index, *number);
  }
  if (const auto* text = std::get_if<std::string>(&value)) {
    return sqlite3_bind_text64(statement, index, text->data(), text->size(), SQLITE_STATIC,
                               SQLITE_UTF8);
  }
  if (const auto* blob = std::get_if<Blob>(&value)) {
    return sqlite3_bind_blob64(statement, index, blob->bytes.data(), blob->bytes.size(),
                               SQLITE_STATIC);
  }
  return sqlite3_bind_null(statement, index);
}

std::string BytesOf(sqlite3_stmt* statement, int column) {
  const void* data = sqlite3_column_blob(statement, column);
  const int size = sqlite3_column_bytes(statement, column);
  return size == 0 ? "" : std::string(static_cast<const char*>(data), size);
}

SqlValue ValueOf(sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      return sqlite3_column_int64(statement, column);
    case SQLITE_TEXT:
      return BytesOf(statement, column);
    case SQLITE_BLOB:
      return Blob{BytesOf(statement, column)};
    default:
      return std::monostate();
  }
}

SqlRow RowOf(sqlite3_stmt* statement) {
  SqlRow row;
  for (int i = 0; i < sqlite3_column_count(statement); ++i) row.push_back(ValueOf(statement, i));
  return row;
}

}  // namespace

int64_t Int(const SqlValue& value) {
  const auto* number = std::get_if<int64_t>(&value);
  return number == nullptr ? 0 : *number;
}

std::string Text(const SqlValue& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text == nullptr ? "" : *text;
}

std::string Bytes(const SqlValue& value) {
  const auto* blob = std::get_if<Blob>(&value);
  return blob == nullptr ? "" : blob->bytes;
}

void Database::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

absl::StatusOr<std::unique_ptr<Database>> Database::Open(const std::string& path) {
  sqlite3* handle = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  std::unique_ptr<Database> database(new Database(path, handle));
  if (code != SQLITE_OK) return database->Error(code);
  for (const char* setting : kSettings) {
    if (absl::Status status = database->Run(setting); !status.ok()) return status;
  }
  // Takes the lock now, and shows whether the file can be written.
  for (const char* step : {"BEGIN EXCLUSIVE", "COMMIT"}) {
    if (absl::Status status = database->Run(step); !status.ok()) return status;
  }
  return database;
}

Database::~Database() {
  statements_.clear();
  sqlite3_close(handle_);
}

absl::Status Database::Error(int code) const {
  const auto with = [this](const char* words) { return absl::StrCat(path_, ": ", words); };
  const std::string other =
      absl::StrCat(path_, ": ", sqlite3_errmsg(handle_), " (SQLite ", code, ")");
  switch (code & 0xff) {
    case SQLITE_BUSY:
      return absl::FailedPreconditionError(with("another server has this history open"));
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return absl::FailedPreconditionError(
          with("cannot be opened to be written; its folder has to exist"));
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      return absl::DataLossError(with("is no history of normbench, or is damaged"));
    case SQLITE_FULL:
      return absl::ResourceExhaustedError(with("the disk is full; nothing new is kept"));
    case SQLITE_IOERR:
      if (!MayNotGrow(handle_)) return absl::InternalError(other);
      return absl::ResourceExhaustedError(
          with("may not grow (a quota, or a limit of files); nothing new is kept"));
    case SQLITE_CONSTRAINT:
      return absl::AlreadyExistsError(with(sqlite3_errmsg(handle_)));
    default:
      return absl::InternalError(other);
  }
}

absl::StatusOr<sqlite3_stmt*> Database::Prepare(std::string_view sql) {
  const auto known = statements_.find(sql);
  if (known != statements_.end()) return known->second.get();
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return Error(sqlite3_extended_errcode(handle_));
  statements_.emplace(sql, statement);
  return statement;
}

absl::StatusOr<std::vector<SqlRow>> Database::Select(std::string_view sql,
                                                     const std::vector<SqlValue>& values) {
  const absl::StatusOr<sqlite3_stmt*> statement = Prepare(sql);
  if (!statement.ok()) return statement.status();
  const auto reset = absl::MakeCleanup([s = *statement] {
    sqlite3_reset(s);
    sqlite3_clear_bindings(s);
  });
  for (size_t i = 0; i < values.size(); ++i) {
    const int code = Bind(*statement, static_cast<int>(i) + 1, values[i]);
    if (code != SQLITE_OK) return Error(code);
  }
  std::vector<SqlRow> rows;
  while (true) {
    const int code = sqlite3_step(*statement);
    if (code == SQLITE_DONE) return rows;
    if (code != SQLITE_ROW) return Error(sqlite3_extended_errcode(handle_));
    rows.push_back(RowOf(*statement));
  }
}

absl::Status Database::Run(std::string_view sql, const std::vector<SqlValue>& values) {
  return Select(sql, values).status();
}

int64_t Database::last_row() const {
  return sqlite3_last_insert_rowid(handle_);
}

int64_t Database::changes() const {
  return sqlite3_changes64(handle_);
}

absl::StatusOr<Transaction> Transaction::Begin(Database& database) {
  if (absl::Status status = database.Run("BEGIN IMMEDIATE"); !status.ok()) return status;
  return Transaction(&database);
}

// SQLite has already undone it where the disk was full: that there is nothing to undo is no matter.
Transaction::~Transaction() {
  if (database_ != nullptr) database_->Run("ROLLBACK").IgnoreError();
}

absl::Status Transaction::Commit() {
  absl::Status status = database_->Run("COMMIT");
  if (status.ok()) database_ = nullptr;
  return status;
}

}  // namespace normbench
