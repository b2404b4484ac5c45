// SPDX-License-Identifier: Apache-2.0
#include "bench/load/slot_pool.h"

#include <algorithm>

namespace normbench {

SlotPool::SlotPool(int slots) : slots_(slots) {
  for (int slot = slots - 1; slot >= 0; --slot) free_.push_back(slot);
}

std::optional<int> SlotPool::Take(Clock::time_point now) {
  std::erase_if(resting_, [&](int slot) {
    if (slots_[slot].ready > now) return false;
    free_.push_back(slot);
    return true;
  });
  if (free_.empty()) return std::nullopt;
  const int slot = free_.back();
  free_.pop_back();
  slots_[slot].busy = true;
  ++busy_;
  return slot;
}

void SlotPool::GiveBack(int slot, bool failed, Clock::time_point now) {
  Slot& given = slots_[slot];
  given.busy = false;
  --busy_;
  if (!failed) {
    given.rest = Clock::duration::zero();
    free_.push_back(slot);
    return;
  }
  given.rest = std::clamp(2 * given.rest, kShortestRest, kLongestRest);
  given.ready = now + given.rest;
  resting_.push_back(slot);
}

bool SlotPool::IsBusy(int slot) const {
  return slot >= 0 && slot < static_cast<int>(slots_.size()) && slots_[slot].busy;
}

std::optional<Clock::time_point> SlotPool::NextRested() const {
  if (resting_.empty()) return std::nullopt;
  const int next = *std::min_element(resting_.begin(), resting_.end(), [&](int a, int b) {
    return slots_[a].ready < slots_[b].ready;
  });
  return slots_[next].ready;
}

}  // namespace normbench
