// SPDX-License-Identifier: Apache-2.0
// The wall for what LibTorch throws: networks, backends and the trainer call it only from inside.
// Needs no torch.
#pragma once

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"

namespace normbench {

// Runs `work`. Returns its status, RESOURCE_EXHAUSTED where memory ran out, INTERNAL with the first
// line of what LibTorch said where it threw.
absl::Status BehindTorchWall(absl::FunctionRef<absl::Status()> work);

}  // namespace normbench
