// SPDX-License-Identifier: Apache-2.0
// The words that Normalize and Measure share, checked and turned into what a kernel is planned
// from. Nothing is allocated in proportion to what they say.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "normbench/v1/normalization.pb.h"
#include "server/kernels/plan_cache.h"
#include "server/rpc/offered_kernels.h"

namespace normbench {

struct NormWords {
  const v1::NormSpec& spec;
  std::span<const int64_t> shape;
  const std::string& dtype;   // empty: f32
  const std::string& layout;  // empty: nchw
  const std::string& impl;    // empty: auto
  const std::string& device;  // empty: the server's own
};

struct NormTask {
  const KernelEntry* entry = nullptr;
  PlanRequest plan;  // valid; its shape may be another one for the same bytes (OverTrailing)

  const std::string& cost_kind() const {
    return entry->cost_kinds[static_cast<size_t>(plan.spec.method)];
  }
  const NormMetrics& metrics() const {
    return *entry->metrics.at(plan.device)[static_cast<size_t>(plan.spec.method)];
  }
};

// Returns INVALID_ARGUMENT naming field, value and allowed range, NOT_FOUND for an implementation,
// UNIMPLEMENTED for what this one does not do, and FAILED_PRECONDITION for a device that is not
// here.
absl::StatusOr<NormTask> ParseNormTask(const NormWords& words, const OfferedKernels& kernels);

}  // namespace normbench
