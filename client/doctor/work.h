// SPDX-License-Identifier: Apache-2.0
// Pieces of work whose time should not change from one minute to the next, one for each thing that
// a request needs: a CPU, memory, another thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace normbench {

struct Work {
  std::string name;
  std::function<absl::Status()> once;  // one piece: some milliseconds at most
};

// compute: the reference of a group norm, on data that fits into the caches.
Work ComputeWork();

// copy: the next 4 MiB of `bytes`, from one end to the other and again.
// REQUIRES: bytes >= 4 MiB.
Work CopyWork(int64_t bytes);

// How much to copy, so that the caches do not help: twice the last level, but at most 128 MiB and
// an eighth of `memory_bytes` (there are two buffers of it); at least 4 MiB.
int64_t CopyBytes(int64_t cache_bytes, double memory_bytes);

// round trip: 64 bytes to another thread and back over loopback TCP.
absl::StatusOr<Work> RoundTripWork();

// All three. Returns UNAVAILABLE where there is no loopback.
absl::StatusOr<std::vector<Work>> AllWorks(double memory_bytes);

}  // namespace normbench
