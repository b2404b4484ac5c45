// SPDX-License-Identifier: Apache-2.0
#include "server/shm/regions.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace normbench {
namespace {

// Names of regions that V2 servers make for themselves: whoever may register one could read and
// write what is not his (CVE-2025-23319).
constexpr const char* kReserved = "triton_python_backend_shm_region_";

absl::Status CheckName(const std::string& name) {
  if (name.empty() || name.size() > kMaxRegionName) {
    return absl::InvalidArgumentError(
        absl::StrCat("name: has ", name.size(), " bytes; allowed: 1 to ", kMaxRegionName));
  }
  if (absl::StartsWith(name, kReserved)) {
    return absl::InvalidArgumentError(
        absl::StrCat("name: '", name, "'; allowed: names that do not begin with ", kReserved));
  }
  return absl::OkStatus();
}

absl::Status CheckKey(const std::string& key) {
  if (!absl::StartsWith(key, absl::StrCat("/", kReserved))) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("key: '", key, "'; allowed: keys that do not begin with /", kReserved));
}

}  // namespace

absl::Status Regions::Register(const RegionSpec& spec) {
  if (absl::Status status = CheckName(spec.name); !status.ok()) return status;
  if (absl::Status status = CheckKey(spec.key); !status.ok()) return status;
  absl::MutexLock lock(&mutex_);
  if (regions_.contains(spec.name)) {
    return absl::AlreadyExistsError(
        absl::StrCat("name: '", spec.name, "' is registered; unregister it first"));
  }
  if (regions_.size() >= kMaxRegions) {
    return absl::ResourceExhaustedError(
        absl::StrCat(kMaxRegions, " regions are registered; allowed: ", kMaxRegions));
  }
  auto region = Region::Open(spec);
  if (!region.ok()) return region.status();
  regions_.emplace(spec.name, *std::move(region));
  return absl::OkStatus();
}

void Regions::Unregister(const std::string& name) {
  absl::MutexLock lock(&mutex_);
  regions_.erase(name);
}

void Regions::UnregisterAll() {
  absl::MutexLock lock(&mutex_);
  regions_.clear();
}

absl::StatusOr<std::shared_ptr<const Region>> Regions::Find(const std::string& name) const {
  absl::MutexLock lock(&mutex_);
  const auto found = regions_.find(name);
  if (found != regions_.end()) return found->second;
  return absl::InvalidArgumentError(
      absl::StrCat("no shared memory region '", name, "' is registered"));
}

std::vector<RegionSpec> Regions::all() const {
  absl::MutexLock lock(&mutex_);
  std::vector<RegionSpec> specs;
  for (const auto& [name, region] : regions_) specs.push_back(region->spec());
  return specs;
}

}  // namespace normbench
