// SPDX-License-Identifier: Apache-2.0
// How much memory some work takes, by counting what operator new gives out. A program that links
// this has its operator new and delete replaced.
#pragma once

#include <cstdint>

#include "absl/functional/function_ref.h"

namespace normbench {

// The most bytes that `work` held at once on this thread, beyond what there was before it.
int64_t PeakBytes(absl::FunctionRef<void()> work);

}  // namespace normbench
