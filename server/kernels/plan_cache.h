// SPDX-License-Identifier: Apache-2.0
// Plans that were made, by what they were made for: at most `capacity` of them, the least recently
// used one goes first. A client that varies its shapes cannot make memory grow.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "server/kernels/kernel.h"

namespace normbench {

// What a plan is made from.
struct PlanRequest {
  const NormKernel* kernel = nullptr;
  NormSpec spec;
  Shape shape;
  DType dtype = DType::kF32;
  Layout layout = Layout::kNchw;
  std::string device;

  TensorFormat format() const { return {dtype, layout}; }
};

// Thread-safe.
class PlanCache {
 public:
  // REQUIRES: capacity >= 1; every kernel asked for outlives the cache.
  explicit PlanCache(size_t capacity) : capacity_(capacity) {}

  // The plan for `request`, made now if it is not kept. Errors are those of NormKernel::Plan and
  // are not kept. Two threads that ask for a new one at once may both make it.
  absl::StatusOr<std::shared_ptr<const NormPlan>> Get(const PlanRequest& request);

  size_t size() const;

 private:
  using Entry = std::pair<std::string, std::shared_ptr<const NormPlan>>;

  const size_t capacity_;
  mutable absl::Mutex mutex_;
  std::list<Entry> by_age_ ABSL_GUARDED_BY(mutex_);  // most recently used first
  std::unordered_map<std::string, std::list<Entry>::iterator> by_key_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace normbench
