// SPDX-License-Identifier: Apache-2.0
// normbench's own normalization (native/) as an implementation that can be asked for.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "server/kernels/kernel.h"
#include "server/kernels/native/native_norm.h"

namespace normbench {

struct NativeKernelOptions {
  // All that may be at work at once, callers included; a Launch uses at most what intra_op.h says
  // of its thread.
  int threads = 1;
  NativeOptions norm;
};

// Starts threads - 1 helpers. Returns FAILED_PRECONDITION for an ISA that this CPU does not have.
absl::StatusOr<std::unique_ptr<NormKernel>> MakeNativeKernel(const NativeKernelOptions& options);

}  // namespace normbench
