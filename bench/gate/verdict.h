// SPDX-License-Identifier: Apache-2.0
// All that was found -> one word, one sentence, one exit code. Pure.
#pragma once

#include "normbench/v1/comparison.pb.h"

namespace normbench {

// Fills verdict, why and exit_code from policy, outcome, rounds, cells and accuracy. Where several
// apply, the exit code with precedence is the verdict (bench/report/exit_code.h): an invalid
// measurement cannot convict (its cells are INCONCLUSIVE, whatever they were); a wrong answer
// always does.
void Conclude(v1::Comparison* comparison);

}  // namespace normbench
