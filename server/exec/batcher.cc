// SPDX-License-Identifier: Apache-2.0
#include "server/exec/batcher.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/exec/endings.h"

namespace normbench {
namespace {

using std::chrono::steady_clock;

absl::Status TimedOut() {
  return absl::ResourceExhaustedError(
      "queue: the request has waited for the timeout of its queue policy; try again later or send "
      "fewer at once");
}

absl::Status Full(size_t limit) {
  return absl::ResourceExhaustedError(
      absl::StrCat("queue: exceeds the maximum queue size: ", limit,
                   " requests of the model wait; try again later or send fewer at once"));
}

}  // namespace

Batcher::Batcher(Options options) : options_(std::move(options)) {}

Batcher::~Batcher() {
  std::thread timer;
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
    DropAll(ShuttingDown());
    while (is_offered_ || turns_ > 0) progress_.Wait(&mutex_);
    timer_.NotifyAll();
    timer = std::move(thread_);
  }
  if (timer.joinable()) timer.join();
}

absl::StatusOr<JobId> Batcher::Submit(BatchEntry entry) {
  MutexLock lock(&mutex_);
  const Deadline now = steady_clock::now();
  if (absl::Status refusal = Refusal(entry, now); !refusal.ok()) return refusal;
  StartTimerFor(entry);
  const JobId id = next_id_++;
  entry.arrived = now;
  queue_.Push(id, std::move(entry));
  CountWaiting(1);
  // Where a turn runs, what waits is looked at again when it ends.
  absl::Status offered = Offer(now);
  if (!offered.ok() && (turns_ == 0 || absl::IsUnavailable(offered))) {
    queue_.Remove(id);
    CountWaiting(-1);
    return offered;
  }
  WatchTime(now);
  return id;
}

absl::Status Batcher::Refusal(const BatchEntry& entry, Deadline now) const {
  if (stopping_) return ShuttingDown();
  if (queue_.size() >= options_.max_waiting) return Full(options_.max_waiting);
  const uint32_t limit = entry.rules->PolicyOf(entry.level).max_waiting;
  if (limit > 0 && queue_.WaitingAt(entry.level) >= limit) return Full(limit);
  if (entry.deadline <= now) return AlreadyExpired();
  return absl::OkStatus();
}

bool Batcher::Cancel(JobId id, const absl::Status& reason) {
  MutexLock lock(&mutex_);
  std::optional<BatchEntry> entry = queue_.Remove(id);
  if (!entry.has_value()) return false;
  CountWaiting(-1);
  std::vector<BatchEntry> entries;
  entries.push_back(*std::move(entry));
  // The next one may be of a kind that waits for nothing more.
  if (thread_.joinable()) timer_.NotifyAll();
  Drop(std::move(entries), reason);
  return true;
}

size_t Batcher::waiting() const {
  MutexLock lock(&mutex_);
  return queue_.size();
}

bool Batcher::HasRoom() const {
  const BatchRules& rules = queue_.rules();
  const int limit = rules.keeps_order ? 1 : rules.max_running;
  return limit == 0 || running_ < limit;
}

// Queues a turn where a batch is ready and none is queued. An error: one is needed, and was
// refused.
absl::Status Batcher::Offer(Deadline now) {
  if (is_offered_ || queue_.empty() || !HasRoom()) return absl::OkStatus();
  if (queue_.ReadyAt() > now) return absl::OkStatus();
  const absl::StatusOr<JobId> offered =
      options_.submit({.run = [this] { RunTurn(); },
                       .drop = [this](const absl::Status& reason) { DropTurn(reason); },
                       .cost_seconds = queue_.NextCost()});
  is_offered_ = offered.ok();
  return offered.status();
}

// One batch, and more only where the executor has no place for the next turn.
void Batcher::RunTurn() {
  MutexLock lock(&mutex_);
  is_offered_ = false;
  ++turns_;
  do {
    RunNext();
  } while (!PassOn());
  --turns_;
  progress_.NotifyAll();
}

