// SPDX-License-Identifier: Apache-2.0
// What a comparison of an honest server with one that has a fault says of the gate. Pure.
#pragma once

#include <span>
#include <string>

#include "bench/report/exit_code.h"
#include "normbench/v1/comparison.pb.h"

namespace normbench {

struct FaultOutcome {
  ExitCode code = ExitCode::kOk;  // of the self-test, because of this fault
  std::string text;
};

// OK where the gate ended with `expected`; INCONCLUSIVE where it could not tell, which a policy
// that does not fit the machine is, too; the gate's own code where it was stopped or could not
// measure; else the gate is WRONG: kExpectation.
FaultOutcome OutcomeOf(ExitCode expected, const v1::Comparison& comparison);

// The code of all faults together: 130, 3, 1, 5, 0, the first of these that one has. Not the order
// of a gate: here what is wrong is the gate, and no other fault excuses that.
ExitCode WorstOutcome(std::span<const ExitCode> codes);

}  // namespace normbench
