// SPDX-License-Identifier: Apache-2.0
#include "server/kernels/plan_cache.h"

#include <bit>
#include <cstdint>

#include "absl/strings/str_cat.h"

namespace normbench {
namespace {

// Every field that a plan depends on; eps by its bits, so that no two values share a plan.
std::string KeyOf(const PlanRequest& request) {
  const NormSpec& spec = request.spec;
  return absl::StrCat(request.kernel->name(), "/", static_cast<int>(spec.method), "/",
                      static_cast<int>(spec.stats), "/", spec.groups, "/",
                      static_cast<int>(spec.affine), "/",
                      absl::Hex(std::bit_cast<uint64_t>(spec.eps))) +
         absl::StrCat("/", request.shape.ToString(), "/", static_cast<int>(request.dtype), "/",
                      static_cast<int>(request.layout), "/", request.device);
}

}  // namespace

absl::StatusOr<std::shared_ptr<const NormPlan>> PlanCache::Get(const PlanRequest& request) {
  const std::string key = KeyOf(request);
  {
    const absl::MutexLock lock(&mutex_);
    if (const auto found = by_key_.find(key); found != by_key_.end()) {
      by_age_.splice(by_age_.begin(), by_age_, found->second);
      return found->second->second;
    }
  }
  // Made without the lock: planning may take long, and other shapes need not wait for it.
  absl::StatusOr<std::shared_ptr<const NormPlan>> plan = request.kernel->Plan(
      request.spec, request.shape, request.dtype, request.layout, request.device);
  if (!plan.ok()) return plan.status();
  const absl::MutexLock lock(&mutex_);
  if (by_key_.contains(key)) return plan;
  by_age_.emplace_front(key, *plan);
  by_key_[key] = by_age_.begin();
  if (by_age_.size() > capacity_) {
    by_key_.erase(by_age_.back().first);
    by_age_.pop_back();
  }
  return plan;
}

size_t PlanCache::size() const {
  const absl::MutexLock lock(&mutex_);
  return by_age_.size();
}

}  // namespace normbench
