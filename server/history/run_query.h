// SPDX-License-Identifier: Apache-2.0
// Which runs of a history a list shows, and the SQL of it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "server/history/database.h"

namespace normbench {

// Runs that fit all that is said, newest first.
struct RunQuery {
  std::string state = {};                           // empty: any
  std::string name = {};                            // empty: any
  std::map<std::string, std::string> labels = {};   // all of them
  std::optional<absl::Time> submitted_after = {};   // later than that
  std::optional<absl::Time> submitted_before = {};  // earlier than that
  std::optional<int64_t> before = {};               // runs submitted before the one of this number
  int count = 50;                                   // at most so many
};

struct SqlQuery {
  std::string sql;  // rows of (number, run)
  std::vector<SqlValue> values;
};

// One row more than query.count: whether there is more.
SqlQuery ToSql(const RunQuery& query);

}  // namespace normbench
