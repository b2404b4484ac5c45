// SPDX-License-Identifier: Apache-2.0
// Models with faults on purpose, whatever runs them: requests meet them alone and in batches.
#pragma once

#include <memory>
#include <vector>

#include "server/backends/model.h"
#include "server/faults/faults.h"

namespace normbench {

// Returns `backends`, whose models are slowed with each batch that they run. A numeric fault
// changes their outputs of FP32, FP16 and BF16, each sample by itself, so that its answer is the
// same in every batch. An error of a thousandth would leave nearly every prediction as it is:
// therefore, for one sample in ten, another value becomes the largest (MoveLargest); of the others
// the first value is wrong by the share that was asked for. Which are the ones, the bits of the
// sample's first input say.
std::vector<std::unique_ptr<Backend>> WithFaults(std::vector<std::unique_ptr<Backend>> backends,
                                                 const std::shared_ptr<Faults>& faults);

}  // namespace normbench
