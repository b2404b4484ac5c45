// SPDX-License-Identifier: Apache-2.0
// LibTorch's own normalization, on the CPU or on CUDA where there is one.
#pragma once

#include <memory>

#include "server/kernels/kernel.h"

namespace normbench {

std::unique_ptr<NormKernel> MakeTorchKernel();

}  // namespace normbench
