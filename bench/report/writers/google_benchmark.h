// SPDX-License-Identifier: Apache-2.0
// A report in the JSON of Google Benchmark, which trackers and its compare.py read: one benchmark a
// case that was measured, named by its key, real_time = p50. Not everything fits: cpu_time is not
// measured and repeats real_time (the format requires it); intervals, p90, p99 and accuracy are
// user counters. Cases that failed or have no p50 have error_occurred; an error that is no finite
// number is left out, since JSON has no word for it. Pure.
#pragma once

#include <string>

#include "normbench/v1/report.pb.h"

namespace normbench {

std::string ReportToGoogleBenchmark(const v1::Report& report);

}  // namespace normbench
