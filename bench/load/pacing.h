// SPDX-License-Identifier: Apache-2.0
// Being on time without spinning: on two cores a spinning sender would take the server's.
#pragma once

#include "bench/load/target.h"

namespace normbench {

// Lets the calling thread wake up when its time has come instead of up to 50 us later, the
// kernel's default slack.
void UseExactTimers();

// Sleeps until `time`; a signal does not end it.
void SleepUntil(Clock::time_point time);

// Of the steady clock, in seconds; only differences mean something.
double SteadySeconds();

// CPU time of the calling thread so far, in seconds.
double ThreadCpuSeconds();

}  // namespace normbench
