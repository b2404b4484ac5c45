// SPDX-License-Identifier: Apache-2.0
#include "server/exec/admission.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace normbench {
namespace {

// Numbers as AlphaNum: byte counts print with all their digits.
absl::Status TooLarge(const char* budget, const absl::AlphaNum& asked,
                      const absl::AlphaNum& limit) {
  return absl::InvalidArgumentError(absl::StrCat(budget, ": the request needs ", asked,
                                                 ", more than the whole budget of ", limit,
                                                 "; make it smaller"));
}

absl::Status NoneLeft(const char* budget, const absl::AlphaNum& asked, const absl::AlphaNum& in_use,
                      const absl::AlphaNum& limit) {
  return absl::ResourceExhaustedError(
      absl::StrCat(budget, ": the request needs ", asked, ", ", in_use, " of ", limit,
                   " are in use; try again later or send fewer at once"));
}

}  // namespace

Admission::Ticket::Ticket(Ticket&& other) noexcept
    : owner_(std::exchange(other.owner_, nullptr)), cost_(other.cost_) {}

Admission::Ticket& Admission::Ticket::operator=(Ticket&& other) noexcept {
  std::swap(owner_, other.owner_);
  std::swap(cost_, other.cost_);
  // What this ticket held goes now, not when `other` happens to die.
  Ticket released(std::move(other));
  return *this;
}

Admission::Ticket::~Ticket() {
  if (owner_ != nullptr) owner_->Release(cost_);
}

void Admission::Ticket::ShrinkTo(int64_t bytes) {
  if (owner_ != nullptr) owner_->Shrink(&cost_, bytes);
}

absl::Status Admission::Ticket::GrowTo(int64_t bytes) {
  return owner_ == nullptr ? absl::OkStatus() : owner_->Grow(&cost_, bytes);
}

absl::StatusOr<Admission::Ticket> Admission::Admit(JobCost cost, std::string* refused_budget) {
  cost.bytes = std::max<int64_t>(0, cost.bytes);
  if (!(cost.seconds > 0)) cost.seconds = 0;  // NaN too
  const auto refuse = [&](const char* budget, absl::Status status) {
    if (refused_budget != nullptr) *refused_budget = budget;
    return status;
  };
  if (cost.bytes > options_.bytes) {
    return refuse("bytes", TooLarge("bytes", cost.bytes, options_.bytes));
  }
  if (cost.seconds > options_.cost_seconds) {
    return refuse("cost", TooLarge("cost", cost.seconds, options_.cost_seconds));
  }
  MutexLock lock(&mutex_);
  if (usage_.slots >= options_.slots) {
    return refuse("slots", NoneLeft("slots", 1, usage_.slots, options_.slots));
  }
  if (cost.bytes > options_.bytes - usage_.bytes) {
    return refuse("bytes", NoneLeft("bytes", cost.bytes, usage_.bytes, options_.bytes));
  }
  if (cost.seconds > options_.cost_seconds - usage_.cost_seconds) {
    return refuse("cost",
                  NoneLeft("cost", cost.seconds, usage_.cost_seconds, options_.cost_seconds));
  }
  ++usage_.slots;
  usage_.bytes += cost.bytes;
  usage_.cost_seconds += cost.seconds;
  return Ticket(this, cost);
}

Admission::Usage Admission::usage() const {
  MutexLock lock(&mutex_);
  return usage_;
}

void Admission::Shrink(JobCost* held, int64_t bytes) {
  const JobCost kept = {.bytes = std::clamp<int64_t>(bytes, 0, held->bytes), .seconds = 0};
  MutexLock lock(&mutex_);
  usage_.bytes -= held->bytes - kept.bytes;
  usage_.cost_seconds -= held->seconds;
  *held = kept;
}

absl::Status Admission::Grow(JobCost* held, int64_t bytes) {
  const int64_t more = bytes - held->bytes;
  if (more <= 0) return absl::OkStatus();
  if (bytes > options_.bytes) return TooLarge("bytes", bytes, options_.bytes);
  MutexLock lock(&mutex_);
  if (more > options_.bytes - usage_.bytes) {
    return NoneLeft("bytes", bytes, usage_.bytes, options_.bytes);
  }
  usage_.bytes += more;
  held->bytes = bytes;
  return absl::OkStatus();
}

void Admission::Release(JobCost cost) {
  MutexLock lock(&mutex_);
  --usage_.slots;
  usage_.bytes -= cost.bytes;
  usage_.cost_seconds -= cost.seconds;
  if (usage_.slots == 0) usage_.cost_seconds = 0;  // forgets what rounding has left
}

}  // namespace normbench
