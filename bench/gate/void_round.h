// SPDX-License-Identifier: Apache-2.0
// Whether a round counts. Pure.
#pragma once

#include <string>

#include "normbench/v1/comparison.pb.h"

namespace normbench {

// Why the times of a round say nothing of the arms: the hypervisor or a quota took the processors
// away during a visit. Empty: they count.
std::string WhyVoid(const v1::Policy& policy, const v1::Round& round);

}  // namespace normbench
