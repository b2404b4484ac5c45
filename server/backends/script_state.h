// SPDX-License-Identifier: Apache-2.0
// Whether a scripted module is a function of its inputs. Includes torch.
#pragma once

#include <torch/script.h>

namespace normbench {

// Returns true where forward() sets an attribute or writes to one: what a call leaves behind then
// meets the next one. Also where that cannot be told. REQUIRES: the module is in evaluation mode
// and has a forward().
bool KeepsState(const torch::jit::Module& module);

}  // namespace normbench
