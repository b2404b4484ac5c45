// SPDX-License-Identifier: Apache-2.0
// Which slots of a target may send. One whose request failed rests for a while, longer with each
// failure in a row: a server that refuses in microseconds would otherwise be asked without pause,
// and what it still answers would be measured under that load. Reads no clock.
#pragma once

#include <optional>
#include <vector>

#include "bench/load/target.h"

namespace normbench {

class SlotPool {
 public:
  // Slots 0 .. slots - 1, all free.
  explicit SlotPool(int slots);

  // The first rest after a success, doubled by each failure in a row up to the longest.
  static constexpr Clock::duration kShortestRest = std::chrono::milliseconds(1);
  static constexpr Clock::duration kLongestRest = std::chrono::milliseconds(20);

  // A free slot that does not rest, which is then busy; nothing if there is none.
  std::optional<int> Take(Clock::time_point now);

  // REQUIRES: IsBusy(slot).
  void GiveBack(int slot, bool failed, Clock::time_point now);

  bool IsBusy(int slot) const;
  int busy() const { return busy_; }

  // When the next one has rested; nothing if none rests.
  std::optional<Clock::time_point> NextRested() const;

 private:
  struct Slot {
    bool busy = false;
    Clock::duration rest{};  // after its latest failure; 0: none
    Clock::time_point ready;
  };

  std::vector<Slot> slots_;
  std::vector<int> free_;  // the latest one first: its memory is warm
  std::vector<int> resting_;
  int busy_ = 0;
};

}  // namespace normbench
