// SPDX-License-Identifier: Apache-2.0
#include "server/kernels/native/affine.h"

#include "server/kernels/native/steps.h"

namespace normbench {
namespace {

int64_t Elements(const Setting& setting) {
  return setting.problem.shape.channels() * setting.problem.shape.spatial();
}

// values[c * spatial + s] in memory order; by_channel: the same for every place of a channel.
void Rearrange(const Setting& setting, const float* values, float* to) {
  const int64_t channels = setting.problem.shape.channels();
  const int64_t spatial = setting.problem.shape.spatial();
  const bool last = setting.problem.format.layout == Layout::kNhwc;
  const bool by_channel = setting.problem.spec.affine == Affine::kChannel;
  for (int64_t c = 0; c < channels; ++c) {
    for (int64_t s = 0; s < spatial; ++s)
      to[last ? s * channels + c : c * spatial + s] = values[by_channel ? c : c * spatial + s];
  }
}

}  // namespace

size_t ExpandedBytes(const Setting& setting) {
  if (!setting.scheme.expands_affine) return 0;
  return 2 * Lines(Elements(setting) * static_cast<int64_t>(sizeof(float)));
}

AffinePointers AffineOf(const Setting& setting, const NormBuffers& buffers,
                        const std::byte* shared) {
  if (buffers.gamma == nullptr || !setting.scheme.expands_affine)
    return {buffers.gamma, buffers.beta};
  const std::byte* beta = shared + ExpandedBytes(setting) / 2;
  return {reinterpret_cast<const float*>(shared),
          buffers.beta == nullptr ? nullptr : reinterpret_cast<const float*>(beta)};
}

void Expand(const Setting& setting, const NormBuffers& buffers, std::byte* shared) {
  if (buffers.gamma == nullptr || !setting.scheme.expands_affine) return;
  Rearrange(setting, buffers.gamma, reinterpret_cast<float*>(shared));
  if (buffers.beta == nullptr) return;
  Rearrange(setting, buffers.beta, reinterpret_cast<float*>(shared + ExpandedBytes(setting) / 2));
}

}  // namespace normbench
