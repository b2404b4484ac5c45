// SPDX-License-Identifier: Apache-2.0
// The parameters with which a tensor of a request says that it is, or shall be, in shared memory.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/rpc/infer_parameters.h"
#include "server/shm/regions.h"

namespace normbench {

// Where in a region a tensor is; no region: the tensor is in the message.
struct SharedPlace {
  std::shared_ptr<const Region> region;  // there until the request has ended
  uint64_t offset = 0;
  uint64_t byte_size = 0;
};

// Whether a tensor is said to be in shared memory.
bool IsShared(const InferParameters& parameters);

// Returns INVALID_ARGUMENT naming parameter, value and range: of another type, a region that is not
// registered, a place that is not within it. UNIMPLEMENTED where `regions` is null: not offered.
absl::StatusOr<SharedPlace> SharedPlaceOf(const std::string& field,
                                          const InferParameters& parameters,
                                          const Regions* regions);

}  // namespace normbench
