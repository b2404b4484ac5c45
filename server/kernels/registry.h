// SPDX-License-Identifier: Apache-2.0
// All implementations by name, and a bounded memory of plans.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/kernels/kernel.h"

namespace normbench {

// Thread-safe once built.
class KernelRegistry {
 public:
  explicit KernelRegistry(std::vector<std::unique_ptr<NormKernel>> kernels);

  // "auto" is the first one. Returns NOT_FOUND naming the nearest.
  absl::StatusOr<const NormKernel*> Find(const std::string& name) const;

  std::vector<const NormKernel*> all() const;

 private:
  std::vector<std::unique_ptr<NormKernel>> kernels_;
};

}  // namespace normbench
