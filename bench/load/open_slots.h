// SPDX-License-Identifier: Apache-2.0
// What the two threads of an open loop share: which slots are free, and what is under way on the
// others. The thread that sends takes, the one that waits gives back.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "bench/load/target.h"

namespace normbench {

struct OpenRequest {
  Clock::time_point scheduled = {};
  Clock::time_point sent = {};
  int64_t input = 0;
  bool measured = false;  // scheduled after the warm-up
  bool waited = false;    // for a slot
};

// Thread-safe. Nothing is allocated after the constructor but by UnderWay.
class OpenSlots {
 public:
  // Slots 0 .. count - 1, all free.
  explicit OpenSlots(int count);

  // A slot for `request`, whose `sent` is now; nothing where none is free and `wait` is false, or
  // when the loop ends.
  std::optional<int> Take(OpenRequest request, bool wait);

  // Frees `slot`. The caller is through with the payload that lies on it.
  void GiveBack(int slot);

  // What is under way on `slot`.
  OpenRequest Get(int slot) const;

  // What was sent and has not come back.
  std::vector<OpenRequest> UnderWay() const;
  int busy() const;

  // Nobody gets a slot any more; who waits for one is told.
  void End();
  bool ended() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<int> free_;
  std::vector<OpenRequest> requests_;
  bool ended_ = false;
};

}  // namespace normbench
