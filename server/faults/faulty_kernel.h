// SPDX-License-Identifier: Apache-2.0
// Kernels with faults on purpose: whoever computes with one meets them, on whichever thread, and
// nobody else has them in the way.
#pragma once

#include <memory>
#include <vector>

#include "server/faults/faults.h"
#include "server/kernels/kernel.h"

namespace normbench {

// Returns `kernels` with the same names and capabilities. Each launch on a CPU is slowed by itself,
// those that Time counts too. A device's clock sees no busy work of the host: there Time adds the
// time of it to what the device says, and a launch is slowed in Synchronize. y is changed in
// Synchronize, too, where no clock of Time runs.
std::vector<std::unique_ptr<NormKernel>> WithFaults(
    std::vector<std::unique_ptr<NormKernel>> kernels, const std::shared_ptr<Faults>& faults);

}  // namespace normbench
