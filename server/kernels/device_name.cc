// SPDX-License-Identifier: Apache-2.0
#include "server/kernels/device_name.h"

#include <charconv>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace normbench {
namespace {

constexpr int kMostDevices = 64;
constexpr size_t kLongestEcho = 64;  // of a caller's text in an error message

}  // namespace

std::string DeviceName::ToString() const {
  return cuda ? absl::StrCat("cuda:", index) : "cpu";
}

std::string AllowedDeviceNames() {
  return absl::StrCat("cpu, cuda, cuda:0 .. cuda:", kMostDevices - 1);
}

absl::StatusOr<DeviceName> ParseDeviceName(std::string_view name) {
  constexpr std::string_view kPrefix = "cuda:";
  if (name == "cpu") return DeviceName{};
  if (name == "cuda") return DeviceName{.cuda = true, .index = 0};
  if (name.starts_with(kPrefix)) {
    DeviceName device{.cuda = true, .index = -1};
    const char* const end = name.data() + name.size();
    const auto [stop, error] = std::from_chars(name.data() + kPrefix.size(), end, device.index);
    const bool in_range = device.index >= 0 && device.index < kMostDevices;
    if (error == std::errc{} && stop == end && in_range) return device;
  }
  return absl::InvalidArgumentError(absl::StrCat("device: '",
                                                 std::string(name.substr(0, kLongestEcho)),
                                                 "'; allowed: ", AllowedDeviceNames()));
}

}  // namespace normbench
