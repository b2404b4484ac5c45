// SPDX-License-Identifier: Apache-2.0
// The wall for exceptions on threads that serve: what asks for too much memory must not end the
// process.
#pragma once

#include <functional>

#include "absl/status/status.h"

namespace normbench {

// Returns what `step` returns; for what it throws RESOURCE_EXHAUSTED (std::bad_alloc) or INTERNAL.
absl::Status Guarded(const std::function<absl::Status()>& step);

}  // namespace normbench
