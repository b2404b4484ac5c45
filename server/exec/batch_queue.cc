// SPDX-License-Identifier: Apache-2.0
#include "server/exec/batch_queue.h"

#include <algorithm>

namespace normbench {
namespace {

// A delayed one has had its timeout.
Deadline ExpiryOf(const BatchEntry& entry) {
  return std::min(entry.deadline, entry.timeout);
}

bool IsPreferred(const BatchRules& rules, int64_t samples) {
  return std::ranges::find(rules.preferred, samples) != rules.preferred.end();
}

}  // namespace

void BatchQueue::Push(JobId id, BatchEntry entry) {
  In({entry.level, false, id}, std::move(entry));
}

void BatchQueue::In(Place place, BatchEntry entry) {
  if (ExpiryOf(entry) != Deadline::max()) expiries_.emplace(ExpiryOf(entry), place.id);
  ++waiting_[entry.level];
  cost_seconds_ += entry.cost_seconds;
  places_.emplace(place.id, place);
  entries_.emplace(place, std::move(entry));
}

BatchEntry BatchQueue::Out(Place place) {
  const auto found = entries_.find(place);
  BatchEntry entry = std::move(found->second);
  entries_.erase(found);
  places_.erase(place.id);
  expiries_.erase({ExpiryOf(entry), place.id});
  --waiting_[entry.level];
  cost_seconds_ = entries_.empty() ? 0 : cost_seconds_ - entry.cost_seconds;
  return entry;
}

std::optional<BatchEntry> BatchQueue::Remove(JobId id) {
  const auto found = places_.find(id);
  if (found == places_.end()) return std::nullopt;
  return Out(found->second);
}

std::vector<BatchEntry> BatchQueue::RemoveAll() {
  std::vector<BatchEntry> all;
  while (!entries_.empty()) all.push_back(Out(entries_.begin()->first));
  return all;
}

BatchQueue::Expired BatchQueue::Expire(Deadline now) {
  Expired expired;
  while (!expiries_.empty() && expiries_.begin()->first <= now) {
    const JobId id = expiries_.begin()->second;
    BatchEntry entry = Out(places_.at(id));
    if (entry.deadline <= now) {
      expired.deadline.push_back(std::move(entry));
    } else if (!entry.delays) {
      expired.timeout.push_back(std::move(entry));
    } else {
      entry.timeout = Deadline::max();
      In({entry.level, true, id}, std::move(entry));
    }
  }
  return expired;
}

Deadline BatchQueue::NextExpiry() const {
  return expiries_.empty() ? Deadline::max() : expiries_.begin()->first;
}

BatchQueue::Pick BatchQueue::PickNext() const {
  Pick pick;
  const auto first = entries_.begin();
  const BatchRules& rules = *first->second.rules;
  pick.entries.push_back(first);
  int64_t samples = first->second.samples;
  size_t preferred = IsPreferred(rules, samples) ? 1 : 0;  // entries that make a preferred size
  pick.ready = !rules.joins;
  for (auto next = std::next(first); next != entries_.end(); ++next) {
    if (!rules.joins || samples >= rules.max_samples) break;
    const bool alike = next->second.kind == first->second.kind;
    const bool fits = alike && next->second.samples <= rules.max_samples - samples;
    if (fits) {
      pick.entries.push_back(next);
      samples += next->second.samples;
      if (IsPreferred(rules, samples)) preferred = pick.entries.size();
      continue;
    }
    // What comes later is no reason to wait once something does not fit, or may not be overtaken.
    pick.ready = pick.ready || alike || rules.keeps_order;
    if (rules.keeps_order) break;
  }
  pick.ready = pick.ready || samples >= rules.max_samples || preferred > 0;
  if (preferred > 0) pick.entries.resize(preferred);
  return pick;
}

Deadline BatchQueue::ReadyAt() const {
  if (entries_.empty()) return Deadline::max();
  const BatchEntry& first = entries_.begin()->second;
  if (first.rules->max_delay.count() == 0 || PickNext().ready) return Deadline::min();
  return first.arrived + first.rules->max_delay;
}

std::vector<BatchEntry> BatchQueue::Take(Deadline now) {
  std::vector<BatchEntry> batch;
  if (ReadyAt() > now) return batch;
  std::vector<Place> places;
  for (const auto& entry : PickNext().entries) places.push_back(entry->first);
  for (const Place& place : places) batch.push_back(Out(place));
  return batch;
}

size_t BatchQueue::WaitingAt(uint64_t level) const {
  const auto found = waiting_.find(level);
  return found == waiting_.end() ? 0 : found->second;
}

}  // namespace normbench
