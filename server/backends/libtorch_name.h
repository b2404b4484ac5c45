// SPDX-License-Identifier: Apache-2.0
// The name libtorch.so, which the code of every AOTInductor package lists among the libraries that
// it needs. On a CPU it takes nothing from there: all of it is in libtorch_cpu.so. LibTorch's own
// libtorch.so would pull in the CUDA half, which a CPU-only install cannot load, and is never
// linked (deploy/cmake/normbench_torch.cmake). So there is an empty library of that name beside the
// programs, in a folder of its own that no linker and no loader searches.
#pragma once

#include "absl/status/status.h"

namespace normbench {

// Sees to it that a library called libtorch.so is loaded: LibTorch's own where a CUDA device has
// been opened before, else the empty one, ../lib/normbench/libtorch.so beside the program's folder.
// Returns FAILED_PRECONDITION where that does not load. No CUDA device can be opened afterwards.
// Thread-safe.
absl::Status ProvideLibTorchName();

}  // namespace normbench
