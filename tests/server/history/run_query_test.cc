// SPDX-License-Identifier: Apache-2.0
#include "server/history/run_query.h"

#include <gtest/gtest.h>

namespace normbench {
namespace {

TEST(ToSql, AsksForOneMoreThanIsShown) {
  const SqlQuery query = ToSql({.count = 10});
  EXPECT_EQ(query.sql, "SELECT number, run FROM runs ORDER BY number DESC LIMIT ?1");
  ASSERT_EQ(query.values.size(), 1u);
  EXPECT_EQ(Int(query.values[0]), 11);
}

TEST(ToSql, NamesEveryConditionAndPutsNoValueIntoTheText) {
  const SqlQuery query = ToSql({.state = "complete",
                                .name = "it's",
                                .labels = {{"commit", "abc"}},
                                .submitted_after = absl::FromUnixMillis(5),
                                .submitted_before = absl::FromUnixMillis(9),
                                .before = 77,
                                .count = 1});
  EXPECT_EQ(query.sql,
            "SELECT number, run FROM runs WHERE state = ?1 AND name = ?2 AND submitted > ?3 AND "
            "submitted < ?4 AND number < ?5 AND EXISTS (SELECT 1 FROM labels WHERE run = number "
            "AND key = ?6 AND value = ?7) ORDER BY number DESC LIMIT ?8");
  ASSERT_EQ(query.values.size(), 8u);
  EXPECT_EQ(Text(query.values[1]), "it's");
  EXPECT_EQ(Int(query.values[2]), 5);
  EXPECT_EQ(Int(query.values[4]), 77);
  EXPECT_EQ(Text(query.values[6]), "abc");
}

}  // namespace
}  // namespace normbench
