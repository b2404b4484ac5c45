// SPDX-License-Identifier: Apache-2.0
// The first runs of a model, on zeros, before any request: they pay for the caches that LibTorch
// keeps by shape, show whether model and configuration agree, and measure what memory a request
// takes. Needs no torch header.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "server/backends/model.h"

namespace normbench {

// Bytes of a request beside its tensors: measured at some batches, straight between neighbours.
struct Workspace {
  std::vector<MemoryPoint> points;  // ascending by batch

  // Before the first point its bytes, beyond the last on from the last two; 0 without points.
  int64_t of(int64_t batch) const;
};

// Runs batches of 1, 2, 4 and so on, and of max_batch_size, three times each, with 1 for every
// dimension that the configuration leaves open, on the calling thread. Returns INVALID_ARGUMENT
// with what the model said, and where a batch needs more than `max_request_bytes`: the batches
// before it tell, so that it does not take that memory first. REQUIRES: every input has a
// type that TorchTypeOf knows.
absl::StatusOr<Workspace> WarmUp(Model& model, const ModelSpec& spec, int64_t max_request_bytes);

}  // namespace normbench
