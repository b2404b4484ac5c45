// SPDX-License-Identifier: Apache-2.0
// `normbench explain`: what the warning codes of reports mean and what to do about them.
#pragma once

#include "client/arguments.h"

namespace normbench {

// Prints the code that was asked for (by code or name), or all of them in one line each. Returns 0,
// or 2 for a code that this version does not know; the nearest is named.
int Explain(const ExplainArguments& arguments);

}  // namespace normbench
