// SPDX-License-Identifier: Apache-2.0
#include "server/kernels/torch_runtime.h"

#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <dlfcn.h>
#include <torch/headeronly/version.h>

#include <filesystem>
#include <mutex>
#include <string_view>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/kernels/device_name.h"
#include "server/kernels/torch_wall.h"

namespace normbench {
namespace {

// Looking at /dev costs microseconds, loading the CUDA half a second and 370 MB.
bool HasNvidiaNode() {
  constexpr std::string_view kPrefix = "nvidia";
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/dev", error)) {
    const std::string name = entry.path().filename();
    if (name.starts_with(kPrefix) && name.size() > kPrefix.size() &&
        name.find_first_not_of("0123456789", kPrefix.size()) == std::string::npos) {
      return true;
    }
  }
  return std::filesystem::exists("/dev/dxg", error);  // the same in a WSL guest
}

// dlopen, and only here: linked in, that library's static TLS would not fit the HTTP server's small
// thread stacks, and every CPU-only machine would need NVIDIA's libraries.
absl::Status LoadCudaHalf() {
  if (c10::impl::hasDeviceGuardImpl(c10::kCUDA)) return absl::OkStatus();
  if (!HasNvidiaNode()) {
    return absl::FailedPreconditionError("no NVIDIA device node under /dev on this machine");
  }
  if (dlopen("libtorch.so", RTLD_NOW | RTLD_GLOBAL) == nullptr) {
    return absl::FailedPreconditionError(
        absl::StrCat("LibTorch's CUDA half does not load (", dlerror(), ")"));
  }
  if (!c10::impl::hasDeviceGuardImpl(c10::kCUDA)) {
    return absl::FailedPreconditionError("this LibTorch was built without CUDA");
  }
  return absl::OkStatus();
}

int CudaDevices() {
  if (!c10::impl::hasDeviceGuardImpl(c10::kCUDA)) return 0;
  return c10::impl::VirtualGuardImpl(c10::kCUDA).deviceCount();
}

absl::StatusOr<std::string> OpenCuda(const DeviceName& device) {
  const std::string name = device.ToString();
  if (absl::Status status = LoadCudaHalf(); !status.ok()) {
    return absl::FailedPreconditionError(
        absl::StrCat("device: ", name, " is not here: ", status.message()));
  }
  if (device.index >= CudaDevices()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "device: ", name, " is not here; allowed: ", absl::StrJoin(TorchDevices(), ", ")));
  }
  return name;
}

}  // namespace

absl::StatusOr<std::string> OpenTorchDevice(const std::string& wanted) {
  if (wanted == "auto") {
    const absl::StatusOr<std::string> first = OpenCuda({.cuda = true, .index = 0});
    return first.ok() ? *first : "cpu";
  }
  const absl::StatusOr<DeviceName> device = ParseDeviceName(wanted);
  if (!device.ok()) return device.status();
  if (device->cuda) return OpenCuda(*device);
  return device->ToString();
}

std::vector<std::string> TorchDevices() {
  std::vector<std::string> devices = {"cpu"};
  for (int i = 0; i < CudaDevices(); ++i) devices.push_back(absl::StrCat("cuda:", i));
  return devices;
}

void SetTorchThreads(int threads) {
  // A thread that asks for the first time takes over what any thread has set last: that moment is
  // to be now, not in the middle of its work.
  at::get_num_threads();
  at::set_num_threads(threads);
  // Only the first call may set it, and only before ATen's own pool exists; where that came first
  // the pool is idle anyway, as nothing here runs inter-op work.
  static std::once_flag once;
  std::call_once(once, [] {
    BehindTorchWall([] {
      at::set_num_interop_threads(1);
      return absl::OkStatus();
    }).IgnoreError();
  });
}

std::string TorchVersion() {
  return absl::StrCat(TORCH_VERSION_MAJOR, ".", TORCH_VERSION_MINOR, ".", TORCH_VERSION_PATCH);
}

std::string TorchCpuCapability() {
  return at::get_cpu_capability();
}

}  // namespace normbench
