// SPDX-License-Identifier: Apache-2.0
// LibTorch's own copy of x to y: what another process with LibTorch can time, too, so that both can
// tell whether they had the same machine (peers/chaining.py).
#pragma once

#include <memory>

#include "bench/micro/kernels/contender.h"

namespace normbench {

// Binding sets LibTorch's threads of the calling thread, which is the one to call Run.
std::unique_ptr<Contender> MakeTorchCopyContender();

}  // namespace normbench
