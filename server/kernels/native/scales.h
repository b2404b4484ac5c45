// SPDX-License-Identifier: Apache-2.0
// y = (x - high) * scale + bias, for each of a number of channels.
#pragma once

#include <cstdint>

#include "server/kernels/native/loops.h"
#include "server/kernels/native/setting.h"

namespace normbench {

struct ColumnScales {
  float* high = nullptr;   // the mean, rounded
  float* scale = nullptr;  // rstd * gamma
  float* bias = nullptr;   // beta - (mean - high) * scale
};

struct ChannelRange {
  int64_t begin = 0, end = 0;
};

// Of channels that share one mean and rstd.
void FillScales(const NormBuffers& norm, ChannelRange channels, const Standard& standard,
                const ColumnScales& scales);

// Of all channels, where mean and variance are the caller's or there are none; writes what the
// caller wants to have of them.
void FillGivenScales(const Setting& setting, const NormBuffers& norm, const ColumnScales& scales);

}  // namespace normbench
