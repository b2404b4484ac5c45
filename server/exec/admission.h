// SPDX-License-Identifier: Apache-2.0
// What may be in the server at once: slots (requests), bytes (inputs, outputs, workspace) and cost
// (estimated seconds of work waiting). Over a budget the caller is refused at once, by its name.
#pragma once

#include <cstdint>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/exec/mutex.h"

namespace normbench {

struct AdmissionOptions {
  int64_t slots = 1024;
  int64_t bytes = int64_t{1} << 30;
  double cost_seconds = 60;  // of estimated work, all workers together
};

struct JobCost {
  int64_t bytes = 0;
  double seconds = 0;  // estimated time on one worker
};

// Thread-safe. Outlives its tickets.
class Admission {
 public:
  // Holds a share of the budgets until destroyed.
  class Ticket {
   public:
    Ticket() = default;
    Ticket(Ticket&& other) noexcept;
    Ticket& operator=(Ticket&& other) noexcept;
    ~Ticket();

    // Gives back all but the slot and up to `bytes`. Nothing for an empty ticket.
    void ShrinkTo(int64_t bytes);

    // Takes what is missing to `bytes`. Returns, and leaves everything as it is, RESOURCE_EXHAUSTED
    // where so much is not left and INVALID_ARGUMENT where it never is; OK for an empty ticket,
    // which belongs to no budget.
    absl::Status GrowTo(int64_t bytes);

   private:
    friend class Admission;
    Ticket(Admission* owner, JobCost cost) : owner_(owner), cost_(cost) {}
    Admission* owner_ = nullptr;
    JobCost cost_;
  };

  struct Usage {
    int64_t slots = 0;
    int64_t bytes = 0;
    double cost_seconds = 0;
  };

  explicit Admission(AdmissionOptions options) : options_(options) {}

  // Returns RESOURCE_EXHAUSTED naming the budget (slots | bytes | cost), what was asked for and the
  // limit; which one is also in `refused_budget` if given. A job larger than a whole budget is
  // INVALID_ARGUMENT: trying again would not help.
  absl::StatusOr<Ticket> Admit(JobCost cost, std::string* refused_budget = nullptr);

  Usage usage() const;
  const AdmissionOptions& options() const { return options_; }

 private:
  void Release(JobCost cost);
  absl::Status Grow(JobCost* held, int64_t bytes) ABSL_LOCKS_EXCLUDED(mutex_);
  void Shrink(JobCost* held, int64_t bytes);

  const AdmissionOptions options_;
  mutable Mutex mutex_;
  Usage usage_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace normbench
