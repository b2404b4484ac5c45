// SPDX-License-Identifier: Apache-2.0
// The cases of a run, measured in rounds: each round visits every case that is to have another
// visit, so that the visits to one case are spread over the whole run.
#pragma once

#include <string>
#include <vector>

#include "bench/report/case.h"
#include "bench/run/session.h"
#include "normbench/v1/report.pb.h"

namespace normbench {

// Adds a result for each case to the report, in order, also for those that the run ended before.
// Returns the outcome: complete | interrupted |
// server_lost.
std::string RunRounds(const std::vector<Case>& cases, const Session& session, v1::Report* report);

}  // namespace normbench
