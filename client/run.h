// SPDX-License-Identifier: Apache-2.0
// `normbench run`: sweep -> cases -> each measured -> report. Reads as a script; what a case is and
// how it is judged is bench/report's business.
#pragma once

#include <functional>
#include <string>

#include "client/arguments.h"

namespace normbench {

struct RunContext {
  std::string allocator;       // what KeepLargeBlocks() said
  std::function<bool()> stop;  // Ctrl-C
};

// Prints plan and tables to standard output, progress and errors to standard error, writes
// report.json and its other forms (report_files.h). Returns the exit code
// (bench/report/exit_code.h).
int Run(const RunArguments& arguments, const RunContext& context);

}  // namespace normbench
