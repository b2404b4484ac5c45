// SPDX-License-Identifier: Apache-2.0
// The requests of one model that wait, and which of them make the next batch. A value without a
// lock and without a clock: Batcher guards it and says what time it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "server/exec/batch_rules.h"
#include "server/exec/job.h"

namespace normbench {

// What a batch is made of: whoever queues it knows what more it is. Exactly one of two things
// becomes of it: it is part of a batch that runs, or it is dropped.
class BatchItem {
 public:
  virtual ~BatchItem() = default;
  // REQUIRES: does not block, does not throw. As Job::drop.
  virtual void Drop(const absl::Status& reason) = 0;
};

struct BatchEntry {
  std::unique_ptr<BatchItem> item;
  std::shared_ptr<const BatchRules> rules;  // equal for equal kinds
  std::vector<int64_t> kind;                // those of one kind may run as one batch
  int64_t samples = 1;
  uint64_t level = 0;  // of priority: the lowest runs first
  Deadline arrived;
  Deadline deadline = Deadline::max();  // of the caller
  Deadline timeout = Deadline::max();   // of the queue policy
  bool delays = false;                  // at its timeout it goes behind instead of out
  double cost_seconds = 0;
};

// Not thread-safe.
class BatchQueue {
 public:
  // Those whose time is over.
  struct Expired {
    std::vector<BatchEntry> deadline, timeout;
    bool empty() const { return deadline.empty() && timeout.empty(); }
  };

  // REQUIRES: `id` is greater than every id before: ids are the order of arrival.
  void Push(JobId id, BatchEntry entry);
  std::optional<BatchEntry> Remove(JobId id);
  std::vector<BatchEntry> RemoveAll();

  // Takes out what has expired at `now`, and moves behind what its policy delays.
  Expired Expire(Deadline now);
  // When something expires next; Deadline::max(): nothing will.
  Deadline NextExpiry() const;

  // When the next batch may be taken: at once (Deadline::min()), when its first request has waited
  // long enough, or never (Deadline::max()) as long as nothing more comes. A request that cannot be
  // part of it ends the wait for others: it would wait behind a place that nobody needs.
  Deadline ReadyAt() const;
  // The next batch: the first request and those of its kind that fit beside it, in their order, as
  // many as make the largest preferred size where one can be reached. Empty before ReadyAt().
  std::vector<BatchEntry> Take(Deadline now);

  bool empty() const { return entries_.empty(); }
  size_t size() const { return entries_.size(); }
  size_t WaitingAt(uint64_t level) const;
  double NextCost() const;  // seconds, of the next batch as it is now
  // Of the request that is next. REQUIRES: not empty.
  const BatchRules& rules() const { return *entries_.begin()->second.rules; }

 private:
  // In the order in which they run.
  struct Place {
    uint64_t level = 0;
    bool delayed = false;
    JobId id = 0;
    bool operator<(const Place& other) const {
      return std::tie(level, delayed, id) < std::tie(other.level, other.delayed, other.id);
    }
  };
  using Entries = std::map<Place, BatchEntry>;
  struct Pick {
    std::vector<Entries::const_iterator> entries;
    bool ready = false;  // waits for nothing more
  };

  Pick PickNext() const;
  void In(Place place, BatchEntry entry);
  BatchEntry Out(Place place);

  Entries entries_;
  std::map<JobId, Place> places_;
  std::set<std::pair<Deadline, JobId>> expiries_;  // of those that have any, the earlier of two
  std::map<uint64_t, size_t> waiting_;             // by level
};

}  // namespace normbench
