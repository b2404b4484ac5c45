// SPDX-License-Identifier: Apache-2.0
// The one question asked at the head of every handler: may this call go on? Every call passes
// through StartUnary, Measure or, request by request, ModelStreamInfer, so a check that is added
// here covers all of them. And what every kind of health answers: whether to send calls here at
// all.
#pragma once

#include <atomic>
#include <cstdint>

#include "absl/status/status.h"

namespace normbench {

// What a method does to the server.
enum class Access {
  kInfo,   // answers from what is known: metadata, lists
  kWork,   // takes a share of the budgets
  kOrder,  // asks for work later on, which disturbs nobody now
};

// What becomes of the work of others while a run of the server's own has the device.
enum class OtherTraffic { kMark, kRefuse };

// Thread-safe.
class Authorizer {
 public:
  // Returns UNAVAILABLE "server is draining ..." for work, now or later, once StartDraining was
  // called, and RESOURCE_EXHAUSTED for work while a run refuses that of others. `own`: it is of the
  // run itself.
  absl::Status Authorize(Access access, bool own);

  // A run has the device until EndRun, which returns how often work of others was allowed since.
  // One at a time.
  void BeginRun(OtherTraffic others);
  int64_t EndRun();
  bool run_active() const { return run_.load(std::memory_order_relaxed) != Run::kNone; }

  // False until the server serves, and again from before it drains. Work is refused by draining
  // alone: who does not look at health is served to the end of the gap between the two.
  // Who sees ready sees all that was there before.
  void SetReady(bool ready) { ready_.store(ready, std::memory_order_release); }
  bool ready() const { return ready_.load(std::memory_order_acquire); }

  // From now on work is refused; what is queued or running goes on. Idempotent.
  void StartDraining() { draining_.store(true, std::memory_order_relaxed); }
  bool draining() const { return draining_.load(std::memory_order_relaxed); }

 private:
  enum class Run { kNone, kMarks, kRefuses };

  std::atomic<bool> ready_{false};
  std::atomic<bool> draining_{false};
  std::atomic<Run> run_{Run::kNone};
  std::atomic<int64_t> others_{0};  // since BeginRun
};

}  // namespace normbench
