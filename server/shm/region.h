// SPDX-License-Identifier: Apache-2.0
// A part of a POSIX shared memory object that a client of this machine made. It is read and written
// through its descriptor and never mapped: a client that cuts its object short while it is in use
// makes a request fail, not the process (SIGBUS).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace normbench {

struct RegionSpec {
  std::string name;     // what requests call it
  std::string key;      // "/NAME" of shm_open
  uint64_t offset = 0;  // of the part within the object
  uint64_t byte_size = 0;
};

// Thread-safe.
class Region {
 public:
  // Returns INVALID_ARGUMENT naming field, value and what is allowed: a key that is no name of
  // shm_open, an object that is not there or is no plain one, a part beyond its end.
  static absl::StatusOr<std::shared_ptr<const Region>> Open(const RegionSpec& spec);
  ~Region();
  Region(const Region&) = delete;
  Region& operator=(const Region&) = delete;

  const RegionSpec& spec() const { return spec_; }

  // Of bytes from `offset` on, counted from the start of the part. Return INVALID_ARGUMENT where
  // the object has become shorter. REQUIRES: Holds(offset, bytes).
  absl::Status Read(uint64_t offset, std::byte* to, size_t bytes) const;
  absl::Status Write(uint64_t offset, const std::byte* from, size_t bytes) const;

  // Whether so many bytes from `offset` on are in the part.
  bool Holds(uint64_t offset, uint64_t bytes) const {
    return offset <= spec_.byte_size && bytes <= spec_.byte_size - offset;
  }

 private:
  Region(const RegionSpec& spec, int descriptor) : spec_(spec), descriptor_(descriptor) {}

  const RegionSpec spec_;
  const int descriptor_;
};

}  // namespace normbench
