// SPDX-License-Identifier: Apache-2.0
// `normbench gate selftest`: can this gate fail? Servers of ours with a fault on purpose are
// compared with honest ones; each fault must lead to its own verdict, none to OK.
#pragma once

#include "client/arguments_gate.h"
#include "client/run.h"

namespace normbench {

// Prints a line for each fault. Returns 0 where every verdict was the right one, else the first of
// these that fits: 130 where it was stopped, 3 where a gate said OK of a fault (or REGRESSED of
// none), 1 where it could not measure, which ends it, 5 where it could not tell; 2 for a fault that
// there is not.
int Selftest(const SelftestArguments& arguments, const RunContext& context);

}  // namespace normbench
