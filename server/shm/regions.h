// SPDX-License-Identifier: Apache-2.0
// The regions that clients have registered, by name.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "server/shm/region.h"

namespace normbench {

inline constexpr size_t kMaxRegions = 256;  // each holds a file descriptor
inline constexpr size_t kMaxRegionName = 256;

// What a server without any answers.
inline constexpr const char* kSharedOff =
    "shared memory is off; start the server with --shared-memory=on, or send the bytes";

// Thread-safe.
class Regions {
 public:
  // Returns what Region::Open returns; INVALID_ARGUMENT for a name that is empty, too long or
  // reserved; ALREADY_EXISTS where there is one of this name; RESOURCE_EXHAUSTED for one too many.
  absl::Status Register(const RegionSpec& spec);

  // Requests that use it keep it. One that does not exist is no error, as V2 clients expect.
  void Unregister(const std::string& name);
  void UnregisterAll();

  // Returns INVALID_ARGUMENT naming it.
  absl::StatusOr<std::shared_ptr<const Region>> Find(const std::string& name) const;

  // By name.
  std::vector<RegionSpec> all() const;

 private:
  mutable absl::Mutex mutex_;
  std::map<std::string, std::shared_ptr<const Region>> regions_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace normbench
