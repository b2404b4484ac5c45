// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/offered_kernels.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace normbench {
namespace {

KernelEntry MakeEntry(const NormKernel& kernel, const ServerMetrics& metrics) {
  KernelEntry entry = {.kernel = &kernel,
                       .name = kernel.name(),
                       .capabilities = kernel.capabilities(),
                       .cost_kinds = {},
                       .metrics = {}};
  for (const Method method : kMethods) {
    const auto row = static_cast<size_t>(method);
    entry.cost_kinds[row] = absl::StrCat(std::string(Name(method)), "/", entry.name);
    for (const std::string& device : entry.capabilities.devices) {
      entry.metrics[device][row] = &metrics.norm(Name(method), entry.name, device);
    }
  }
  return entry;
}

}  // namespace

OfferedKernels::OfferedKernels(const KernelRegistry& registry, const ServerMetrics& metrics,
                               std::string default_device)
    : registry_(registry), default_device_(std::move(default_device)) {
  for (const NormKernel* kernel : registry.all()) entries_.push_back(MakeEntry(*kernel, metrics));
}

absl::StatusOr<const KernelEntry*> OfferedKernels::Find(const std::string& impl) const {
  const absl::StatusOr<const NormKernel*> kernel = registry_.Find(impl.empty() ? "auto" : impl);
  if (!kernel.ok()) return kernel.status();
  return &*std::ranges::find(entries_, *kernel, &KernelEntry::kernel);
}

absl::StatusOr<std::string> OfferedKernels::Device(const KernelEntry& entry,
                                                   const std::string& device) const {
  if (device.empty() || device == "auto") {
    const bool runs_there = entry.metrics.contains(default_device_);
    return runs_there ? default_device_ : entry.capabilities.devices.front();
  }
  const std::string wanted = device == "cuda" ? "cuda:0" : device;
  if (entry.metrics.contains(wanted)) return wanted;
  return absl::FailedPreconditionError(
      absl::StrCat("device: '", wanted.substr(0, 64), "' is not here for impl ", entry.name,
                   "; allowed: ", absl::StrJoin(entry.capabilities.devices, ", ")));
}

std::vector<std::string> OfferedKernels::Devices() const {
  std::vector<std::string> devices = {default_device_};
  for (const KernelEntry& entry : entries_) {
    for (const std::string& device : entry.capabilities.devices) {
      if (std::ranges::find(devices, device) == devices.end()) devices.push_back(device);
    }
  }
  return devices;
}

}  // namespace normbench
