// SPDX-License-Identifier: Apache-2.0
#include "server/exec/batch_queue.h"

#include <algorithm>

namespace normbench {
namespace {

// A delayed one has had its timeout.
Deadline ExpiryOf(const BatchEntry& entry) {
  return std::min(entry.deadline, entry.timeout);
}

// Behind the first one, for those that fit beside it: a queue of many kinds must not cost the
// square of its length.
constexpr int kMaxLookedAt = 1024;

bool IsPreferred(const BatchRules& rules, int64_t samples) {
  return std::ranges::find(rules.preferred, samples) != rules.preferred.end();
}

}  // namespace

void BatchQueue::Push(JobId id, BatchEntry entry) {
  const Place place = {entry.level, false, id};
  In(place, std::move(entry));
}

void BatchQueue::In(Place place, BatchEntry entry) {
  if (ExpiryOf(entry) != Deadline::max()) expiries_.emplace(ExpiryOf(entry), place.id);
  ++waiting_[entry.level];
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
      const Place behind = {entry.level, true, id};
      In(behind, std::move(entry));
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
  int looked_at = 0;
  for (auto next = std::next(first); next != entries_.end(); ++next) {
    if (!rules.joins || samples >= rules.max_samples) break;
    if (++looked_at > kMaxLookedAt) break;
    const bool fits = next->second.kind == first->second.kind &&
                      next->second.samples <= rules.max_samples - samples;
    if (!fits) {
      pick.ready = true;
      if (rules.keeps_order) break;
      continue;
    }
    pick.entries.push_back(next);
    samples += next->second.samples;
    if (IsPreferred(rules, samples)) preferred = pick.entries.size();
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

double BatchQueue::NextCost() const {
  double seconds = 0;
  if (entries_.empty()) return seconds;
  for (const auto& entry : PickNext().entries) seconds += entry->second.cost_seconds;
  return seconds;
}

size_t BatchQueue::WaitingAt(uint64_t level) const {
  const auto found = waiting_.find(level);
  return found == waiting_.end() ? 0 : found->second;
}

}  // namespace normbench
