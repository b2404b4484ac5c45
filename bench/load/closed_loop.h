// SPDX-License-Identifier: Apache-2.0
// Fixed concurrency: `in_flight` requests are always under way; latency is service time, from send
// to completion. There is no schedule, so nothing is back-filled (measurement rules: coordinated
// omission is a property of this loop, and the report says which loop it was).
#pragma once

#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "bench/load/outputs.h"
#include "bench/load/recorder.h"
#include "bench/load/stop_reason.h"
#include "bench/load/target.h"

namespace normbench {

struct ClosedLoopOptions {
  int in_flight = 1;  // at most the target's slots
  double warmup_seconds = 0.5;
  double seconds = 2;         // of measuring, at least; the end, unless what follows comes first
  int64_t max_requests = 0;   // of the window; 0: any
  double precision = 0;       // ends as precision_rule.h says; 0: not
  int64_t inputs = 1;         // input numbers 0 .. inputs - 1, in order, again and again
  bool whole_passes = false;  // ends only after each input was sent equally often
  // Samples (images, tensors) in a request with this input; null: 1. Requests for which it is
  // smaller than samples_of(0) are ragged: their latency is not comparable. Called once for each
  // input before the first request.
  std::function<int(int64_t input)> samples_of = nullptr;
  double stall_seconds = 30;  // no completion for so long: the target is lost
  // So many errors in a row, and no success for so long: it is lost, too.
  int max_consecutive_errors = 100;
  double lost_seconds = 2;
};

struct LoopProgress {
  bool warming_up = true;
  double fraction = 0;    // of the planned work, 0 .. 1
  int64_t completed = 0;  // of the present phase: warm-up or window
  int64_t errors = 0;
  int64_t dropped = 0;                 // open loops: not sent, in the window
  const Recorder* recorder = nullptr;  // of the window so far; valid during the call only
};

struct LoopResult {
  Recorder recorder;              // of the measured window
  double measured_seconds = 0;    // the window: first measured send to last completion
  double first_call_seconds = 0;  // the very first request, not in the window; 0: it failed
  int64_t warmup_requests = 0;    // without the first call
  int64_t errors = 0;             // in the window
  bool interrupted = false;       // stop() said so
  StopReason ended_by = StopReason::kTime;
  absl::Status lost;  // not OK: the target stopped answering, or failed every request of the window
};

// Runs the loop on the calling thread: one first call alone, warm-up until its time is over, then,
// when nothing is under way any more, the window from input 0 on. A slot whose request failed rests
// for a moment (slot_pool.h), so fewer are under way while there are errors. `outputs`, if given,
// gets every OK answer of the window. `stop` is polled a few times a second; `progress` is called
// about as often, and once when the loop has ended; both may be null. After an interruption, and
// when the target counts as lost, requests may still be under way. REQUIRES: in_flight, inputs
// >= 1.
LoopResult RunClosedLoop(Target& target, const ClosedLoopOptions& options, OutputLedger* outputs,
                         const std::function<bool()>& stop,
                         const std::function<void(const LoopProgress&)>& progress);

}  // namespace normbench
