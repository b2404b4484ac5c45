// SPDX-License-Identifier: Apache-2.0
// How the requests of one model wait and run together, as its configuration says.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <vector>

namespace normbench {

// How long requests of one priority wait, and how many.
struct QueuePolicy {
  std::chrono::microseconds timeout{0};  // 0: none
  bool delays = false;          // after it: behind all that have not waited so long; else refused
  bool allows_shorter = false;  // a request may ask for a shorter one
  uint32_t max_waiting = 0;     // 0: no limit of its own
};

struct BatchRules {
  int64_t max_samples = 1;                 // of one batch; a single request may have more
  bool joins = false;                      // requests of equal shapes run as one batch
  std::vector<int64_t> preferred;          // batches of these sizes do not wait for more
  std::chrono::microseconds max_delay{0};  // that the first of a batch waits for others
  bool keeps_order = false;                // one batch at a time, in the order of the requests
  int max_running = 0;                     // batches at a time; 0: as many as there are workers
  uint64_t levels = 0;                     // of priority, 1 runs first; 0: all are equal
  uint64_t default_level = 0;              // 0 if there are no levels
  QueuePolicy default_policy;
  std::map<uint64_t, QueuePolicy> policies;  // by level, instead of the default

  // The level of a request that asks for `priority`; 0 or more than there are: the default.
  uint64_t LevelOf(uint64_t priority) const {
    return priority >= 1 && priority <= levels ? priority : default_level;
  }
  const QueuePolicy& PolicyOf(uint64_t level) const {
    const auto own = policies.find(level);
    return own == policies.end() ? default_policy : own->second;
  }
};

}  // namespace normbench
