// SPDX-License-Identifier: Apache-2.0
#include "bench/load/open_slots.h"

namespace normbench {

OpenSlots::OpenSlots(int count) : requests_(static_cast<size_t>(count)) {
  for (int slot = count - 1; slot >= 0; --slot) free_.push_back(slot);
}

std::optional<int> OpenSlots::Take(OpenRequest request, bool wait) {
  std::unique_lock<std::mutex> lock(mutex_);
  request.waited = free_.empty();
  if (wait) changed_.wait(lock, [this] { return !free_.empty() || ended_; });
  if (free_.empty() || ended_) return std::nullopt;
  const int slot = free_.back();
  free_.pop_back();
  request.sent = Clock::now();
  requests_[static_cast<size_t>(slot)] = request;
  return slot;
}

void OpenSlots::GiveBack(int slot) {
  const std::lock_guard<std::mutex> lock(mutex_);
  free_.push_back(slot);
  changed_.notify_one();
}

OpenRequest OpenSlots::Get(int slot) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return requests_[static_cast<size_t>(slot)];
}

std::vector<OpenRequest> OpenSlots::UnderWay() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::vector<bool> free(requests_.size());
  for (const int slot : free_) free[static_cast<size_t>(slot)] = true;
  std::vector<OpenRequest> under_way;
  for (size_t slot = 0; slot < requests_.size(); ++slot) {
    if (!free[slot]) under_way.push_back(requests_[slot]);
  }
  return under_way;
}

int OpenSlots::busy() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return static_cast<int>(requests_.size() - free_.size());
}

void OpenSlots::End() {
  const std::lock_guard<std::mutex> lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

bool OpenSlots::ended() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return ended_;
}

}  // namespace normbench
