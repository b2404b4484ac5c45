// SPDX-License-Identifier: Apache-2.0
// All implementations by name.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/kernels/kernel.h"

namespace normbench {

// Owns the implementations; the pointers it gives live as long as it does. Thread-safe once built.
class KernelRegistry {
 public:
  // The first is what "auto" means. REQUIRES: at least one, with different names.
  explicit KernelRegistry(std::vector<std::unique_ptr<NormKernel>> kernels);

  // Returns NOT_FOUND with the known names and the nearest.
  absl::StatusOr<const NormKernel*> Find(const std::string& name) const;

  std::vector<const NormKernel*> all() const;

 private:
  std::vector<std::unique_ptr<NormKernel>> kernels_;
};

}  // namespace normbench
