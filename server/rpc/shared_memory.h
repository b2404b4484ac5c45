// SPDX-License-Identifier: Apache-2.0
// The three methods for system shared memory, from request to response. `regions` null: not
// offered, UNIMPLEMENTED with a sentence.
#pragma once

#include "absl/status/statusor.h"
#include "inference/grpc_service.pb.h"
#include "server/shm/regions.h"

namespace normbench {

// Of one region, or of all where the name is empty. Returns NOT_FOUND for an unknown one.
absl::StatusOr<inference::SystemSharedMemoryStatusResponse> DescribeRegions(
    const Regions* regions, const inference::SystemSharedMemoryStatusRequest& request);

// Returns what Regions::Register returns.
absl::StatusOr<inference::SystemSharedMemoryRegisterResponse> RegisterRegion(
    Regions* regions, const inference::SystemSharedMemoryRegisterRequest& request);

// All where the name is empty.
absl::StatusOr<inference::SystemSharedMemoryUnregisterResponse> UnregisterRegion(
    Regions* regions, const inference::SystemSharedMemoryUnregisterRequest& request);

}  // namespace normbench
