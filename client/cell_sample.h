// SPDX-License-Identifier: Apache-2.0
// What a visit to a cell found -> what a gate keeps of it. Pure.
#pragma once

#include "bench/gate/gated_cell.h"
#include "normbench/v1/comparison.pb.h"
#include "normbench/v1/report.pb.h"

namespace normbench {

// The cell's metrics, as far as `result` has them. `cpu_seconds`: of the server, for all requests
// of the visit, warm-up and failures included; 0: nobody knows.
v1::CellSample SampleFrom(const GatedCell& cell, const v1::CaseResult& result, double cpu_seconds);

}  // namespace normbench
