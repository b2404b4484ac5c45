// SPDX-License-Identifier: Apache-2.0
// Where each dtype's loops are compiled: a unit of its own, for the time it takes.
#pragma once

#include "hwy/targets.h"
#include "server/kernels/native/loops.h"

namespace normbench {

// Null for a target that is not compiled.
const Loops* F32TableFor(const hwy::ChosenTarget& target);
const Loops* F16TableFor(const hwy::ChosenTarget& target);
const Loops* Bf16TableFor(const hwy::ChosenTarget& target);

}  // namespace normbench
