// SPDX-License-Identifier: Apache-2.0
// Batch norm of contiguous tensors: a channel's statistics are spread over a plane of each sample.
#pragma once

#include <memory>

#include "server/kernels/native/setting.h"
#include "server/kernels/native/steps.h"

namespace normbench {

// REQUIRES: setting.scheme.form is kPlanes.
std::unique_ptr<const Steps> MakePlanes(const Setting& setting);
// REQUIRES: setting.scheme.form is kScaledPlanes.
std::unique_ptr<const Steps> MakeScaledPlanes(const Setting& setting);

}  // namespace normbench
