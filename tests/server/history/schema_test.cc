// SPDX-License-Identifier: Apache-2.0
#include "server/history/schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace normbench {
namespace {

using ::testing::HasSubstr;

class SchemaTest : public ::testing::Test {
 protected:
  SchemaTest() {
    for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path_ + end);
    database_ = *Database::Open(path_);
  }

  const std::string path_ = ::testing::TempDir() + "schema.db";
  std::unique_ptr<Database> database_;
};

TEST_F(SchemaTest, IsMadeOnce) {
  ASSERT_TRUE(PrepareSchema(*database_, path_).ok());
  ASSERT_TRUE(database_
                  ->Run("INSERT INTO runs (id, state, name, submitted, run, request) VALUES ('a',"
                        " 'queued', 'n', 1, x'', x'')")
                  .ok());
  EXPECT_TRUE(PrepareSchema(*database_, path_).ok());
  EXPECT_EQ(database_->Select("SELECT id FROM runs")->size(), 1u);
}

TEST_F(SchemaTest, LeavesTheDatabaseOfAnotherProgramAlone) {
  ASSERT_TRUE(database_->Run("CREATE TABLE cookies (a TEXT)").ok());
  const absl::Status status = PrepareSchema(*database_, path_);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("another program's database"));
}

TEST_F(SchemaTest, RefusesAnotherVersion) {
  ASSERT_TRUE(PrepareSchema(*database_, path_).ok());
  ASSERT_TRUE(database_->Run("PRAGMA user_version = 2").ok());
  const absl::Status status = PrepareSchema(*database_, path_);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("a history of version 2; this server reads and writes 1"));
}

}  // namespace
}  // namespace normbench
