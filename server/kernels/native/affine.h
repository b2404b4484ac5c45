// SPDX-License-Identifier: Apache-2.0
// gamma and beta in the order in which the values lie in memory.
#pragma once

#include <cstddef>

#include "server/kernels/native/setting.h"

namespace normbench {

// Bytes that Expand fills.
size_t ExpandedBytes(const Setting& setting);

// Where gamma and beta are, null where there is none: the caller's, or, where the scheme expands
// them, at `shared`.
struct AffinePointers {
  const float* gamma = nullptr;
  const float* beta = nullptr;
};
AffinePointers AffineOf(const Setting& setting, const NormBuffers& buffers,
                        const std::byte* shared);

// Writes what AffineOf points to, where the scheme expands. REQUIRES: ExpandedBytes() at `shared`.
void Expand(const Setting& setting, const NormBuffers& buffers, std::byte* shared);

}  // namespace normbench
