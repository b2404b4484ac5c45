// SPDX-License-Identifier: Apache-2.0
// Requests on a schedule that does not wait for the answers, as users do not. Each request has two
// latencies: from its scheduled send, what a user would have felt, and from its actual send, what
// the server did. A slow server cannot slow the schedule down: that is what a closed loop gets
// wrong (coordinated omission).
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "bench/load/arrivals.h"
#include "bench/load/closed_loop.h"
#include "bench/load/outputs.h"
#include "bench/load/recorder.h"
#include "bench/load/stop_reason.h"
#include "bench/load/target.h"

namespace normbench {

// What becomes of a request for which no slot is free when its time comes.
enum class LatePolicy {
  kSend,  // it waits for a slot and is sent late; the wait is part of its latency
  kDrop   // it is not sent, and counts as infinitely late
};

struct OpenLoopOptions {
  int in_flight = 1024;  // at most, and at most the target's slots
  LatePolicy late = LatePolicy::kSend;
  double warmup_seconds = 0.5;  // of the schedule: what is scheduled before is sent, not measured
  double seconds = 2;           // of measuring: how long the schedule is after the warm-up
  int64_t max_requests = 0;     // of the window: the schedule ends after so many; 0: any
  int64_t inputs = 1;           // input numbers 0 .. inputs - 1, in order, again and again
  std::function<int(int64_t input)> samples_of = nullptr;  // as of ClosedLoopOptions
  // Requests under way and no completion for so long: the target is lost. So it is where so many
  // requests in a row failed, over so long.
  double stall_seconds = 30;
  int max_consecutive_errors = 100;
};

struct OpenLoopResult {
  // At most so many times of drops are kept.
  static constexpr size_t kMaxDropTimes = size_t{1} << 20;

  Recorder recorder{true};         // of the measured window
  double measured_seconds = 0;     // from the end of the warm-up to the last completion or schedule
  double offered_seconds = 0;      // the part of it in which requests were scheduled
  int64_t offered = 0;             // scheduled in the window
  int64_t dropped = 0;             // of these, not sent
  int64_t waited = 0;              // of these, sent late because no slot was free
  std::vector<double> drop_times;  // seconds since the window began, the first ones
  int64_t errors = 0;              // of these, failed
  int64_t warmup_requests = 0;
  // Shares of a core that the two threads used; above 0.8 the client was at its limit.
  double sender_load = 0;
  double receiver_load = 0;
  bool interrupted = false;
  StopReason ended_by = StopReason::kSchedule;
  absl::Status lost;  // not OK: the target stopped answering, or failed every request of the window
};

// Sends on a thread of its own, which sleeps until each scheduled time, and waits for completions
// on the calling thread. Returns when the schedule has ended and the last answer is there. The
// target must allow Send on one thread while another is in Wait. A failed request frees its slot at
// once: the schedule, not the answers, sets the pace. After an interruption, answers that come
// within two seconds still count; those that do not are left out. Of a target that is lost, what it
// has not answered failed: UNAVAILABLE. `outputs`, `stop` and `progress` as of RunClosedLoop.
// REQUIRES: in_flight, inputs >= 1.
OpenLoopResult RunOpenLoop(Target& target, Arrivals& arrivals, const OpenLoopOptions& options,
                           OutputLedger* outputs, const std::function<bool()>& stop,
                           const std::function<void(const LoopProgress&)>& progress);

}  // namespace normbench
