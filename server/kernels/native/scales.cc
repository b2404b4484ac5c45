// SPDX-License-Identifier: Apache-2.0
#include "server/kernels/native/scales.h"

#include <cmath>

namespace normbench {

void FillScales(const NormBuffers& norm, ChannelRange channels, const Standard& standard,
                const ColumnScales& scales) {
  for (int64_t c = channels.begin; c < channels.end; ++c) {
    const float scale = norm.gamma == nullptr ? standard.rstd : standard.rstd * norm.gamma[c];
    scales.high[c] = standard.high;
    scales.scale[c] = scale;
    scales.bias[c] = (norm.beta == nullptr ? 0 : norm.beta[c]) - standard.low * scale;
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
