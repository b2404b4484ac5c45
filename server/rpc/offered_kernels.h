// SPDX-License-Identifier: Apache-2.0
// The implementations that this server offers, with what the edge keeps about each: its
// capabilities, its metrics and its names in the cost model, so that no request looks anything up
// by label.
#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/kernels/registry.h"
#include "server/metrics/metrics.h"

namespace normbench {

struct KernelEntry {
  const NormKernel* kernel = nullptr;
  std::string name;
  KernelCapabilities capabilities;
  std::array<std::string, kMethods.size()> cost_kinds;  // by Method, for example "group/torch"
  std::map<std::string, std::array<const NormMetrics*, kMethods.size()>> metrics;  // by device
};

// Thread-safe.
class OfferedKernels {
 public:
  // `registry` and `metrics` outlive the table; `metrics` knows every implementation and device.
  OfferedKernels(const KernelRegistry& registry, const ServerMetrics& metrics,
                 std::string default_device);

  // An empty name is "auto". Returns NOT_FOUND naming the nearest.
  absl::StatusOr<const KernelEntry*> Find(const std::string& impl) const;

  // Returns the device to run `entry` on. Empty and "auto" are the server's own or, where the
  // entry does not run there, the entry's first; "cuda" is "cuda:0". FAILED_PRECONDITION for one
  // that is not here.
  absl::StatusOr<std::string> Device(const KernelEntry& entry, const std::string& device) const;

  const std::vector<KernelEntry>& entries() const { return entries_; }

  // Of all entries, each once; the server's own first.
  std::vector<std::string> Devices() const;

 private:
  const KernelRegistry& registry_;
  const std::string default_device_;
  std::vector<KernelEntry> entries_;
};

}  // namespace normbench
