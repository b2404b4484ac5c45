// SPDX-License-Identifier: Apache-2.0
// `normbench gate`: two kept reports, a verdict. Starts nothing.
#pragma once

#include "client/arguments_gate.h"

namespace normbench {

// Prints the verdict to standard output. Returns the exit code.
int Gate(const GateArguments& arguments);

}  // namespace normbench
