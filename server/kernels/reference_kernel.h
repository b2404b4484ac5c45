// SPDX-License-Identifier: Apache-2.0
// bench/norm's float64 reference as an implementation that can be asked for.
#pragma once

#include <memory>

#include "server/kernels/kernel.h"

namespace normbench {

std::unique_ptr<NormKernel> MakeReferenceKernel();

}  // namespace normbench
