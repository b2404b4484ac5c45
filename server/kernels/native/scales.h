// SPDX-License-Identifier: Apache-2.0
// The scales of a number of channels: their memory, and what they are from mean and rstd.
#pragma once

#include <cstddef>
#include <cstdint>

#include "server/kernels/native/loops.h"
#include "server/kernels/native/setting.h"

namespace normbench {

// Memory for the scales of so many channels, in bytes, and where they are in it.
size_t ScalesBytes(int64_t count);
ColumnScales ScalesAt(std::byte* memory, int64_t count);

struct ChannelRange {
  int64_t begin = 0, end = 0;
};

// What multiplies x - high, and what is added, of the channel or element with this index; null
// gamma and beta: 1 and 0.
struct Scaling {
  float scale = 1, bias = 0;
};
inline Scaling ScalingOf(const Standard& standard, const float* gamma, const float* beta,
                         int64_t index) {
  const float scale = gamma == nullptr ? standard.rstd : standard.rstd * gamma[index];
  return {scale, (beta == nullptr ? 0 : beta[index]) - standard.low * scale};
}

// The same buffers, gamma and beta counted from a channel.
inline NormBuffers FromChannel(NormBuffers norm, int64_t channel) {
  if (norm.gamma != nullptr) norm.gamma += channel;
  if (norm.beta != nullptr) norm.beta += channel;
  return norm;
}

// Makes scales of what is known of each channel: high stays, scale is rstd, bias the low part of
// the mean. In loops over arrays, which the compiler makes vectors of.
void ToScales(const NormBuffers& norm, ChannelRange channels, const ColumnScales& scales);

// Of channels that share one mean and rstd.
void FillScales(const NormBuffers& norm, ChannelRange channels, const Standard& standard,
                const ColumnScales& scales);

// Of all channels, where mean and variance are the caller's or there are none; writes what the
// caller wants to have of them.
void FillGivenScales(const Setting& setting, const NormBuffers& norm, const ColumnScales& scales);

}  // namespace normbench
