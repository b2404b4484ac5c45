// SPDX-License-Identifier: Apache-2.0
// A report as GitHub-flavoured Markdown that fits a comment on a pull request: verdict, host, what
// was missed or failed, warnings (folded), tables, how to rerun. What was measured by a foreign
// server is shown as text: nothing in it is markup. Pure.
#pragma once

#include <cstddef>
#include <string>

#include "normbench/v1/report.pb.h"

namespace normbench {

// What GitHub takes in one comment, in characters. Counted in bytes here, which are never fewer.
inline constexpr size_t kMaxCommentBytes = 65536;

// At most kMaxCommentBytes long. Where the tables do not fit they end after a whole row, and a
// sentence says how many lines are missing.
std::string ReportToMarkdown(const v1::Report& report);

}  // namespace normbench
