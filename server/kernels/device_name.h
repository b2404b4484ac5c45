// SPDX-License-Identifier: Apache-2.0
// Names of devices: "cpu", "cuda:N". Only their spelling; whether one is here is torch_runtime.h's.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace normbench {

struct DeviceName {
  bool cuda = false;
  int index = 0;  // of the CUDA device; 0 for the CPU

  std::string ToString() const;  // "cpu", "cuda:0"

  bool operator==(const DeviceName&) const = default;
};

// Their spelling for a message: "cpu, cuda, cuda:0 .. cuda:63".
std::string AllowedDeviceNames();

// "cuda" means "cuda:0". Returns INVALID_ARGUMENT for what is not a device name.
absl::StatusOr<DeviceName> ParseDeviceName(std::string_view name);

}  // namespace normbench
