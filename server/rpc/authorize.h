// SPDX-License-Identifier: Apache-2.0
// The one question asked at the head of every handler: may this call go on? Every call passes
// through StartUnary, Measure or, request by request, ModelStreamInfer, so a check that is added
// here covers all of them. And what every kind of health answers: whether to send calls here at
// all.
#pragma once

#include <atomic>

#include "absl/status/status.h"

namespace normbench {

// What a method does to the server.
enum class Access {
  kInfo,  // answers from what is known: metadata, lists
  kWork,  // takes a share of the budgets
};

// Thread-safe.
class Authorizer {
 public:
  // Returns UNAVAILABLE "server is draining ..." for work once StartDraining was called.
  absl::Status Authorize(Access access) const;

  // False until the server serves, and again from before it drains. Work is refused by draining
  // alone: who does not look at health is served to the end of the gap between the two.
  // Who sees ready sees all that was there before.
  void SetReady(bool ready) { ready_.store(ready, std::memory_order_release); }
  bool ready() const { return ready_.load(std::memory_order_acquire); }

  // From now on work is refused; what is queued or running goes on. Idempotent.
  void StartDraining() { draining_.store(true, std::memory_order_relaxed); }
  bool draining() const { return draining_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> ready_{false};
  std::atomic<bool> draining_{false};
};

}  // namespace normbench