void Batcher::RunNext() {
  DropExpired(steady_clock::now());
  if (queue_.empty() || !HasRoom()) return;  // the lock was free: another turn may have begun
  const Deadline now = steady_clock::now();
  std::vector<BatchEntry> entries = TakeNext(now);
  if (entries.empty()) return;
  ++running_;
  Offer(now).IgnoreError();  // to another worker, beside this one; PassOn looks at it again
  WatchTime(now);
  const bool keeps_order = entries.front().rules->keeps_order;
  Batch batch;
  for (BatchEntry& entry : entries) batch.push_back(std::move(entry.item));
  entries.clear();
  bool is_running = true;
  mutex_.Unlock();
  options_.run(std::move(batch), [&] {
    if (!keeps_order && std::exchange(is_running, false)) GiveBack();
  });
  mutex_.Lock();
  if (is_running) --running_;
}

// What answers its callers keeps nobody from computing.
void Batcher::GiveBack() {
  MutexLock lock(&mutex_);
  --running_;
  Offer(steady_clock::now()).IgnoreError();  // PassOn looks at it again
}

// Returns false where this turn has to go on.
bool Batcher::PassOn() {
  const Deadline now = steady_clock::now();
  const absl::Status offered = Offer(now);
  if (absl::IsUnavailable(offered)) DropAll(offered);
  WatchTime(now);
  return offered.ok() || absl::IsUnavailable(offered);
}

void Batcher::DropTurn(const absl::Status& reason) {
  MutexLock lock(&mutex_);
  is_offered_ = false;
  ++turns_;  // for the destructor: the lock is free in between
  while (!queue_.empty()) DropAll(reason);
  --turns_;
  progress_.NotifyAll();
}

void Batcher::CountWaiting(int more) const {
  if (more != 0 && options_.count_waiting) options_.count_waiting(more);
}

std::vector<BatchEntry> Batcher::TakeNext(Deadline now) {
  std::vector<BatchEntry> entries = queue_.Take(now);
  CountWaiting(-static_cast<int>(entries.size()));
  return entries;
}

void Batcher::DropAll(const absl::Status& reason) {
  std::vector<BatchEntry> entries = queue_.RemoveAll();
  CountWaiting(-static_cast<int>(entries.size()));
  Drop(std::move(entries), reason);
}

// REQUIRES: `entries` are out of the queue. Releases the lock for the calls.
void Batcher::Drop(std::vector<BatchEntry> entries, const absl::Status& reason) {
  if (entries.empty()) return;
  mutex_.Unlock();
  for (BatchEntry& entry : entries) {
    entry.item->Drop(reason);
    entry.item = nullptr;
  }
  mutex_.Lock();
}

void Batcher::DropExpired(Deadline now) {
  BatchQueue::Expired expired = queue_.Expire(now);
  CountWaiting(-static_cast<int>(expired.deadline.size() + expired.timeout.size()));
  Drop(std::move(expired.deadline), Expired());
  Drop(std::move(expired.timeout), TimedOut());
}

// When time alone changes something: an expiry, or the end of a batch's wait for more. What is
// ready already has been offered, or is looked at when a turn ends.
Deadline Batcher::NextEvent(Deadline now) const {
  const Deadline ready = queue_.ReadyAt();
  return std::min(queue_.NextExpiry(), ready > now ? ready : Deadline::max());
}

// Before it is queued: a thread that the system refuses is the caller's failure, with nothing left
// behind. Requests without limits in time need none.
void Batcher::StartTimerFor(const BatchEntry& entry) {
  const bool has_time = entry.deadline != Deadline::max() || entry.timeout != Deadline::max() ||
                        entry.rules->max_delay.count() > 0;
  if (has_time && !thread_.joinable()) thread_ = std::thread([this] { TimerLoop(); });
}

void Batcher::WatchTime(Deadline now) {
  const Deadline next = NextEvent(now);
  if (stopping_ || next >= timer_wakes_at_) return;
  timer_wakes_at_ = next;
  timer_.NotifyAll();
}

void Batcher::TimerLoop() {
  MutexLock lock(&mutex_);
  while (!stopping_) {
    DropExpired(steady_clock::now());
    const Deadline now = steady_clock::now();
    // Nothing runs that would look at it later: what is due is refused as its caller would be now.
    if (absl::Status offered = Offer(now); !offered.ok() && turns_ == 0) {
      Drop(TakeNext(now), offered);
      continue;
    }
    timer_wakes_at_ = NextEvent(now);
    if (timer_wakes_at_ > now && !stopping_) timer_.WaitUntil(&mutex_, timer_wakes_at_);
  }
}

}  // namespace normbench
