// SPDX-License-Identifier: Apache-2.0
// The first runs of a model, on zeros, before any request: they pay for the caches that LibTorch
// keeps by shape, show whether model and configuration agree, and measure what memory a request
// takes. Needs no torch header.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "server/backends/model.h"

namespace normbench {

// Bytes of a request of `batch` samples beside its tensors, as a straight line.
struct Workspace {
  int64_t fixed = 0;
  int64_t per_sample = 0;
  int64_t of(int64_t batch) const { return fixed + batch * per_sample; }
};

// Runs batches of 1, 2 and max_batch_size, three times each, with 1 for every dimension that the
// configuration leaves open, on the calling thread. Returns INVALID_ARGUMENT with what the model
// said, and, before that memory is taken, where max_batch_size needs more than `max_request_bytes`.
// REQUIRES: every input has a type that TorchTypeOf knows.
absl::StatusOr<Workspace> WarmUp(Model& model, const ModelSpec& spec, int64_t max_request_bytes);

}  // namespace normbench
