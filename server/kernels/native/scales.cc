// SPDX-License-Identifier: Apache-2.0
#include "server/kernels/native/scales.h"

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

void FillScales(const NormBuffers& norm, ChannelRange channels, const Standard& standard,
                const ColumnScales& scales) {
  for (int64_t c = channels.begin; c < channels.end; ++c) {
    const Scaling scaling = ScalingOf(standard, norm.gamma, norm.beta, c);
    scales.high[c] = standard.high;
    scales.scale[c] = scaling.scale;
    scales.bias[c] = scaling.bias;
  }
}

void FillGivenScales(const Setting& setting, const NormBuffers& norm, const ColumnScales& scales) {
  for (int64_t c = 0; c < setting.scheme.channels; ++c) {
    Standard standard;
    if (TakesStatistics(setting.problem.spec)) {
      standard.high = norm.mean[c];
      standard.rstd =
          static_cast<float>(1 / std::sqrt(norm.variance[c] + setting.problem.spec.eps));
      if (norm.mean_out != nullptr) norm.mean_out[c] = standard.high;
      if (norm.rstd_out != nullptr) norm.rstd_out[c] = standard.rstd;
    }
    FillScales(norm, {c, c + 1}, standard, scales);
  }
}

}  // namespace normbench
