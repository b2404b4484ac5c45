// SPDX-License-Identifier: Apache-2.0
// What is timed: an implementation, or the copy that all are held against.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/micro/kernels/case_memory.h"

namespace normbench {

// A contender tied to the memory of one case, which outlives it. One thread at a time.
class BoundContender {
 public:
  virtual ~BoundContender() = default;

  // Computes `count` times in a row: on lane `first`, the next one and so on, round and round.
  virtual absl::Status Run(int64_t first, int64_t count) = 0;

  // Brings the results of the last call on lane 0 to its y and sum, where they are elsewhere.
  virtual absl::Status Collect() { return absl::OkStatus(); }

  // Whether results are written past the caches.
  virtual bool streams() const { return false; }

  // How it computes, for people; "" where there is nothing to say.
  virtual std::string description() const { return ""; }
};

class Contender {
 public:
  virtual ~Contender() = default;

  virtual std::string name() const = 0;

  // False for a copy: there is nothing to verify, and others are held against it.
  virtual bool normalizes() const { return true; }

  // Returns UNIMPLEMENTED where it does not offer the case, or not with so many threads.
  virtual absl::StatusOr<std::unique_ptr<BoundContender>> Bind(const BenchCase& bench_case,
                                                               const CaseMemory& memory,
                                                               int threads) = 0;
};

}  // namespace normbench
