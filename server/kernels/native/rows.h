// SPDX-License-Identifier: Apache-2.0
// Statistics over rows that lie in one piece of memory: group, instance, layer and RMS norm of
// contiguous tensors.
#pragma once

#include <memory>

#include "server/kernels/native/setting.h"
#include "server/kernels/native/steps.h"

namespace normbench {

// REQUIRES: setting.scheme.form is kRows.
std::unique_ptr<const Steps> MakeRows(const Setting& setting);
// REQUIRES: setting.scheme.form is kShortRows.
std::unique_ptr<const Steps> MakeShortRows(const Setting& setting);

}  // namespace normbench
