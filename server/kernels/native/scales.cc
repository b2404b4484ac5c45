// SPDX-License-Identifier: Apache-2.0
#include "server/kernels/native/scales.h"

#include <algorithm>
#include <cmath>

#include "server/kernels/native/steps.h"

namespace normbench {
namespace {

size_t ArrayBytes(int64_t count) {
  return Lines(count * static_cast<int64_t>(sizeof(float)));
}

}  // namespace

size_t ScalesBytes(int64_t count) {
  return 3 * ArrayBytes(count);
}

ColumnScales ScalesAt(std::byte* memory, int64_t count) {
  const size_t bytes = ArrayBytes(count);
  return {reinterpret_cast<float*>(memory), reinterpret_cast<float*>(memory + bytes),
          reinterpret_cast<float*>(memory + 2 * bytes)};
}

void ToScales(const NormBuffers& norm, ChannelRange channels, const ColumnScales& scales) {
  if (norm.gamma == nullptr) {
    for (int64_t c = channels.begin; c < channels.end; ++c)
      scales.bias[c] = 0 - scales.bias[c] * scales.scale[c];
    return;
  }
  for (int64_t c = channels.begin; c < channels.end; ++c) {
    const float scale = scales.scale[c] * norm.gamma[c];
    scales.bias[c] = 0 - scales.bias[c] * scale;
    scales.scale[c] = scale;
  }
  if (norm.beta == nullptr) return;
  for (int64_t c = channels.begin; c < channels.end; ++c) scales.bias[c] += norm.beta[c];
}

void FillScales(const NormBuffers& norm, ChannelRange channels, const Standard& standard,
                const ColumnScales& scales) {
  const int64_t count = channels.end - channels.begin;
  std::fill_n(scales.high + channels.begin, count, standard.high);
  std::fill_n(scales.scale + channels.begin, count, standard.rstd);
  std::fill_n(scales.bias + channels.begin, count, standard.low);
  ToScales(norm, channels, scales);
}

void FillGivenScales(const Setting& setting, const NormBuffers& norm, const ColumnScales& scales) {
  const int64_t channels = setting.scheme.channels;
  std::fill_n(scales.bias, channels, 0.0f);
  if (TakesStatistics(setting.problem.spec)) {
    const double eps = setting.problem.spec.eps;
    std::copy_n(norm.mean, channels, scales.high);
    for (int64_t c = 0; c < channels; ++c)
      scales.scale[c] = static_cast<float>(1 / std::sqrt(norm.variance[c] + eps));
    if (norm.mean_out != nullptr) std::copy_n(scales.high, channels, norm.mean_out);
    if (norm.rstd_out != nullptr) std::copy_n(scales.scale, channels, norm.rstd_out);
  } else {
    std::fill_n(scales.high, channels, 0.0f);
    std::fill_n(scales.scale, channels, 1.0f);
  }
  ToScales(norm, {0, channels}, scales);
}

}  // namespace normbench
