// SPDX-License-Identifier: Apache-2.0
// LibTorch's process-wide state: devices, threads, the CUDA half. No torch header is needed to use
// it.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace normbench {

// Turns "auto", "cpu", "cuda" or "cuda:1" into a device that is here; loads LibTorch's CUDA half
// when one is asked for. "auto" is the first CUDA device that can be used, else the CPU; without an
// NVIDIA device node it costs nothing. Returns FAILED_PRECONDITION with one sentence when the
// device is not here, INVALID_ARGUMENT when it is not a device name. Call once in main, before any
// worker exists.
absl::StatusOr<std::string> OpenTorchDevice(const std::string& wanted);

// Devices that can be used now: cpu, and cuda:N once OpenTorchDevice loaded that half. Thread-safe.
std::vector<std::string> TorchDevices();

// Fixes the intra-op threads of the calling thread's ATen work. Call in main and in every worker.
// REQUIRES: threads >= 1.
void SetTorchThreads(int threads);

std::string TorchVersion();        // "2.15.0"
std::string TorchCpuCapability();  // DEFAULT, AVX2, AVX512

}  // namespace normbench
