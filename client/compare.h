// SPDX-License-Identifier: Apache-2.0
// `normbench compare`: policy -> plan -> rounds -> verdict. Reads as a script; what counts as worse
// is bench/gate's business.
#pragma once

#include "client/arguments_gate.h"
#include "client/run.h"

namespace normbench {

// Prints plan and verdict to standard output, progress and errors to standard error; writes
// comparison.json and its other forms, whatever the verdict is and also where the servers gave
// none; nothing for arguments, or a policy file, that cannot be used. Returns the exit code
// (bench/report/exit_code.h). Restricts the process to the client's processors: call before other
// threads exist.
int Compare(const CompareArguments& arguments, const RunContext& context);

}  // namespace normbench
