// SPDX-License-Identifier: Apache-2.0
// The wall for what LibTorch throws: everything of ours that calls it does so from inside. Needs no
// torch header.
#pragma once

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"

namespace normbench {

// Runs `work`. Returns its status, RESOURCE_EXHAUSTED where memory of the host or the device ran
// out, INTERNAL with the first line of what LibTorch said where it threw; of an error inside a
// scripted module, with the line behind the trace through its source. Thread-safe.
absl::Status BehindTorchWall(absl::FunctionRef<absl::Status()> work);

}  // namespace normbench
