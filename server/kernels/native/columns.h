// SPDX-License-Identifier: Apache-2.0
// Tables of rows and channels, as channels-last tensors are: statistics over groups of columns, and
// scaling by column.
#pragma once

#include <memory>

#include "server/kernels/native/setting.h"
#include "server/kernels/native/steps.h"

namespace normbench {

// REQUIRES: setting.scheme.form is kColumns.
std::unique_ptr<const Steps> MakeColumns(const Setting& setting);
// REQUIRES: setting.scheme.form is kScaledColumns.
std::unique_ptr<const Steps> MakeScaledColumns(const Setting& setting);

}  // namespace normbench
