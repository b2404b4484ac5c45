// SPDX-License-Identifier: Apache-2.0
#include "server/rpc/shared_memory.h"

namespace normbench {

absl::StatusOr<inference::SystemSharedMemoryStatusResponse> DescribeRegions(
    const Regions* regions, const inference::SystemSharedMemoryStatusRequest& request) {
  if (regions == nullptr) return absl::UnimplementedError(kSharedOff);
  inference::SystemSharedMemoryStatusResponse response;
  for (const RegionSpec& spec : regions->all()) {
    if (!request.name().empty() && spec.name != request.name()) continue;
    auto& status = (*response.mutable_regions())[spec.name];
    status.set_name(spec.name);
    status.set_key(spec.key);
    status.set_offset(spec.offset);
    status.set_byte_size(spec.byte_size);
  }
  if (!request.name().empty() && response.regions().empty()) {
    return absl::NotFoundError("name: no such region is registered");
  }
  return response;
}

absl::StatusOr<inference::SystemSharedMemoryRegisterResponse> RegisterRegion(
    Regions* regions, const inference::SystemSharedMemoryRegisterRequest& request) {
  if (regions == nullptr) return absl::UnimplementedError(kSharedOff);
  const absl::Status status = regions->Register({.name = request.name(),
                                                 .key = request.key(),
                                                 .offset = request.offset(),
                                                 .byte_size = request.byte_size()});
  if (!status.ok()) return status;
  return inference::SystemSharedMemoryRegisterResponse();
}

absl::StatusOr<inference::SystemSharedMemoryUnregisterResponse> UnregisterRegion(
    Regions* regions, const inference::SystemSharedMemoryUnregisterRequest& request) {
  if (regions == nullptr) return absl::UnimplementedError(kSharedOff);
  if (request.name().empty()) {
    regions->UnregisterAll();
  } else {
    regions->Unregister(request.name());
  }
  return inference::SystemSharedMemoryUnregisterResponse();
}

}  // namespace normbench
