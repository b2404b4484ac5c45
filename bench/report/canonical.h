// SPDX-License-Identifier: Apache-2.0
// A case with every default filled in, so that equal measurements are equal messages.
#pragma once

#include "bench/report/case.h"

namespace normbench {

inline constexpr int kDefaultGroups = 32;
inline constexpr double kDefaultEps = 1e-5;
inline constexpr int kDefaultModelInFlight = 8;
// Of an open loop it is a bound that a schedule should not reach.
inline constexpr int kDefaultOpenInFlight = 1024;

// An empty device becomes "auto" (the server's own; a request leaves it empty); stats is set for
// batch norm only, groups for group norm only, late for open loops only. threads of an
// invariance case stay empty, where the server has its own default. Idempotent. Zero counts
// mean "not given"; nothing else is checked.
CaseSpec Canonical(const CaseSpec& spec);

}  // namespace normbench
