// SPDX-License-Identifier: Apache-2.0
#include "client/doctor/findings.h"

#include <algorithm>

namespace normbench {

double MemoryOf(const Findings& findings) {
  const double bytes = findings.facts.memory_bytes;
  return std::min(bytes, findings.memory_limit_bytes.value_or(bytes));
}

}  // namespace normbench
