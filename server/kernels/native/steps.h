// SPDX-License-Identifier: Apache-2.0
// A normalization as steps over units (what shares statistics, or shares nothing with the rest) and
// the chunks of a unit. Whoever calls them, in whatever order and on whatever thread the
// dependences allow, gets the same bits.
#pragma once

#include <cstddef>
#include <cstdint>

#include "server/kernels/native/native_norm.h"
#include "server/kernels/native/thread_pool.h"

namespace normbench {

// One Run: the caller's buffers, and memory that all units read.
struct NormCall {
  const NativeBuffers& buffers;
  std::byte* shared;
};

// The memory of one unit: its state, then the sums of each chunk.
struct UnitMemory {
  std::byte* state;
  std::byte* sums;
};

// Sizes of scratch memory in bytes; multiples of 64.
struct StepSizes {
  int64_t units = 0, chunks = 1;
  int64_t unit_bytes = 0;                  // of x: what a thread reads for one unit
  size_t shared = 0, state = 0, sums = 0;  // sums: of one chunk
};

// Thread-safe.
class Steps {
 public:
  virtual ~Steps() = default;

  virtual StepSizes sizes() const = 0;

  // Once, before all else.
  virtual void Prepare(const NormCall&) const {}
  // Once a unit; then Sum for each chunk, then Finish, then Apply for each chunk.
  virtual void Begin(const NormCall&, int64_t /*unit*/, UnitMemory) const {}
  virtual void Sum(const NormCall&, int64_t /*unit*/, int64_t /*chunk*/, UnitMemory) const {}
  virtual void Finish(const NormCall&, int64_t /*unit*/, UnitMemory) const {}
  virtual void Apply(const NormCall&, int64_t unit, int64_t chunk, UnitMemory) const = 0;
};

size_t ScratchBytes(const StepSizes& sizes, int threads);

// Takes all steps, on at most `threads` threads.
void RunSteps(const Steps& steps, const NativeBuffers& buffers, std::byte* scratch,
              ThreadPool* pool, int threads);

// Rounded up to a cache line.
inline size_t Lines(int64_t bytes) {
  return (static_cast<size_t>(bytes) + 63) / 64 * 64;
}

}  // namespace normbench
