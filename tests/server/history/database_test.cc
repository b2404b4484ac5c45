// SPDX-License-Identifier: Apache-2.0
#include "server/history/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>

namespace normbench {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

// A path without a file, of this test only.
std::string FreshPath(const std::string& name) {
  const std::string path = ::testing::TempDir() + name;
  for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path + end);
  return path;
}

TEST(Database, KeepsWhatWasWritten) {
  const std::string path = FreshPath("kept.db");
  {
    const auto database = Database::Open(path);
    ASSERT_TRUE(database.ok()) << database.status();
    ASSERT_TRUE((*database)->Run("CREATE TABLE t (a INTEGER, b TEXT, c BLOB, d TEXT)").ok());
    ASSERT_TRUE((*database)
                    ->Run("INSERT INTO t VALUES (?1, ?2, ?3, ?4)",
                          {int64_t{7}, std::string("words"), Blob{std::string("\0\xff", 2)},
                           std::monostate()})
                    .ok());
    EXPECT_EQ((*database)->last_row(), 1);
    EXPECT_EQ((*database)->changes(), 1);
  }
  const auto again = Database::Open(path);
  ASSERT_TRUE(again.ok()) << again.status();
  const auto rows = (*again)->Select("SELECT a, b, c, d FROM t");
  ASSERT_TRUE(rows.ok()) << rows.status();
  ASSERT_THAT(*rows, SizeIs(1));
  const SqlRow& row = rows->front();
  EXPECT_EQ(Int(row[0]), 7);
  EXPECT_EQ(Text(row[1]), "words");
  EXPECT_EQ(Bytes(row[2]), std::string("\0\xff", 2));
  EXPECT_EQ(Text(row[3]), "");
}

// What a server says is kept has to be on the disk, and what belongs to a row goes with it.
TEST(Database, WritesThroughAndKeepsReferences) {
  auto database = *Database::Open(FreshPath("settings.db"));
  const auto setting = [&](const std::string& name) {
    return database->Select("PRAGMA " + name)->at(0).at(0);
  };
  EXPECT_EQ(Text(setting("journal_mode")), "wal");
  EXPECT_EQ(Int(setting("synchronous")), 2) << "FULL";
  EXPECT_EQ(Int(setting("foreign_keys")), 1);
}

TEST(Database, IsOpenOnce) {
  const std::string path = FreshPath("once.db");
  auto first = Database::Open(path);
  ASSERT_TRUE(first.ok()) << first.status();
  const auto second = Database::Open(path);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(second.status().message(), path + ": another server has this history open");
  first->reset();
  EXPECT_TRUE(Database::Open(path).ok());
}

TEST(Database, SaysWhatItCannotOpen) {
  const auto nowhere = Database::Open("/no/such/folder/h.db");
  EXPECT_EQ(nowhere.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(nowhere.status().message()),
              HasSubstr("/no/such/folder/h.db: cannot be opened"));
  const std::string path = FreshPath("text.db");
  std::ofstream(path) << std::string(5000, 'x');
  const auto text = Database::Open(path);
  EXPECT_EQ(text.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(text.status().message()), HasSubstr("is no history of normbench"));
}

TEST(Database, SaysThatTheDiskIsFullAndKeepsWhatThereWas) {
  auto database = *Database::Open(FreshPath("full.db"));
  ASSERT_TRUE(database->Run("CREATE TABLE t (a BLOB)").ok());
  ASSERT_TRUE(database->Run("INSERT INTO t VALUES (?1)", {Blob{"early"}}).ok());
  ASSERT_TRUE(database->Run("PRAGMA max_page_count = 3").ok());
  const Blob large{std::string(100'000, 'x')};
  const absl::Status full = database->Run("INSERT INTO t VALUES (?1)", {large});
  EXPECT_EQ(full.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(full.message()), HasSubstr("the disk is full"));
  const auto rows = database->Select("SELECT a FROM t");
  ASSERT_THAT(*rows, SizeIs(1));
  EXPECT_EQ(Bytes((*rows)[0][0]), "early");
}

// As with a quota: the disk has room, the file may not have it.
TEST(Database, SaysThatItsFileMayNotGrowAndKeepsWhatThereWas) {
  const std::string path = FreshPath("limited.db");
  auto database = *Database::Open(path);
  ASSERT_TRUE(database->Run("CREATE TABLE t (a BLOB)").ok());
  ASSERT_TRUE(database->Run("INSERT INTO t VALUES (?1)", {Blob{"early"}}).ok());
  std::signal(SIGXFSZ, SIG_IGN);  // as the server does
  rlimit before = {};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small = {std::filesystem::file_size(path + "-wal") + 10'000, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const Blob large{std::string(100'000, 'x')};
  const absl::Status full = database->Run("INSERT INTO t VALUES (?1)", {large});
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_EQ(full.code(), absl::StatusCode::kResourceExhausted) << full;
  EXPECT_THAT(std::string(full.message()), HasSubstr("limited.db: may not grow"));
  EXPECT_THAT(*database->Select("SELECT a FROM t"), SizeIs(1));
  EXPECT_TRUE(database->Run("INSERT INTO t VALUES (?1)", {large}).ok()) << "there is room again";
  EXPECT_THAT(*database->Select("SELECT a FROM t"), SizeIs(2));
}

TEST(Database, SaysWhatIsWrongWithAStatement) {
  auto database = *Database::Open(FreshPath("wrong.db"));
  EXPECT_EQ(database->Run("SELECT nonsense").code(), absl::StatusCode::kInternal);
  ASSERT_TRUE(database->Run("CREATE TABLE t (a TEXT UNIQUE)").ok());
  ASSERT_TRUE(database->Run("INSERT INTO t VALUES ('x')").ok());
  EXPECT_EQ(database->Run("INSERT INTO t VALUES ('x')").code(), absl::StatusCode::kAlreadyExists);
}

TEST(Transaction, IsDoneTogetherOrNotAtAll) {
  auto database = *Database::Open(FreshPath("together.db"));
  ASSERT_TRUE(database->Run("CREATE TABLE t (a INTEGER)").ok());
  {
    auto dropped = Transaction::Begin(*database);
    ASSERT_TRUE(dropped.ok());
    ASSERT_TRUE(database->Run("INSERT INTO t VALUES (1)").ok());
  }
  EXPECT_THAT(*database->Select("SELECT a FROM t"), SizeIs(0));
  {
    auto kept = Transaction::Begin(*database);
    ASSERT_TRUE(database->Run("INSERT INTO t VALUES (2)").ok());
    ASSERT_TRUE(kept->Commit().ok());
  }
  EXPECT_THAT(*database->Select("SELECT a FROM t"), SizeIs(1));
}

}  // namespace
}  // namespace normbench
