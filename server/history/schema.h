// SPDX-License-Identifier: Apache-2.0
// What a history file holds, as tables: runs with their labels, what happened in them, and what
// they found without their cases, which are among what happened.
#pragma once

#include "absl/status/status.h"
#include "server/history/database.h"

namespace normbench {

inline constexpr int kHistoryVersion = 1;

// Makes the tables in a new file. Returns FAILED_PRECONDITION for a database of another program and
// for a version of the tables that is not this one.
absl::Status PrepareSchema(Database& database, const std::string& path);

}  // namespace normbench
