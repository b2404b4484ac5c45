// SPDX-License-Identifier: Apache-2.0
// The float64 reference as a contender, for scale: small plain norms, one thread.
#pragma once

#include <memory>

#include "bench/micro/kernels/contender.h"

namespace normbench {

// Tensors of more elements would take seconds a call.
inline constexpr int64_t kMaxReferenceElements = 65536;

std::unique_ptr<Contender> MakeReferenceContender();

}  // namespace normbench
