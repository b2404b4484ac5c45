// SPDX-License-Identifier: Apache-2.0
// What an open loop gave -> the latencies and rates of a CaseResult. Latencies count from the
// scheduled send, with those from the actual send beside them; a request that was dropped is
// infinitely late. The whole window counts: its rate is the schedule's, so a stall in it is a
// finding and no warm-up.
#pragma once

#include "bench/load/open_loop.h"
#include "bench/report/visits.h"
#include "normbench/v1/report.pb.h"

namespace normbench {

// Sets latency_ok, latency_all, measured_seconds, requests, the rates, warmup_discarded and
// open_loop, and the warnings that they call for: NB106, NB140 (client_limited), NB141, NB142.
// Leaves the latencies in `kept`.
void SetOpenLoop(const OpenLoopResult& loop, v1::CaseResult* result, Kept* kept);

// The client, not the server, set the pace: the p99 of the send lag (of at least 100 requests) is
// above 50 us and a tenth of p50, or one of its threads used more than 0.8 of a core.
bool IsClientLimited(const OpenLoopResult& loop);

}  // namespace normbench
