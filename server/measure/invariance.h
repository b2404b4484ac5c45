// SPDX-License-Identifier: Apache-2.0
// Whether the answer for a sample has the same bits whatever batch it rides in. It is computed
// alone, then in batches of many sizes: at several positions, beside several kinds of neighbours,
// with several numbers of threads and in memory that is aligned otherwise. What is varied and what
// is compared with what: InvarianceNumbers in measure.proto. Apart from server/rpc so that
// nothing here can touch the wire.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/norm/generator.h"
#include "server/kernels/plan_cache.h"
#include "server/measure/tally.h"

namespace normbench {

struct InvarianceSpec {
  PlanRequest sample;  // its shape is that of one sample
  Distribution data = Distribution::kNormal;
  uint64_t seed = 1;
  std::vector<int> batch_sizes;  // ascending, at least one
  std::vector<int> threads;      // ascending, at least one
};

struct InvarianceHooks {
  std::function<void(double fraction)> progress;  // of the work; about a hundred times in all
  std::function<bool()> cancelled;                // asked before each launch
  std::function<void(int)> set_threads;           // intra-op, of the calling thread
};

// What an answer differs in from the one that it is compared with.
enum class Cause { kBatch, kThreads, kNeighbours, kAlignment };
inline constexpr size_t kCauses = 4;

struct Invariance {
  Tally all;  // against the sample alone
  std::array<Tally, kCauses> by_cause;

  const Tally& of(Cause cause) const { return by_cause[static_cast<size_t>(cause)]; }
};

// Computes on this thread, which should be the only one at work; its number of threads is then one
// of spec.threads. Returns CANCELLED if hooks.cancelled said so, else errors of the kernel.
// REQUIRES: the statistics of a sample are its own (not batch norm with batch statistics).
absl::StatusOr<Invariance> CheckInvariance(const InvarianceSpec& spec,
                                           const InvarianceHooks& hooks);

// The shape of a batch of `n` samples; errors of Shape::Create.
absl::StatusOr<Shape> BatchOf(const Shape& sample, int64_t n);

// Elements of all batches that CheckInvariance computes.
double InvarianceElements(const InvarianceSpec& spec);

// Memory that CheckInvariance takes beside the kernel's own workspace, in bytes.
int64_t InvarianceBytes(const InvarianceSpec& spec);

}  // namespace normbench
