// SPDX-License-Identifier: Apache-2.0
#include "server/kernels/registry.h"

#include <utility>

#include "absl/status/status.h"
#include "bench/norm/nearest.h"

namespace normbench {

KernelRegistry::KernelRegistry(std::vector<std::unique_ptr<NormKernel>> kernels)
    : kernels_(std::move(kernels)) {}

absl::StatusOr<const NormKernel*> KernelRegistry::Find(const std::string& name) const {
  if (name == "auto") return kernels_.front().get();
  std::vector<std::string> known = {"auto"};
  for (const auto& kernel : kernels_) {
    if (kernel->name() == name) return kernel.get();
    known.push_back(kernel->name());
  }
  return absl::NotFoundError(UnknownWord("impl", name, known));
}

std::vector<const NormKernel*> KernelRegistry::all() const {
  std::vector<const NormKernel*> pointers;
  for (const auto& kernel : kernels_) pointers.push_back(kernel.get());
  return pointers;
}

}  // namespace normbench
