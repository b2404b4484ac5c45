// SPDX-License-Identifier: Apache-2.0
// A piece of work for an Executor: two callables of which exactly one is called, and what the queue
// needs to know about it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

#include "absl/status/status.h"

namespace normbench {

using JobId = uint64_t;
using Deadline = std::chrono::steady_clock::time_point;

// REQUIRES: run and drop are set.
struct Job {
  // On a worker thread. REQUIRES: does not throw.
  std::function<void()> run;
  // On the thread that found out: the timer's, a worker's, the canceller's or the one that shuts
  // down. REQUIRES: does not block, does not throw.
  std::function<void(const absl::Status&)> drop;
  Deadline deadline = Deadline::max();  // queued work is dropped when it passes, not later
  double cost_seconds = 0;              // estimated time on one worker
  // Runs alone: starts when every earlier job has ended; no later job starts before it ends.
  bool exclusive = false;
};

}  // namespace normbench
