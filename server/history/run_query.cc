// SPDX-License-Identifier: Apache-2.0
#include "server/history/run_query.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace normbench {

SqlQuery ToSql(const RunQuery& query) {
  SqlQuery out;
  std::vector<std::string> conditions;
  const auto parameter = [&out](SqlValue value) {
    out.values.push_back(std::move(value));
    return absl::StrCat("?", out.values.size());
  };
  const auto where = [&](const char* column, SqlValue value) {
    conditions.push_back(absl::StrCat(column, parameter(std::move(value))));
  };
  if (!query.state.empty()) where("state = ", query.state);
  if (!query.name.empty()) where("name = ", query.name);
  if (query.submitted_after) where("submitted > ", absl::ToUnixMillis(*query.submitted_after));
  if (query.submitted_before) where("submitted < ", absl::ToUnixMillis(*query.submitted_before));
  if (query.before) where("number < ", *query.before);
  for (const auto& [key, value] : query.labels) {
    const std::string name = parameter(key);
    conditions.push_back(absl::StrCat("EXISTS (SELECT 1 FROM labels WHERE run = number AND key = ",
                                      name, " AND value = ", parameter(value), ")"));
  }
  out.sql = absl::StrCat("SELECT number, run FROM runs", conditions.empty() ? "" : " WHERE ",
                         absl::StrJoin(conditions, " AND "), " ORDER BY number DESC LIMIT ",
                         parameter(int64_t{query.count} + 1));
  return out;
}

}  // namespace normbench
