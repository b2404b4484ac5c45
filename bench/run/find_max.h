// SPDX-License-Identifier: Apache-2.0
// One measurement of a service or model case: as the case says, or, where the session asks for the
// highest rate under a limit, at the rate that a search finds.
#pragma once

#include <optional>

#include "absl/status/statusor.h"
#include "bench/report/case.h"
#include "bench/run/case_loop.h"
#include "bench/run/session.h"
#include "normbench/v1/report.pb.h"

namespace normbench {

struct SearchedCase {
  Case c;  // what was measured: the given one, or one at the rate that was found
  LoopRun run;
  std::optional<v1::FindMax> find_max;

  // Refers to this.
  LoopMeasurement measurement() const;
};

// Returns what CaseLoop::Run says, CANCELLED when the search was stopped.
absl::StatusOr<SearchedCase> MeasureCase(const CaseLoop& loop, const Case& c,
                                         const Session& session);

}  // namespace normbench
