// SPDX-License-Identifier: Apache-2.0
// What a run will take, before it starts: an estimate from the cases alone.
#pragma once

#include <span>

#include "bench/report/case.h"

namespace normbench {

struct Plan {
  int cases = 0;
  double seconds = 0;       // budgets, and what each case needs around them
  double memory_bytes = 0;  // peak of the largest case, client and server together
};

Plan PlanOf(std::span<const Case> cases);

}  // namespace normbench
